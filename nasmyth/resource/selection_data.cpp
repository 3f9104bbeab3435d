#include "nasmyth/resource/selection_data.h"

#include <algorithm>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kIncumbentNodes = 200'000;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

SelectionData::SelectionData(const NetworkGraph& open_target, const OperationSet& operation_set,
                             std::vector<Limit> all_limits)
    : operations(operation_set), limits(std::move(all_limits)) {
  OpenNetwork open(open_target, operations, Naming::kNarrow);
  graph = open.graph();
  std::vector<std::vector<ChoiceFunction>> rows;
  for (std::size_t l = 0; l < limits.size(); ++l) {
    models.push_back(make_resource_model(limits[l].resource));
    auto terms = models.back()->terms(open);
    if (!terms)
      throw Error(ErrorKind::kUnsupported, "limits." + limits[l].resource,
                  "the resource has no terms by choice, which a selection under limits needs",
                  "limit params or macs");
    for (auto& part : terms->parts) {
      rows.push_back(std::move(part));
      row_limit.push_back(l);
    }
  }
  for (int c = 0; c < graph.choices()->size(); ++c) activity.push_back(open.activity(c));
  named = open.named();
  problem.dims = open.dims();
  fill_problem(rows);
  Goal goal{nullptr, std::vector<RowRole>(rows.size(), RowRole::kMinimised)};
  goal.good_enough = 1;
  Outcome outcome = minimise(problem, goal, {kIncumbentNodes});
  if (outcome.found && within_limits(outcome.x)) incumbent = std::move(outcome.x);
}

std::vector<ChoiceFunction> SelectionData::hard_functions() const {
  std::vector<ChoiceFunction> hard = graph.choices()->constraints();
  for (int c = 0; c < graph.choices()->size(); ++c) {
    std::vector<double> forbidden;
    for (const auto& option : (*graph.choices())[c].options)
      forbidden.push_back(option.search_only ? kInfinity : 0);
    if (std::count(forbidden.begin(), forbidden.end(), 0.0) !=
        static_cast<std::ptrdiff_t>(forbidden.size()))
      hard.push_back(ChoiceFunction::of(c, std::move(forbidden)));
  }
  for (std::size_t k = 0; k < named.size(); ++k)
    hard.push_back(definition(named[k], graph.choices()->size() + static_cast<int>(k)));
  return hard;
}

void SelectionData::fill_problem(const std::vector<std::vector<ChoiceFunction>>& rows) {
  const auto hard = hard_functions();
  std::vector<std::vector<int>> scopes;
  for (const auto& f : hard) scopes.push_back(f.scope());
  for (const auto& row : rows)
    for (const auto& f : row) scopes.push_back(f.scope());
  for (int c = 0; c < graph.choices()->size(); ++c) {
    std::vector<int> scope = activity[at(c)].scope();
    if (!activity[at(c)].depends_on(c)) scope.push_back(c);
    std::sort(scope.begin(), scope.end());
    scopes.push_back(std::move(scope));
  }
  problem.plan = EliminationPlan(problem.dims, graph.choices()->size(), scopes);
  problem.hard = problem.plan.spread(hard);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    problem.rows.push_back(problem.plan.spread(rows[r]));
    problem.scales.push_back(limits[row_limit[r]].at_most);
    const EliminationPlan::Weighted sum[] = {{&problem.rows.back(), 1}};
    problem.plan.eliminate(&problem.hard, sum, problem.least.emplace_back());
  }
  problem.active.assign(problem.dims.size(), ChoiceFunction(1));
  for (int c = 0; c < graph.choices()->size(); ++c) problem.active[at(c)] = activity[at(c)];
  // Constraints tell options apart even where they do not act.
  for (const auto& constraint : graph.choices()->constraints())
    for (int c : constraint.scope()) problem.active[at(c)] = 1;
}

std::vector<int> SelectionData::variables(const Architecture& architecture) const {
  if (architecture.choices() != graph.choices() &&
      architecture.choices()->hash() != graph.choices()->hash())
    throw Error(ErrorKind::kInvalidArgument, "architecture",
                "it belongs to another set of choices");
  return complete_variables(architecture.options(), named);
}

Architecture SelectionData::architecture(const std::vector<int>& x) const {
  return Architecture(graph.choices(), {x.begin(), x.begin() + graph.choices()->size()});
}

double SelectionData::cost(std::size_t limit, const std::vector<int>& x) const {
  double cost = -kInfinity;
  for (std::size_t r = 0; r < row_limit.size(); ++r)
    if (row_limit[r] == limit) cost = std::max(cost, problem.plan.total(problem.rows[r], x));
  return cost;
}

std::vector<double> SelectionData::counted(const Architecture& architecture) const {
  const NetworkGraph closed = graph.bind(architecture);
  std::vector<double> costs;
  for (const auto& model : models) costs.push_back(model->cost(closed, operations));
  return costs;
}

bool SelectionData::allowed(const std::vector<int>& x) const {
  return problem.plan.total(problem.hard, x) == 0;
}

bool SelectionData::within_limits(const std::vector<int>& x) const {
  for (std::size_t r = 0; r < row_limit.size(); ++r)
    if (!within(problem.plan.total(problem.rows[r], x), limits[row_limit[r]])) return false;
  return true;
}

std::vector<RowRole> SelectionData::roles(std::size_t limit, RowRole own, RowRole others) const {
  std::vector<RowRole> roles;
  for (std::size_t l : row_limit) roles.push_back(l == limit ? own : others);
  return roles;
}

}  // namespace nasmyth
