#include "nasmyth/resource/selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nasmyth/resource/selection_data.h"

namespace nasmyth {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Scores with the checks done and minus infinity made finite.
std::vector<std::vector<double>> checked(const ChoiceSet& choices,
                                         std::vector<std::vector<double>> scores) {
  constexpr double kFarBelow = 1000;
  bool fits = scores.size() == at(choices.size());
  double lowest = 0;
  for (std::size_t c = 0; fits && c < scores.size(); ++c) {
    fits = scores[c].size() == choices[static_cast<int>(c)].options.size();
    for (double s : scores[c]) {
      if (std::isnan(s) || s == kInfinity)
        throw Error(ErrorKind::kInvalidArgument, "selection",
                    "a score of '" + choices[static_cast<int>(c)].name + "' is not finite");
      if (s != -kInfinity) lowest = std::min(lowest, s);
    }
  }
  if (!fits)
    throw Error(ErrorKind::kInvalidArgument, "selection",
                "the scores do not fit the choices: one for each option of each choice is needed");
  for (auto& row : scores)
    for (double& s : row)
      if (s == -kInfinity) s = lowest - kFarBelow;
  return scores;
}

// One selection: the objective of given scores and what happens to its solution.
class ScoredSelection {
 public:
  ScoredSelection(const SelectionData& data, std::vector<std::vector<double>> scores)
      : data_(data), scores_(std::move(scores)) {
    std::vector<ChoiceFunction> functions;
    double scale = 0;
    for (std::size_t c = 0; c < scores_.size(); ++c) {
      std::vector<double> values;
      double greatest = 0;
      for (double s : scores_[c]) {
        values.push_back(-s);
        greatest = std::max(greatest, std::abs(s));
      }
      scale += greatest;
      functions.push_back(
          times(data_.activity[c], ChoiceFunction::of(static_cast<int>(c), std::move(values))));
    }
    objective_ = data_.problem.plan.spread(functions);
    tolerance_ = 1e-12 * scale;
  }

  Outcome solve(const Effort& effort) const {
    Goal goal{&objective_, std::vector<RowRole>(data_.row_limit.size(), RowRole::kLimited),
              tolerance_};
    std::vector<std::vector<int>> starts;
    if (data_.incumbent) starts.push_back(*data_.incumbent);
    return minimise(data_.problem, goal, effort, starts);
  }

  Selection finish(const Outcome& outcome) const {
    Selection selection;
    std::vector<int> x = prefer_low_options(outcome.x);
    fill_inactive(x);
    selection.architecture = data_.architecture(x);
    selection.score = score(x);
    selection.proven = outcome.proven;
    selection.upper_bound = std::max(selection.score, -outcome.bound);
    if (selection.proven) selection.upper_bound = selection.score;
    selection.gap = selection.upper_bound - selection.score;
    selection.nodes = outcome.nodes;
    return selection;
  }

 private:
  double score(const std::vector<int>& x) const {
    return 0 - data_.problem.plan.total(objective_, x);
  }

  std::vector<int> with(const std::vector<int>& x, int choice, int option) const {
    std::vector<int> options(x.begin(), x.begin() + data_.graph.choices()->size());
    options[at(choice)] = option;
    return complete_variables(options, data_.named);
  }

  // Any solution of the same score would do; which one is found depends on the order of the
  // search, so choices are moved to their lowest equal option.
  std::vector<int> prefer_low_options(std::vector<int> x) const {
    const double kept = score(x);
    for (int c = 0; c < data_.graph.choices()->size(); ++c)
      for (int o = 0; o < x[at(c)]; ++o) {
        auto y = with(x, c, o);
        if (!data_.allowed(y) || !data_.within_limits(y) || score(y) < kept - tolerance_) continue;
        x = std::move(y);
        break;
      }
    return x;
  }

  void fill_inactive(std::vector<int>& x) const {
    for (int c = 0; c < data_.graph.choices()->size(); ++c) {
      if (data_.activity[at(c)].at(x) != 0) continue;
      std::vector<int> ranked(scores_[at(c)].size());
      std::iota(ranked.begin(), ranked.end(), 0);
      std::stable_sort(ranked.begin(), ranked.end(),
                       [&](int a, int b) { return scores_[at(c)][at(a)] > scores_[at(c)][at(b)]; });
      for (int o : ranked) {
        auto y = with(x, c, o);
        if (!data_.allowed(y)) continue;
        x = std::move(y);
        break;
      }
    }
  }

  const SelectionData& data_;
  std::vector<std::vector<double>> scores_;
  Potential objective_;
  double tolerance_ = 0;
};

}  // namespace

SelectionProblem::SelectionProblem(const NetworkGraph& open_target, const OperationSet& operations,
                                   std::vector<Limit> limits)
    : data_(std::make_shared<SelectionData>(open_target, operations, std::move(limits))) {}

Selection SelectionProblem::select(const std::vector<std::vector<double>>& scores,
                                   Effort effort) const {
  const ScoredSelection scored(*data_, checked(*choices(), scores));
  Outcome outcome = scored.solve(effort);
  if (!outcome.found) {
    const Feasibility figures = feasibility(effort);
    if (!figures.incumbent) throw figures.error();
    outcome.x = data_->variables(figures.incumbent->architecture);
    outcome.nodes += figures.nodes;
  }
  Selection selection = scored.finish(outcome);
  selection.costs = data_->counted(selection.architecture);
  for (std::size_t l = 0; l < limits().size(); ++l)
    if (!within(selection.costs[l], limits()[l]))
      throw Error(ErrorKind::kInternal, "selection",
                  "the count of " + limits()[l].resource + " exceeds the sum of its terms");
  return selection;
}

double SelectionProblem::cost(std::size_t limit, const Architecture& architecture) const {
  return data_->cost(limit, data_->variables(architecture));
}

bool SelectionProblem::within_limits(const Architecture& architecture) const {
  return data_->within_limits(data_->variables(architecture));
}

std::vector<double> SelectionProblem::least() const {
  std::vector<double> least;
  for (std::size_t l = 0; l < limits().size(); ++l) {
    Goal goal{nullptr, data_->roles(l, RowRole::kMinimised, RowRole::kIgnored)};
    const Outcome outcome = minimise(data_->problem, goal, {});
    least.push_back(outcome.found ? data_->cost(l, outcome.x) : kInfinity);
  }
  return least;
}

std::vector<double> SelectionProblem::greatest() const {
  std::vector<double> greatest(limits().size(), -kInfinity);
  for (std::size_t r = 0; r < data_->row_limit.size(); ++r) {
    Potential negated = data_->problem.rows[r];
    negated.constant = 0 - negated.constant;
    for (auto& values : negated.values)
      for (double& value : values) value = 0 - value;
    Goal goal{&negated, std::vector<RowRole>(data_->row_limit.size(), RowRole::kIgnored)};
    const Outcome outcome = minimise(data_->problem, goal, {});
    if (!outcome.found) continue;
    double& most = greatest[data_->row_limit[r]];
    most = std::max(most, 0 - outcome.value);
  }
  return greatest;
}

const std::vector<Limit>& SelectionProblem::limits() const { return data_->limits; }
const ChoiceSetPtr& SelectionProblem::choices() const { return data_->graph.choices(); }

double use_of_limits(const SelectionProblem& problem, const Architecture& architecture) {
  double sum = 0;
  for (std::size_t i = 0; i < problem.limits().size(); ++i)
    sum += std::log(std::max(problem.cost(i, architecture), 1.0) / problem.limits()[i].at_most);
  return sum;
}

std::optional<Architecture> random_feasible(const SelectionProblem& problem, RandomStream& random,
                                            int tries) {
  try {
    for (int i = 0; i < tries; ++i) {
      Architecture a = random_architecture(problem.choices(), random);
      if (problem.within_limits(a)) return a;
    }
  } catch (const Error& error) {  // constraints that random draws hardly ever meet
    if (error.kind() != ErrorKind::kInfeasible) throw;
  }
  std::vector<std::vector<double>> scores;
  for (const auto& choice : *problem.choices()) {
    auto& row = scores.emplace_back();
    for (int o = 0; o < choice.size(); ++o) row.push_back(random.gumbel());
  }
  try {
    return problem.select(scores).architecture;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInfeasible) throw;
    return std::nullopt;
  }
}

}  // namespace nasmyth
