#include "nasmyth/search/space_check.h"

#include <algorithm>
#include <map>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/choice_weights.h"
#include "nasmyth/resource/open_network.h"
#include "nasmyth/search/run_loading.h"

namespace nasmyth {
namespace {

constexpr std::size_t kMostHashedNodes = 3'000'000;  // nodes of all networks that are compared

// 1 for each option that can be derived.
ChoiceFunction derivable(const ChoiceSet& choices, int c) {
  std::vector<double> values;
  for (const auto& option : choices[c].options) values.push_back(option.search_only ? 0 : 1);
  return ChoiceFunction::of(c, std::move(values));
}

// Multiplies all functions that read `choice` and sums it out.
void eliminate(std::vector<ChoiceFunction>& functions, int choice) {
  ChoiceFunction product = 1;
  std::vector<ChoiceFunction> rest;
  for (auto& f : functions) {
    if (f.depends_on(choice))
      product = times(product, f);
    else
      rest.push_back(std::move(f));
  }
  rest.push_back(reduce(product, choice, 0, [](double sum, double x, int) { return sum + x; }));
  functions = std::move(rest);
}

// Options that lead to one network, choice by choice; what the network does not read is named
// elsewhere.
void find_equal_options(const NetworkGraph& graph, std::vector<std::string>& warnings) {
  std::size_t options = 0;
  const auto read = graph.open_choices();
  for (int c : read) options += (*graph.choices())[c].options.size();
  if (options * static_cast<std::size_t>(graph.size()) > kMostHashedNodes) return;
  const Architecture open(graph.choices());
  for (int c : read) {
    const Choice& choice = (*graph.choices())[c];
    std::map<std::uint64_t, std::vector<std::string>> by_network;
    for (int o = 0; o < choice.size(); ++o)
      by_network[graph.bind_partly(open.with(c, o)).structural_hash()].push_back(
          choice.options[static_cast<std::size_t>(o)].label);
    if (by_network.size() == 1 && choice.size() > 1) {
      warnings.push_back("the choice '" + choice.name + "' changes nothing in the network");
      continue;
    }
    for (const auto& [hash, labels] : by_network)
      if (labels.size() > 1)
        warnings.push_back("the options '" + labels[0] + "' and '" + labels[1] + "' of '" +
                           choice.name + "' give the same network");
  }
}

void find_costless(const SpaceSummary& summary, std::vector<std::string>& warnings) {
  for (const auto& r : summary.resources)
    if (r.resource == "params" && r.least == r.greatest && summary.choices > 0)
      warnings.push_back("all networks have the same number of parameters");
}

std::string shape_of(const ExpandedGraph& expanded, int node) {
  return to_string(expanded.shapes[static_cast<std::size_t>(node)]);
}

}  // namespace

std::optional<double> count_architectures(const ChoiceSet& choices) {
  std::vector<ChoiceFunction> functions;
  for (int c = 0; c < choices.size(); ++c) functions.push_back(derivable(choices, c));
  for (const auto& constraint : choices.constraints())
    functions.push_back(
        combine(constraint, 0, [](double x, double) { return x == 0 ? 1.0 : 0.0; }));
  try {
    for (int c = 0; c < choices.size(); ++c) eliminate(functions, c);
  } catch (const Error&) {  // a table too large
    return std::nullopt;
  }
  double count = 1;
  for (const auto& f : functions) count *= f.constant();
  return count;
}

SpaceCheck check_space(const SearchSpace& space, const Form& target, const OperationSet& operations,
                       std::vector<std::string> warnings) {
  SpaceCheck check;
  check.warnings = std::move(warnings);
  const NetworkGraph open = open_network(space, target).deployed();
  const ExpandedGraph expanded = expand(open, operations);
  check.input = shape_of(expanded, expanded.graph.inputs().at(0));
  check.output = shape_of(expanded, expanded.graph.outputs().at(0).node);
  check.target_nodes = expanded.graph.size();
  check.architectures = count_architectures(*space.choices());
  if (check.architectures == 0.0)
    throw Error(ErrorKind::kInfeasible, "constraints",
                "no architecture meets all constraints together", "loosen one of them");
  Form search = target;
  search.role = FormRole::kSearch;
  const ExpandedGraph search_form = expand(open_network(space, search), operations);
  check.search_nodes = search_form.graph.size();
  try {
    find_sites(search_form);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::kUnsupported) throw;
    check.warnings.push_back(
        "gradient searches cannot train it with choices open, only sampling strategies such as "
        "`random` can: " +
        std::string(e.what()));
  }
  find_equal_options(open, check.warnings);
  check.summary = summarize(space, target, operations, {}, RandomStream(1).fork("check"));
  find_costless(check.summary, check.warnings);
  return check;
}

}  // namespace nasmyth
