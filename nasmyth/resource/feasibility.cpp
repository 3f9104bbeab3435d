// What limits allow: SelectionProblem::feasibility and its words.
#include <algorithm>
#include <cmath>

#include "nasmyth/core/options.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/resource/selection_data.h"

namespace nasmyth {
namespace {

std::string number_text(double value) {
  return std::isfinite(value) ? print_number(value) : "impossible";
}

std::string excess_text(double cost, const Limit& limit) {
  const double percent = 100 * (cost / limit.at_most - 1);
  const double rounded = std::round(percent * 10) / 10;
  return (rounded >= 0 ? "+" : "") + print_number(rounded) + " %";
}

// Least cost of one resource, the other limits obeyed or ignored.
double least_cost(const SelectionData& data, std::size_t limit, RowRole others,
                  const Effort& effort, Feasibility& result) {
  Goal goal{nullptr, data.roles(limit, RowRole::kMinimised, others)};
  const Outcome outcome = minimise(data.problem, goal, effort);
  result.nodes += outcome.nodes;
  result.proven = result.proven && outcome.proven;
  return outcome.found ? data.cost(limit, outcome.x) : kInfinity;
}

Selection as_incumbent(const Feasibility& result) {
  Selection selection;
  selection.architecture = result.nearest;
  selection.proven = false;
  selection.nodes = result.nodes;
  selection.costs = result.nearest_costs;
  selection.upper_bound = kInfinity;
  selection.gap = kInfinity;
  return selection;
}

}  // namespace

Feasibility SelectionProblem::feasibility(Effort effort) const {
  const SelectionData& data = *data_;
  Feasibility result;
  result.proven = true;
  result.limits = data.limits;
  for (std::size_t l = 0; l < data.limits.size(); ++l) {
    result.least_alone.push_back(least_cost(data, l, RowRole::kIgnored, effort, result));
    result.least_under_others.push_back(least_cost(data, l, RowRole::kLimited, effort, result));
  }
  Goal goal{nullptr, std::vector<RowRole>(data.row_limit.size(), RowRole::kMinimised)};
  goal.good_enough = 1;
  std::vector<std::vector<int>> starts;
  if (data.incumbent) starts.push_back(*data.incumbent);
  const Outcome outcome = minimise(data.problem, goal, effort, starts);
  result.nodes += outcome.nodes;
  result.nearest = Architecture(data.graph.choices());
  if (!outcome.found) {
    result.proven = result.proven && outcome.proven;
    result.nearest_costs.assign(data.limits.size(), kInfinity);
    return result;
  }
  result.nearest = data.architecture(outcome.x);
  result.nearest_costs = data.counted(result.nearest);
  result.feasible = true;
  for (std::size_t l = 0; l < data.limits.size(); ++l)
    result.feasible = result.feasible && within(result.nearest_costs[l], data.limits[l]);
  if (result.feasible)
    result.incumbent = as_incumbent(result);
  else
    result.proven = result.proven && outcome.proven;
  return result;
}

std::string Feasibility::to_text() const {
  const bool nothing = !limits.empty() && !std::isfinite(least_alone[0]);
  std::string text = feasible  ? "The limits can be met.\n"
                     : nothing ? "The constraints of the space allow no architecture.\n"
                     : proven  ? "No architecture meets all limits.\n"
                               : "No architecture within all limits was found.\n";
  TextTable table({{"resource"},
                   {"limit", Align::kRight},
                   {"least alone", Align::kRight},
                   {"least under the others", Align::kRight},
                   {feasible ? "one within" : "nearest", Align::kRight},
                   {"", Align::kRight}});
  for (std::size_t l = 0; l < limits.size(); ++l)
    table.add_row(
        {limits[l].resource, print_number(limits[l].at_most), number_text(least_alone[l]),
         number_text(least_under_others[l]), number_text(nearest_costs[l]),
         std::isfinite(nearest_costs[l]) ? excess_text(nearest_costs[l], limits[l]) : ""});
  if (!limits.empty()) text += table.to_string();
  return text;
}

Error Feasibility::error() const {
  std::string what =
      proven ? "no architecture meets all limits" : "no architecture within all limits was found";
  std::string remedy;
  for (std::size_t l = 0; l < limits.size(); ++l) {
    what += (l == 0 ? ": " : "; ") + limits[l].resource + " at most " +
            print_number(limits[l].at_most) + " (least alone " + number_text(least_alone[l]) +
            ", least under the other limits " + number_text(least_under_others[l]) +
            ", nearest network " + number_text(nearest_costs[l]) + ")";
    if (std::isfinite(nearest_costs[l]) && !within(nearest_costs[l], limits[l]))
      remedy += (remedy.empty() ? "raise " : ", ") + limits[l].resource + " to " +
                print_number(nearest_costs[l]);
  }
  if (remedy.empty()) remedy = "loosen the constraints of the space";
  return Error(ErrorKind::kInfeasible, "limits", what, remedy);
}

}  // namespace nasmyth
