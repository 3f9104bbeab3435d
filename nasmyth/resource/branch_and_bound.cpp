#include "nasmyth/resource/branch_and_bound.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nasmyth/core/clock.h"

namespace nasmyth {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr int kDualSteps = 200;
constexpr int kStalledSteps = 8;
constexpr double kRoundOff = 1e-12;  // relative, of sums of costs

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Nearest point of the simplex (weights >= 0 of sum 1).
void project_to_simplex(std::vector<double*>& weights) {
  std::vector<double> sorted;
  for (const double* w : weights) sorted.push_back(*w);
  std::sort(sorted.rbegin(), sorted.rend());
  double sum = 0, shift = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i];
    const double candidate = (sum - 1) / static_cast<double>(i + 1);
    if (sorted[i] > candidate) shift = candidate;
  }
  for (double* w : weights) *w = std::max(0.0, *w - shift);
}

class Solver {
 public:
  Solver(const BoundedProblem& problem, const Goal& goal, const Effort& effort)
      : problem_(problem),
        plan_(problem.plan),
        goal_(goal),
        effort_(effort),
        n_(problem.dims.size()) {
    for (std::size_t r = 0; r < problem.rows.size(); ++r)
      if (goal.roles[r] != RowRole::kIgnored) used_.push_back(r);
    if (effort.seconds > 0) deadline_ = SystemClock().now_seconds() + effort.seconds;
  }

  Outcome run(const std::vector<std::vector<int>>& starts) {
    if (possible()) {
      relax(starts);
      best_.proven = true;
      if (!finished()) search();
    } else {
      best_.proven = true;
      best_.bound = kInf;
    }
    best_.bound = best_.proven ? best_.value : std::min(best_.value, best_.bound);
    return std::move(best_);
  }

 private:
  // Can every limited row alone be met?
  bool possible() const {
    for (std::size_t r : used_)
      if (problem_.least[r].root == kInf ||
          (goal_.roles[r] == RowRole::kLimited && problem_.least[r].root > cap(r)))
        return false;
    return true;
  }

  double cap(std::size_t r) const { return problem_.scales[r] * (1 + kRoundOff); }
  bool minimised(std::size_t r) const { return goal_.roles[r] == RowRole::kMinimised; }
  bool good_enough() const { return best_.found && best_.value <= goal_.good_enough; }
  bool finished() const {
    return good_enough() || best_.bound == kInf ||
           (best_.found && best_.bound >= best_.value - goal_.tolerance);
  }

  void offer(const std::vector<int>& x) {
    if (plan_.total(problem_.hard, x) != 0) return;
    double value = goal_.objective ? plan_.total(*goal_.objective, x) : -kInf;
    for (std::size_t r : used_) {
      const double cost = plan_.total(problem_.rows[r], x);
      if (!minimised(r) && cost > problem_.scales[r]) return;
      if (minimised(r)) value = std::max(value, cost / problem_.scales[r]);
    }
    if (best_.found && value >= best_.value - goal_.tolerance) return;
    best_.found = true;
    best_.value = value;
    best_.x = x;
  }

  // Greatest lower bound over the multipliers of the used rows.
  void relax(const std::vector<std::vector<int>>& starts) {
    std::vector<double> weights(problem_.rows.size(), 0);
    for (std::size_t r : used_)
      if (minimised(r)) weights[r] = 1;
    normalise(weights);
    weights_ = weights;
    double step = 1;
    int stalled = 0;
    Bounds bounds;
    for (int iteration = 0; iteration < kDualSteps; ++iteration) {
      const double bound = eliminate(weights, bounds);
      if (bound == kInf) {
        best_.bound = kInf;
        return;
      }
      const std::vector<int> x = plan_.minimiser(bounds);
      offer(x);
      if (iteration == 0)
        for (const auto& start : starts) offer(start);
      if (iteration == 0 || bound > best_.bound + goal_.tolerance) {
        best_.bound = bound;
        std::swap(relaxed_, bounds);
        weights_ = weights;
        stalled = 0;
      } else if (++stalled == kStalledSteps) {
        step /= 2;
        stalled = 0;
        weights = weights_;
      }
      if (finished() || !move(weights, x, bound, step)) return;
    }
  }

  double eliminate(const std::vector<double>& weights, Bounds& bounds) const {
    std::vector<EliminationPlan::Weighted> sum;
    if (goal_.objective) sum.push_back({goal_.objective, 1});
    double constant = 0;
    for (std::size_t r : used_) {
      sum.push_back({&problem_.rows[r], weights[r] / problem_.scales[r]});
      if (!minimised(r)) constant += weights[r];
    }
    plan_.eliminate(&problem_.hard, sum, bounds);
    return bounds.root - constant;
  }

  // A Polyak step towards the value of the best solution; false where there is nowhere to go.
  bool move(std::vector<double>& weights, const std::vector<int>& x, double bound,
            double step) const {
    std::vector<double> slope(problem_.rows.size(), 0);
    double norm = 0, mean = 0;
    int count = 0;
    for (std::size_t r : used_) {
      slope[r] = plan_.total(problem_.rows[r], x) / problem_.scales[r] - (minimised(r) ? 0 : 1);
      if (minimised(r)) mean += slope[r], ++count;
    }
    for (std::size_t r : used_) {
      if (minimised(r)) slope[r] -= mean / count;
      norm += slope[r] * slope[r];
    }
    if (norm == 0) return false;
    const double target =
        best_.found ? best_.value : best_.bound + std::abs(best_.bound) * 0.1 + 0.1;
    for (std::size_t r : used_) {
      weights[r] += step * (target - bound) / norm * slope[r];
      if (!minimised(r)) weights[r] = std::max(0.0, weights[r]);
    }
    normalise(weights);
    return true;
  }

  void normalise(std::vector<double>& weights) const {
    std::vector<double*> shares;
    for (std::size_t r : used_)
      if (minimised(r)) shares.push_back(&weights[r]);
    if (!shares.empty()) project_to_simplex(shares);
  }

  void search() {
    x_.assign(n_, 0);
    low_.assign((n_ + 1) * used_.size(), 0);
    options_.resize(n_);
    kept_.resize(n_);
    for (std::size_t u = 0; u < used_.size(); ++u) low_[u] = problem_.least[used_[u]].root;
    find_skippable();
    visit(0, best_.bound);
  }

  // A choice whose activity is decided before it; where it does not act its options are alike.
  void find_skippable() {
    std::vector<char> decided(n_, 0);
    skippable_.assign(n_, 0);
    for (std::size_t p = 0; p < n_; ++p) {
      const ChoiceFunction& active = problem_.active[at(plan_.order()[p])];
      skippable_[p] =
          !active.is_constant() && std::all_of(active.scope().begin(), active.scope().end(),
                                               [&](int v) { return decided[at(v)] != 0; });
      decided[at(plan_.order()[p])] = 1;
    }
  }

  bool out_of_effort() {
    if (best_.nodes >= effort_.nodes) return true;
    if (deadline_ > 0 && best_.nodes % 1024 == 0 && SystemClock().now_seconds() > deadline_)
      timed_out_ = true;
    return timed_out_;
  }

  void visit(std::size_t p, double bound) {
    if (good_enough()) return;
    if (out_of_effort()) {
      best_.proven = false;
      return;
    }
    ++best_.nodes;
    if (p == n_) return offer(x_);
    const int variable = plan_.order()[p];
    rank_options(p);
    auto& options = options_[p];
    if (skippable_[p] && problem_.active[at(variable)].at(x_) == 0) options.resize(1);
    kept_[p].clear();
    for (const auto& [regret, option] : options) {
      if (bound + regret >= best_.value - goal_.tolerance) break;
      if (plan_.leaf(p) && dominated(p, regret, option)) continue;
      if (!descend(p, option)) continue;
      x_[at(variable)] = option;
      visit(p + 1, bound + regret);
    }
    x_[at(variable)] = 0;
  }

  void rank_options(std::size_t p) {
    auto& options = options_[p];
    options.clear();
    for (int o = 0; o < problem_.dims[at(plan_.order()[p])]; ++o) options.emplace_back(0, o);
    const auto [begin, end] = plan_.clusters_at(p);
    for (std::size_t c = begin; c < end; ++c) {
      const std::size_t base = plan_.clusters()[c].base(x_);
      for (auto& [regret, o] : options) regret += relaxed_.regrets[c][base + at(o)];
    }
    std::sort(options.begin(), options.end());
  }

  double regret_of(const Bounds& bounds, std::size_t p, int option) const {
    const auto [begin, end] = plan_.clusters_at(p);
    double regret = 0;
    for (std::size_t c = begin; c < end; ++c)
      regret += bounds.regrets[c][plan_.clusters()[c].base(x_) + at(option)];
    return regret;
  }

  // Is an option kept earlier at this leaf no worse in any row and in the objective?
  bool dominated(std::size_t p, double regret, int option) {
    const std::size_t width = used_.size() + 1;
    std::vector<double>& kept = kept_[p];
    const std::size_t begin = kept.size();
    double objective = regret;
    for (std::size_t r : used_) {
      kept.push_back(regret_of(problem_.least[r], p, option));
      objective -= weights_[r] * kept.back() / problem_.scales[r];
    }
    kept.push_back(goal_.objective ? objective : 0);
    for (std::size_t k = 0; k < begin; k += width) {
      bool worse = true;
      for (std::size_t u = 0; u < width; ++u)
        worse = worse && kept[k + u] <= kept[begin + u] + (u + 1 == width ? goal_.tolerance : 0);
      if (!worse) continue;
      kept.resize(begin);
      return true;
    }
    return false;
  }

  // Least costs after one more decision; false where a limit or the best value is out of reach.
  bool descend(std::size_t p, int option) {
    const std::size_t m = used_.size();
    for (std::size_t u = 0; u < m; ++u) {
      const std::size_t r = used_[u];
      const double low = low_[p * m + u] + regret_of(problem_.least[r], p, option);
      if (minimised(r) ? low / problem_.scales[r] >= best_.value : low > cap(r)) return false;
      low_[(p + 1) * m + u] = low;
    }
    return true;
  }

  const BoundedProblem& problem_;
  const EliminationPlan& plan_;
  const Goal& goal_;
  const Effort effort_;
  const std::size_t n_;
  std::vector<std::size_t> used_;
  double deadline_ = 0;
  bool timed_out_ = false;

  Bounds relaxed_;               // of the best multipliers
  std::vector<double> weights_;  // those multipliers
  std::vector<int> x_;
  std::vector<double> low_;  // by depth and used row
  std::vector<std::vector<std::pair<double, int>>> options_;
  std::vector<std::vector<double>> kept_;
  std::vector<char> skippable_;
  Outcome best_;
};

}  // namespace

Outcome minimise(const BoundedProblem& problem, const Goal& goal, const Effort& effort,
                 const std::vector<std::vector<int>>& starts) {
  return Solver(problem, goal, effort).run(starts);
}

}  // namespace nasmyth
