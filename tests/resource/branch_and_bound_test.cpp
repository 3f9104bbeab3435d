#include "nasmyth/resource/branch_and_bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nasmyth/core/random.h"

namespace nasmyth::test {
namespace {

ChoiceFunction random_function(RandomStream& random, const std::vector<int>& dims, int arity,
                               double greatest) {
  std::vector<int> scope;
  while (static_cast<int>(scope.size()) < arity) {
    const int v = static_cast<int>(random.below(dims.size()));
    if (std::find(scope.begin(), scope.end(), v) == scope.end()) scope.push_back(v);
  }
  std::sort(scope.begin(), scope.end());
  std::vector<int> sizes;
  std::size_t n = 1;
  for (int v : scope) {
    sizes.push_back(dims[static_cast<std::size_t>(v)]);
    n *= static_cast<std::size_t>(sizes.back());
  }
  std::vector<double> values(n);
  for (double& v : values) v = std::floor(random.uniform(0, greatest));
  return ChoiceFunction::from_table(scope, sizes, values);
}

// Random sums over six variables of three options; one row a resource, some pairs forbidden.
struct RandomProblem {
  BoundedProblem problem;
  Potential objective;

  RandomProblem(RandomStream& random, std::size_t greatest_cluster) {
    problem.dims.assign(6, 3);
    std::vector<ChoiceFunction> hard, score;
    std::vector<std::vector<ChoiceFunction>> rows(3);
    for (int k = 0; k < 2; ++k) {
      ChoiceFunction f = random_function(random, problem.dims, 2, 4);
      hard.push_back(combine(f, 0, [](double x, double) { return x == 3 ? kInfinity : 0; }));
    }
    for (auto& row : rows)
      for (int k = 0; k < 5; ++k)
        row.push_back(random_function(random, problem.dims, 1 + k % 3, 9));
    for (int k = 0; k < 6; ++k)
      score.push_back(random_function(random, problem.dims, 1 + k % 2, 9));
    std::vector<std::vector<int>> scopes;
    for (const auto* list : {&hard, &score, &rows[0], &rows[1], &rows[2]})
      for (const auto& f : *list) scopes.push_back(f.scope());
    problem.plan = EliminationPlan(problem.dims, 6, scopes, greatest_cluster);
    problem.hard = problem.plan.spread(hard);
    objective = problem.plan.spread(score);
    for (const auto& row : rows) {
      problem.rows.push_back(problem.plan.spread(row));
      problem.scales.push_back(std::floor(random.uniform(10, 30)));
      const EliminationPlan::Weighted sum[] = {{&problem.rows.back(), 1}};
      problem.plan.eliminate(&problem.hard, sum, problem.least.emplace_back());
    }
    problem.active.assign(6, ChoiceFunction(1));
  }

  double brute_force(const Goal& goal) const {
    double best = kInfinity;
    for (int code = 0; code < 729; ++code) {
      std::vector<int> x;
      for (int k = 0, rest = code; k < 6; ++k, rest /= 3) x.push_back(rest % 3);
      if (problem.plan.total(problem.hard, x) != 0) continue;
      double value = goal.objective ? problem.plan.total(objective, x) : -kInfinity;
      for (std::size_t r = 0; r < 3; ++r) {
        const double cost = problem.plan.total(problem.rows[r], x);
        if (goal.roles[r] == RowRole::kLimited && cost > problem.scales[r]) value = kInfinity;
        if (goal.roles[r] == RowRole::kMinimised) value = std::max(value, cost / problem.scales[r]);
      }
      best = std::min(best, value);
    }
    return best;
  }
};

void compare(std::size_t greatest_cluster) {
  RandomStream random(21);
  int impossible = 0, split = 0;
  for (int k = 0; k < 300; ++k) {
    const RandomProblem p(random, greatest_cluster);
    split += !p.problem.plan.exact();
    Goal goal;
    goal.tolerance = 1e-12;
    if (k % 3 != 2) goal.objective = &p.objective;
    for (int r = 0; r < 3; ++r)
      goal.roles.push_back(goal.objective         ? RowRole::kLimited
                           : k % 2 == 0 || r == 0 ? RowRole::kMinimised
                                                  : RowRole::kLimited);
    const double best = p.brute_force(goal);
    const Outcome outcome = minimise(p.problem, goal, {});
    EXPECT_TRUE(outcome.proven);
    EXPECT_EQ(outcome.found, best < kInfinity);
    if (outcome.found) {
      EXPECT_NEAR(outcome.value, best, 1e-9);
    }
    impossible += !outcome.found;

    const Outcome hasty = minimise(p.problem, goal, {1});
    EXPECT_LE(hasty.nodes, 1);
    if (hasty.found) {
      EXPECT_GE(hasty.value, best - 1e-9);
    }
    EXPECT_LE(hasty.bound, best + 1e-9);
  }
  EXPECT_GT(impossible, 5);
  EXPECT_LT(impossible, 250);
  EXPECT_EQ(split > 0, greatest_cluster < 1000);
}

TEST(BranchAndBound, EqualsBruteForce) { compare(EliminationPlan::kGreatestCluster); }
TEST(BranchAndBound, EqualsBruteForceWithSplitBuckets) { compare(27); }

TEST(Elimination, RegretsAndLeastValueAddUpToTheSum) {
  RandomStream random(5);
  for (std::size_t cluster : {std::size_t{27}, EliminationPlan::kGreatestCluster}) {
    const RandomProblem p(random, cluster);
    const auto& plan = p.problem.plan;
    Potential regrets;
    regrets.values = p.problem.least[0].regrets;
    double least = kInfinity;
    for (int code = 0; code < 729; ++code) {
      std::vector<int> x;
      for (int k = 0, rest = code; k < 6; ++k, rest /= 3) x.push_back(rest % 3);
      const double sum = plan.total(p.problem.rows[0], x) + plan.total(p.problem.hard, x);
      EXPECT_EQ(p.problem.least[0].root + plan.total(regrets, x), sum);
      least = std::min(least, sum);
    }
    EXPECT_LE(p.problem.least[0].root, least);
    if (plan.exact()) {
      EXPECT_EQ(p.problem.least[0].root, least);
      const auto x = plan.minimiser(p.problem.least[0]);
      EXPECT_EQ(plan.total(p.problem.rows[0], x), least);
    }
  }
}

}  // namespace
}  // namespace nasmyth::test
