// Nodes, repetitions, operations and templates; choices are in candidate_reader.cpp.
#include "nasmyth/space/file/body_reader.h"

#include <algorithm>

#include "nasmyth/space/file/wiring.h"

namespace nasmyth {
namespace {

constexpr int kMostRepetitions = 200;
constexpr std::size_t kGreatestUseDepth = 16;
constexpr std::size_t kMostInputs = 64;
constexpr double kGreatestNumber = 65536;

}  // namespace

void BodyReader::nodes(const DocumentNode& section, Instance& instance,
                       const std::vector<std::string>& inputs, const DocumentNode* output) {
  const std::string& owner = instance.scope.owner();
  for (const auto& [name, body] : section.entries) {
    check_name(in_, name, name.text, "node");
    in_.declare("node '" + name.text + "'" + owner, name);
  }
  const Wiring wiring = wire(in_.errors, section, inputs);
  for (const auto& name : wiring.read) in_.use("node '" + name + "'" + owner);
  in_.use("node '" +
          (output && output->is_scalar() ? output->text : section.entries.back().first.text) + "'" +
          owner);
  for (int i : wiring.order) {
    const auto& [name, body] = section.entries[static_cast<std::size_t>(i)];
    Place place{instance.scope.path(name.text), {}, 0};
    // Unless it says what it reads: the node before it, which may come later where it does say so.
    const std::string& before =
        i > 0 ? section.entries[static_cast<std::size_t>(i) - 1].first.text : inputs[0];
    if (const auto it = instance.results.find(before); it != instance.results.end())
      place.inputs = {it->second};
    instance.results[name.text] = node(body, instance, place);
  }
}

int BodyReader::node(const DocumentNode& body, const Instance& instance, const Place& place) {
  in_.step(body);
  if (const auto* repeat = body.find("repeat")) return repeated(body, *repeat, instance, place);
  return single(body, instance, place);
}

// A chain of copies; where the number is a choice, a select over its prefixes.
int BodyReader::repeated(const DocumentNode& body, const DocumentNode& repeat,
                         const Instance& instance, const Place& place) {
  Place step = place;
  step.inputs = inputs_of(body, instance, place);
  const NodeScope names_here = names(instance, step);
  SpaceValue count = read_value(in_, repeat, names_here, place.scope + "/depth");
  if (count.kind == SpaceValue::Kind::kList)
    count = make_choice(in_, repeat, place.scope + "/depth", count);
  const bool chosen = count.is_number() && count.choice >= 0 && !count.number.is_constant();
  std::vector<double> depths{count.is_number() ? count.number.values() : std::vector<double>{}};
  if (!chosen && !count.is_constant())
    throw in_.errors.error(
        repeat, "'repeat' is " + describe(count, in_.builder.choices()),
        "write a number, a list such as [1, 2, 3], or the name of such a choice");
  for (double depth : depths)
    read_whole(in_, repeat, SpaceValue::of(depth), 0, kMostRepetitions, "repeat", names_here);
  const int most = static_cast<int>(*std::max_element(depths.begin(), depths.end()));
  std::vector<int> prefixes{step.inputs[0]};
  for (int i = 0; i < most; ++i) {
    in_.step(body);
    step.scope = place.scope + std::to_string(i);
    step.index = i;
    step.inputs[0] = prefixes.back();
    prefixes.push_back(single(body, instance, step));
  }
  if (!chosen) return prefixes.back();
  std::vector<int> branches;
  for (double depth : depths) branches.push_back(prefixes[static_cast<std::size_t>(depth)]);
  return add_select(repeat, place.scope, std::move(branches), count.choice);
}

int BodyReader::single(const DocumentNode& body, const Instance& instance, const Place& given) {
  if (body.is_scalar()) {
    const std::string name = word(body, instance, given);
    return candidate(body, name, nullptr, {}, instance, given);
  }
  if (!body.is_map())
    throw in_.errors.error(body, "a node is a map; got " + describe(body),
                           "write for instance {op: conv_bn, channels: 16}");
  std::vector<std::string> kinds;
  for (const char* kind : {"op", "use", "choose", "select"})
    if (body.find(kind)) kinds.emplace_back(kind);
  if (kinds.size() != 1)
    throw in_.errors.error(
        body,
        "a node needs one of op, use, choose, select; got " +
            (kinds.empty() ? "none, but " + describe(body) : kinds[0] + " and " + kinds[1]),
        "write for instance {op: conv_bn, channels: 16}");
  if (kinds[0] == "select") return select(body, instance, given);
  Place place = given;
  // A repetition has put the copy before in place of the first input already.
  if (!body.find("repeat")) place.inputs = inputs_of(body, instance, given);
  if (kinds[0] == "choose") return choose(body, instance, place);
  const DocumentNode& key = *body.find(kinds[0]);
  const std::string name = word(key, instance, place);
  const bool use_template = kinds[0] == "use";
  std::vector<std::string> reserved{kinds[0], "from", "repeat"};
  if (!use_template) reserved.emplace_back("share");
  if (use_template ? find_template(name) != nullptr : in_.operations.find(name) != nullptr)
    check_keys(body, keys_of(name), reserved,
               use_template ? "parameter of template '" + name + "'" : "attribute of " + name);
  const Values values = values_of(body, reserved, instance, place);
  if (use_template) return use(key, name, values, place);
  std::string share;
  if (const auto* node = body.find("share")) {
    if (!node->is_scalar())
      throw in_.errors.error(*node, "'share' names weights; got " + describe(*node));
    check_name(in_, *node, node->text, "weight");
    share = node->text;
  }
  return operation(key, name, values, place, share);
}

void BodyReader::check_keys(const DocumentNode& body, const std::vector<std::string>& known,
                            const std::vector<std::string>& reserved,
                            const std::string& owner) const {
  std::vector<std::string> all = known;
  all.insert(all.end(), reserved.begin() + 1, reserved.end());
  for (const auto& [key, value] : body.entries)
    if (key.text != reserved[0] && std::find(all.begin(), all.end(), key.text) == all.end())
      throw unknown_name(in_.errors.at(key.place), owner, key.text.substr(0, 64), all);
}

std::vector<int> BodyReader::inputs_of(const DocumentNode& body, const Instance& instance,
                                       const Place& place) const {
  const DocumentNode* from = body.find("from");
  if (!from) {
    if (place.inputs.empty())
      throw in_.errors.error(body, "the node reads nothing", "add from: name");
    return place.inputs;
  }
  std::vector<int> inputs;
  for (const auto* name : names_in(in_.errors, *from))
    inputs.push_back(instance.results.at(name->text));
  if (inputs.size() > kMostInputs)
    throw in_.errors.error(*from,
                           "a node reads at most " + std::to_string(kMostInputs) + " others");
  return inputs;
}

// The attributes or parameters of a body by name.
BodyReader::Values BodyReader::values_of(const DocumentNode& body,
                                         const std::vector<std::string>& reserved,
                                         const Instance& instance, const Place& place) {
  Values values;
  const NodeScope names_here = names(instance, place);
  for (const auto& [key, node] : body.entries) {
    if (std::find(reserved.begin(), reserved.end(), key.text) != reserved.end()) continue;
    check_name(in_, key, key.text, "attribute");
    values[key.text] = {read_value(in_, node, names_here, place.scope + "/" + key.text), &key};
  }
  return values;
}

// The name of an operation or template: itself, or a parameter that holds it.
std::string BodyReader::word(const DocumentNode& node, const Instance& instance,
                             const Place& place) const {
  if (!node.is_scalar()) throw in_.errors.error(node, "expected a name; got " + describe(node));
  if (const auto value = names(instance, place).find(node.text);
      value && value->kind == SpaceValue::Kind::kWord)
    return value->word;
  return node.text;
}

int BodyReader::operation(const DocumentNode& at, const std::string& name, const Values& values,
                          const Place& place, const std::string& share) {
  if (!in_.operations.find(name))
    throw unknown_name(in_.errors.at(at.place), "operation", name.substr(0, 64),
                       in_.operations.names());
  if (name == "input" || name == "select")
    throw in_.errors.error(at, "'" + name + "' is made by the file itself",
                           name == "input" ? "read the node 'image'" : "write select: [a, b]");
  const auto known = keys_of(name);
  Node node;
  node.operation = name;
  node.scope = place.scope;
  node.inputs = place.inputs;
  if (!share.empty()) node.keys[""] = share;
  for (const auto& [key, given] : values) {
    const SpaceValue& value = given.value;
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw unknown_name(in_.errors.at(given.at->place), "attribute of " + name, key, known);
    if (value.kind == SpaceValue::Kind::kWord) {
      node.attributes[key] = value.word;
      continue;
    }
    if (!value.is_number() ||
        std::max(-value.number.minimum(), value.number.maximum()) > kGreatestNumber)
      throw in_.errors.error(*given.at,
                             "the attribute '" + key + "' of " + name + " is " +
                                 describe(value, in_.builder.choices()),
                             "give a number of at most 65536, or a word", ErrorKind::kOutOfRange);
    node.attributes[key] = value.number;
  }
  return in_.add(at, std::move(node));
}

int BodyReader::use(const DocumentNode& at, const std::string& name, const Values& values,
                    const Place& place) {
  in_.step(at);
  const DocumentNode* text = find_template(name);
  if (!text) {
    const auto* templates = root_.find("templates");
    throw unknown_name(in_.errors.at(at.place), "template", name.substr(0, 64),
                       templates ? templates->keys() : std::vector<std::string>{});
  }
  enter(at, name, *text);
  std::vector<std::string> inputs{"x"};
  if (const auto* names_of_inputs = text->find("inputs")) {
    inputs.clear();
    for (const auto* input : names_in(in_.errors, *names_of_inputs)) {
      check_name(in_, *input, input->text, "input");
      inputs.push_back(input->text);
    }
  }
  if (inputs.size() != place.inputs.size())
    throw in_.errors.error(at,
                           "the template '" + name + "' takes " + std::to_string(inputs.size()) +
                               " input(s); got " + std::to_string(place.inputs.size()),
                           "name them with from: [a, b]");
  Instance inner{Scope(in_, &file_, place.scope, " of template '" + name + "'"), {}};
  for (std::size_t i = 0; i < inputs.size(); ++i) inner.results[inputs[i]] = place.inputs[i];
  declare_parameters(at, name, *text, values, inner.scope);
  inner.scope.declare_choices(text->find("choices"));
  uses_.push_back(name);
  const DocumentNode& body = required_section(in_, *text, "nodes", "the template '" + name + "'");
  const DocumentNode* output = text->find("output");
  nodes(body, inner, inputs, output);
  uses_.pop_back();
  inner.scope.read_constraints(text->find("constraints"));
  return result(output ? *output : body.entries.back().first, inner);
}

// Refuses a template that uses itself, or is none.
void BodyReader::enter(const DocumentNode& at, const std::string& name, const DocumentNode& text) {
  in_.use("template '" + name + "'");
  if (std::find(uses_.begin(), uses_.end(), name) != uses_.end() ||
      uses_.size() >= kGreatestUseDepth) {
    std::string path;
    for (const auto& used : uses_) path += used + " -> ";
    throw in_.errors.error(at,
                           "the templates use each other in a circle or too deeply: " + path + name,
                           "let none use itself");
  }
  if (!text.is_map())
    throw in_.errors.error(text, "a template is a map; got " + describe(text), "add 'nodes:'");
  in_.errors.check_keys(text, {"inputs", "parameters", "choices", "nodes", "output", "constraints"},
                        "key of a template");
}

void BodyReader::declare_parameters(const DocumentNode& at, const std::string& name,
                                    const DocumentNode& text, const Values& values, Scope& scope) {
  const auto known = keys_of(name);
  for (const auto& [key, value] : values)
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw unknown_name(in_.errors.at(value.at->place), "parameter of template '" + name + "'",
                         key, known);
  const auto* parameters = text.find("parameters");
  if (!parameters || parameters->is_null()) return;
  if (!parameters->is_map())
    throw in_.errors.error(*parameters, "'parameters' is a map; got " + describe(*parameters),
                           "write {width: 16}, or width: with nothing for one without default");
  for (const auto& [key, fallback] : parameters->entries) {
    const auto given = values.find(key.text);
    if (given == values.end() && fallback.is_null())
      throw in_.errors.error(at,
                             "the template '" + name + "' needs the parameter '" + key.text + "'",
                             "add " + key.text + ": ...");
    scope.declare(
        key, key.text,
        given != values.end() ? given->second.value : read_value(in_, fallback, scope, {}),
        "parameter");
  }
}

int BodyReader::result(const DocumentNode& named, const Instance& instance) const {
  const auto it = named.is_scalar() ? instance.results.find(named.text) : instance.results.end();
  if (it == instance.results.end()) throw unknown_node(in_, named, instance);
  return it->second;
}

const DocumentNode* BodyReader::find_template(const std::string& name) const {
  const auto* all = root_.find("templates");
  return all ? all->find(name) : nullptr;
}

std::vector<std::string> BodyReader::keys_of(const std::string& name) const {
  if (const auto* text = find_template(name)) {
    const auto* parameters = text->find("parameters");
    return parameters ? parameters->keys() : std::vector<std::string>{};
  }
  std::vector<std::string> keys;
  if (const Operation* operation = in_.operations.find(name))
    for (const auto& info : operation->attributes()) keys.push_back(info.name);
  return keys;
}

const DocumentNode& required_section(const Interpretation& in, const DocumentNode& map,
                                     const char* key, std::string_view what) {
  const DocumentNode* found = map.find(key);
  if (!found)
    throw in.errors.error(map, std::string(what) + " has no '" + key + "'",
                          "add a section '" + std::string(key) + ":'");
  if (!found->is_map() || found->entries.empty())
    throw in.errors.error(*found, "'" + std::string(key) + "' is a map; got " + describe(*found),
                          "write its entries as 'name: ...' lines");
  return *found;
}

Error unknown_node(const Interpretation& in, const DocumentNode& name, const Instance& instance) {
  std::vector<std::string> known;
  for (const auto& [node, result] : instance.results) known.push_back(node);
  const std::string text = name.is_scalar() ? name.text.substr(0, 64) : describe(name);
  return unknown_name(in.errors.at(name.place), "node", text, known);
}

}  // namespace nasmyth
