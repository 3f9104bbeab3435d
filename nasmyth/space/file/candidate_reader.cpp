// Choices between candidates and between nodes.
#include <algorithm>

#include "nasmyth/space/file/body_reader.h"
#include "nasmyth/space/file/wiring.h"

namespace nasmyth {
namespace {

constexpr std::size_t kMostInputs = 64;
constexpr std::size_t kMostSubsetInputs = 10;

}  // namespace

// `choose: NAME` a declared choice, `choose: [a, b]` or `choose: {a: ..., b: ...}` one of its own.
BodyReader::Candidates BodyReader::candidates(const DocumentNode& body, const Instance& instance,
                                              const Place& place) {
  const DocumentNode& what = *body.find("choose");
  Candidates c;
  c.bodies = body.find("options");
  if (c.bodies && !c.bodies->is_map())
    throw in_.errors.error(*c.bodies, "'options' is a map of labels; got " + describe(*c.bodies),
                           "write options: {small: {op: conv_bn}, none: {op: zero}}");
  const bool by_form = what.find("search") && what.find("target");
  if (what.is_map() && !by_form) {
    if (c.bodies)
      throw in_.errors.error(*c.bodies, "the candidates stand under 'choose' already", "keep one");
    c.bodies = &what;
    std::vector<SpaceValue> labels;
    for (const auto& label : what.keys()) labels.push_back(SpaceValue::of_word(label));
    c.decision = SpaceValue::of_list(std::move(labels));
  } else {
    c.decision = read_value(in_, what, names(instance, place), {});
  }
  const auto* search_only = body.find("search_only");
  if (c.decision.kind == SpaceValue::Kind::kList) {
    for (const auto& item : c.decision.items) c.labels.push_back(item.word);
    ChoiceForm form;
    form.search_only = read_words(in_, search_only);
    c.decision = make_choice(in_, what, place.scope, c.decision, form);
  } else if (search_only) {
    throw in_.errors.error(*search_only, "a declared choice says itself what is search_only",
                           "write it under 'choices'");
  }
  const bool one = c.decision.kind == SpaceValue::Kind::kList;
  if (c.decision.choice < 0 && !one)
    throw in_.errors.error(what, "'choose' is " + describe(c.decision, in_.builder.choices()),
                           "give a list of operations, a map of candidates, or a declared choice");
  if (!one) c.labels = in_.builder.choices()[static_cast<std::size_t>(c.decision.choice)].labels();
  return c;
}

int BodyReader::choose(const DocumentNode& body, const Instance& instance, const Place& place) {
  const DocumentNode& what = *body.find("choose");
  const Values values =
      values_of(body, {"choose", "options", "from", "repeat", "search_only"}, instance, place);
  const Candidates c = candidates(body, instance, place);
  if (c.bodies)
    for (const auto& [label, own] : c.bodies->entries)
      if (std::find(c.labels.begin(), c.labels.end(), label.text) == c.labels.end())
        throw unknown_name(in_.errors.at(label.place), "option", label.text.substr(0, 64),
                           c.labels);
  std::set<std::string> taken;  // attributes that some candidate has
  std::vector<int> branches;
  for (std::size_t i = 0; i < c.labels.size(); ++i) {
    const std::string& label = c.labels[i];
    const DocumentNode* own = c.bodies ? c.bodies->find(label) : nullptr;
    if (c.bodies && !own)
      throw in_.errors.error(*c.bodies, "the option '" + label + "' is missing",
                             "add " + label + ": {op: ...}");
    const bool listed = what.is_list() && what.items.size() == c.labels.size();
    const DocumentNode& at = own ? *own : listed ? what.items[i] : what;
    Place branch = place;
    branch.scope += "/" + label;
    Values known;
    if (!own)
      for (const auto& key : keys_of(label))
        if (const auto it = values.find(key); it != values.end()) {
          known.insert(*it);
          taken.insert(key);
        }
    branches.push_back(candidate(at, label, own, known, instance, branch));
  }
  for (const auto& [key, value] : values)
    if (!taken.contains(key))
      throw in_.errors.error(*value.at, "no candidate has the attribute '" + key + "'",
                             c.bodies ? "write it into the candidates" : "remove it");
  if (c.decision.choice < 0) return branches[0];
  return add_select(what, place.scope, std::move(branches), c.decision.choice);
}

// One branch: its own body, or an operation or template by its name.
int BodyReader::candidate(const DocumentNode& at, const std::string& label,
                          const DocumentNode* body, const Values& values, const Instance& instance,
                          const Place& place) {
  if (body) return node(*body, instance, place);
  if (find_template(label)) return use(at, label, values, place);
  if (in_.operations.find(label)) return operation(at, label, values, place, {});
  std::vector<std::string> known = in_.operations.names();
  known.insert(known.end(), in_.templates.begin(), in_.templates.end());
  throw unknown_name(in_.errors.at(at.place), "operation", label.substr(0, 64), known);
}

int BodyReader::select(const DocumentNode& body, const Instance& instance, const Place& place) {
  in_.errors.check_keys(body, {"select", "pick", "choice"}, "key of a select");
  const DocumentNode& list = *body.find("select");
  std::vector<int> inputs;
  std::vector<SpaceValue> labels;
  for (const auto* name : names_in(in_.errors, list)) {
    inputs.push_back(instance.results.at(name->text));
    labels.push_back(SpaceValue::of_word(name->text));
  }
  if (inputs.size() > kMostInputs)
    throw in_.errors.error(list, "a select has at most " + std::to_string(kMostInputs) + " inputs");
  if (const auto* pick = body.find("pick")) {
    if (body.find("choice"))
      throw in_.errors.error(*pick, "'pick' makes a choice of its own and stands without 'choice'",
                             "keep one");
    return subset(body, *pick, instance, place, inputs);
  }
  const DocumentNode* named = body.find("choice");
  const SpaceValue decision =
      named ? read_value(in_, *named, names(instance, place), {})
            : make_choice(in_, list, place.scope, SpaceValue::of_list(labels));
  if (!named && decision.choice < 0) return inputs[0];
  if (decision.choice < 0)
    throw in_.errors.error(*named, "'choice' is " + describe(decision, in_.builder.choices()),
                           "name a choice declared under 'choices'");
  const Choice& choice = in_.builder.choices()[static_cast<std::size_t>(decision.choice)];
  if (choice.options.size() != inputs.size())
    throw in_.errors.error(list,
                           "the choice '" + choice.name + "' has " +
                               std::to_string(choice.options.size()) + " options for " +
                               std::to_string(inputs.size()) + " inputs",
                           "name one input for each option");
  return add_select(list, place.scope, std::move(inputs), decision.choice);
}

// `pick: 2` or `pick: [1, 2]`: so many of the inputs, summed.
int BodyReader::subset(const DocumentNode& body, const DocumentNode& pick, const Instance& instance,
                       const Place& place, const std::vector<int>& inputs) {
  const NodeScope names_here = names(instance, place);
  SpaceValue counts = read_value(in_, pick, names_here, {});
  if (counts.kind != SpaceValue::Kind::kList) counts = SpaceValue::of_list({counts});
  const int most = static_cast<int>(inputs.size());
  if (inputs.size() > kMostSubsetInputs)
    throw in_.errors.error(body,
                           "'pick' takes at most " + std::to_string(kMostSubsetInputs) + " inputs",
                           {}, ErrorKind::kOutOfRange);
  Choice choice{place.scope, {}, false};
  std::set<int> seen;
  for (const auto& count : counts.items) {
    const int k = read_whole(in_, pick, count, 1, most, "pick", names_here);
    if (!seen.insert(k).second) continue;
    for (auto& option : subset_of(place.scope, most, k).options)
      choice.options.push_back(std::move(option));
  }
  if (choice.options.empty() || choice.options.size() > 64)
    throw in_.errors.error(
        pick,
        "'pick' makes " + std::to_string(choice.options.size()) + " options; a choice has 1 to 64",
        "use fewer inputs", ErrorKind::kOutOfRange);
  return add_select(body, place.scope, inputs, in_.choice(pick, std::move(choice)));
}

int BodyReader::add_select(const DocumentNode& at, const std::string& scope,
                           std::vector<int> inputs, int choice) {
  Node node;
  node.operation = "select";
  node.scope = scope;
  node.inputs = std::move(inputs);
  node.choice = choice;
  return in_.add(at, std::move(node));
}

}  // namespace nasmyth
