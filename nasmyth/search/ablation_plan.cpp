#include "nasmyth/search/ablation_plan.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

bool usable(const Choice& choice, int option) {
  return !choice.options[static_cast<std::size_t>(option)].search_only;
}

// The option that leaves the component out; -1 where there is none.
int removing_option(const Choice& choice) {
  constexpr std::array<const char*, 5> kNames{"none", "zero", "skip_connect", "skip", "identity"};
  for (const char* name : kNames)
    if (const int o = choice.index_of(name); o >= 0 && usable(choice, o)) return o;
  return -1;
}

// The usable options of a choice, best first.
std::vector<int> ranked(const Choice& choice, const std::vector<double>* logits) {
  std::vector<int> options;
  for (int o = 0; o < choice.size(); ++o)
    if (usable(choice, o)) options.push_back(o);
  if (logits)
    std::stable_sort(options.begin(), options.end(), [&](int a, int b) {
      return (*logits)[static_cast<std::size_t>(a)] > (*logits)[static_cast<std::size_t>(b)];
    });
  return options;
}

const std::vector<double>* row_of(const std::optional<OptionWeights>& logits, int choice) {
  return logits ? &(*logits)[static_cast<std::size_t>(choice)] : nullptr;
}

std::vector<int> all_others(const Choice& choice, int found) {
  std::vector<int> options;
  for (int o = 0; o < choice.size(); ++o)
    if (o != found && usable(choice, o)) options.push_back(o);
  return options;
}

std::vector<int> neighbours(const Choice& choice, int found) {
  std::vector<int> options;
  for (int o = found - 1; o >= 0 && options.empty(); --o)
    if (usable(choice, o)) options.push_back(o);
  const std::size_t below = options.size();
  for (int o = found + 1; o < choice.size() && options.size() == below; ++o)
    if (usable(choice, o)) options.push_back(o);
  return options;
}

std::vector<int> next_options(const Choice& choice, int found, const std::vector<double>* logits) {
  if (choice.ordered) return neighbours(choice, found);
  std::vector<int> options;
  const std::vector<int> best = ranked(choice, logits);
  // Without logits the options have no order but their own: the one after the found one is next.
  for (std::size_t i = 0; i < best.size() && options.empty(); ++i) {
    const std::size_t from =
        logits
            ? 0
            : static_cast<std::size_t>(std::find(best.begin(), best.end(), found) - best.begin());
    if (const int o = best[(from + i) % best.size()]; o != found) options.push_back(o);
  }
  const int removing = removing_option(choice);
  if (removing >= 0 && removing != found &&
      std::find(options.begin(), options.end(), removing) == options.end())
    options.push_back(removing);
  return options;
}

Architecture completed(Architecture a, const std::optional<OptionWeights>& logits) {
  for (int c = 0; c < a.choices()->size(); ++c) {
    if (a.option(c) >= 0) continue;
    const auto options = ranked((*a.choices())[c], row_of(logits, c));
    if (!options.empty()) a = a.with(c, options.front());
  }
  return a;
}

bool fits(const std::string& patterns, const std::string& name) {
  bool found = patterns.empty();
  for (std::size_t at = 0; at < patterns.size();) {
    const std::size_t end = std::min(patterns.find(',', at), patterns.size());
    const std::string pattern(trim(std::string_view(patterns).substr(at, end - at)));
    found = found || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    at = end + 1;
  }
  return found;
}

Error no_choice_fits(const std::string& pattern, const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 6;
  const std::string_view nearest = nearest_name(pattern, names);
  std::string what = "no choice of the network fits '" + pattern + "'";
  if (!nearest.empty()) what.append("; did you mean '").append(nearest).append("'?");
  const std::span shown(names.data(), std::min(kShown, names.size()));
  return Error(ErrorKind::kUnknownName, "--only", what,
               "its " + std::to_string(names.size()) + " choices: " + join(shown, ", ") +
                   (shown.size() < names.size() ? ", ..." : ""));
}

// What a closed network computes, as text. Identities are wires: a layer that is skipped and one
// that is not there are alike. Networks of one space have their nodes in the same order.
std::string function_of(const NetworkGraph& network) {
  std::string text;
  std::vector<int> ids;
  int count = 0;
  for (const auto& node : network.nodes()) {
    if (node.operation == "identity" && node.inputs.size() == 1) {
      ids.push_back(ids[static_cast<std::size_t>(node.inputs.front())]);
      continue;
    }
    ids.push_back(count++);
    text += node.operation;
    for (const auto& [name, value] : node.attributes)
      text += " " + name + "=" +
              (std::holds_alternative<std::string>(value) ? std::get<std::string>(value)
                                                          : print_number(node.constant(name)));
    for (int input : node.inputs)
      text += " " + std::to_string(ids[static_cast<std::size_t>(input)]);
    text += "\n";
  }
  for (const auto& output : network.outputs())
    text += output.name + " " + std::to_string(ids[static_cast<std::size_t>(output.node)]) + "\n";
  return text;
}

// Collects the changes of one choice after the other.
class Planner {
 public:
  Planner(const SearchSpace& space, const Form& target, const OperationSet& operations,
          const AblationOptions& options, AblationPlan& plan)
      : space_(space), target_(target), operations_(operations), options_(options), plan_(plan) {}

  void add_choice(int c, const std::vector<double>* logits) {
    const Choice& choice = (*plan_.found.choices())[c];
    const int found = plan_.found.option(c);
    const auto others =
        options_.options == "all" ? all_others(choice, found) : next_options(choice, found, logits);
    std::set<std::string> seen{function_of(plan_.network)};
    std::int64_t rank = 0;
    for (int o : others) {
      AblationVariant v{choice.name,
                        plan_.found.label(c),
                        choice.options[static_cast<std::size_t>(o)].label,
                        o == removing_option(choice),
                        plan_.found.with(c, o),
                        {},
                        {}};
      if (!make(v) || !seen.insert(function_of(v.network)).second) continue;
      plan_.variants.push_back(std::move(v));
      ranks_.push_back(rank++);
    }
  }

  // The first change of every choice comes before the second of any.
  void keep_limit() {
    const auto limit = static_cast<std::size_t>(options_.limit);
    if (limit == 0 || plan_.variants.size() <= limit) return;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < ranks_.size(); ++i) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return ranks_[a] < ranks_[b]; });
    order.resize(limit);
    std::sort(order.begin(), order.end());
    std::vector<AblationVariant> kept;
    for (std::size_t i : order) kept.push_back(std::move(plan_.variants[i]));
    plan_.variants = std::move(kept);
  }

 private:
  bool make(AblationVariant& v) {
    if (!allowed(v.architecture)) {
      plan_.left_out.push_back(to_text(v) + ": the space's constraints forbid it");
      return false;
    }
    try {
      v.network = space_.network(v.architecture, target_);
      v.costs = all_costs(v.network, operations_);
    } catch (const Error& e) {
      plan_.left_out.push_back(to_text(v) + ": " + e.what());
      return false;
    }
    return true;
  }

  const SearchSpace& space_;
  const Form& target_;
  const OperationSet& operations_;
  const AblationOptions& options_;
  AblationPlan& plan_;
  std::vector<std::int64_t> ranks_;
};

}  // namespace

void describe(OptionFields<AblationOptions>& f) {
  using O = AblationOptions;
  f.add("run", &O::run, {"directory of the run"})
      .add("options", &O::options,
           {"next: the neighbours of an ordered choice, else the next best option and the one that "
            "leaves the component out; all: all other options",
            "",
            {},
            {},
            {"next", "all"}})
      .add("only", &O::only,
           {"patterns of the choices to change, such as 'stage1/*, */kernel'; empty: all"})
      .add("limit", &O::limit,
           {"greatest number of changes, 0 for all; the first of each choice before the second of "
            "any",
            "changes", 0, 1e6})
      .add("seeds", &O::seeds, {"trainings of each network", "seeds", 3, 1000})
      .add("epochs", &O::epochs,
           {"of each training, 0 for as many as the run's own", "epochs", 0, 1e6})
      .add("part", &O::part,
           {"images that are measured on: the selection part, which neither search nor training "
            "has read, or the test set",
            "",
            {},
            {},
            {"selection", "test"}})
      .add("severities", &O::severities, {"of noise, blur and contrast on these images", "", 1, 5})
      .add("margin", &O::margin,
           {"a difference of the objective that does not matter; five of it are vital", "", 1e-4,
            0.2})
      .add("device", &O::device, {"cpu or cuda[:n]; empty: the run's"});
}

AblationPlan plan_ablation(const SearchSpace& space, const Form& target,
                           const OperationSet& operations, const Architecture& found,
                           const std::optional<OptionWeights>& logits,
                           const AblationOptions& options) {
  const auto open = space.graph(target);
  if (!open)
    throw Error(ErrorKind::kUnsupported, "ablate",
                "the networks of the space are no sub-networks of one open network",
                "choose a run of a space with an open network");
  AblationPlan plan;
  plan.found = completed(found, logits);
  plan.network = space.network(plan.found, target);
  plan.costs = all_costs(plan.network, operations);
  const Architecture acting = open->canonical(plan.found);
  Planner planner(space, target, operations, options, plan);
  std::vector<std::string> names;
  bool any = false;
  for (int c = 0; c < acting.choices()->size(); ++c) {
    if (acting.option(c) < 0) continue;
    const std::string& name = (*acting.choices())[c].name;
    names.push_back(name);
    if (!fits(options.only, name)) continue;
    any = true;
    planner.add_choice(c, row_of(logits, c));
  }
  if (!any && !names.empty()) throw no_choice_fits(options.only, names);
  if (plan.variants.empty())
    throw Error(
        ErrorKind::kInvalidArgument, "ablate", "nothing can be changed in the network",
        options.only.empty() ? "choose a run of a space with more options" : "try another --only");
  planner.keep_limit();
  std::set<std::string> changed;
  for (const auto& v : plan.variants) changed.insert(v.choice);
  plan.choices = static_cast<int>(changed.size());
  return plan;
}

std::string to_text(const AblationVariant& v) {
  if (v.removes) return v.choice + ": without " + v.found + " (" + v.instead + ")";
  return v.choice + ": " + v.instead + " instead of " + v.found;
}

}  // namespace nasmyth
