#include "nasmyth/resource/selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/resource_model.h"
#include "tests/resource/random_space.h"
#include "tests/resource/trellis.h"

namespace nasmyth::test {
namespace {

using Scores = std::vector<std::vector<double>>;

// All allowed architectures with the costs of their bound networks, counted one by one.
struct Enumeration {
  struct Item {
    Architecture architecture;
    std::vector<double> costs;
    std::vector<char> acting;
  };
  std::vector<Item> items;

  Enumeration(const NetworkGraph& graph, const std::vector<Limit>& limits) {
    std::vector<std::unique_ptr<ResourceModel>> models;
    for (const auto& limit : limits) models.push_back(make_resource_model(limit.resource));
    const NetworkGraph deployed = graph.deployed();
    std::map<std::string, std::vector<double>> known;  // by canonical architecture
    for_each_architecture(graph.choices(), false, [&](const Architecture& a) {
      Item item{a, {}, acting_choices(deployed, a)};
      auto& costs = known[deployed.canonical(a).to_text()];
      if (costs.empty())
        for (const auto& model : models)
          costs.push_back(model->cost(graph.bind(a), builtin_operations()));
      item.costs = costs;
      items.push_back(std::move(item));
    });
  }

  static double score(const Item& item, const Scores& scores) {
    double sum = 0;
    for (std::size_t c = 0; c < scores.size(); ++c)
      if (item.acting[c])
        sum += scores[c][static_cast<std::size_t>(item.architecture.options()[c])];
    return sum;
  }

  double best(const Scores& scores, const std::vector<Limit>& limits) const {
    double best = -kInfinity;
    for (const auto& item : items)
      if (fits(item, limits, limits.size())) best = std::max(best, score(item, scores));
    return best;
  }

  // All limits but one (`without`) are met.
  static bool fits(const Item& item, const std::vector<Limit>& limits, std::size_t without) {
    for (std::size_t l = 0; l < limits.size(); ++l)
      if (l != without && !within(item.costs[l], limits[l])) return false;
    return true;
  }

  double least(std::size_t limit) const {
    double least = kInfinity;
    for (const auto& item : items) least = std::min(least, item.costs[limit]);
    return least;
  }
  double greatest(std::size_t limit) const {
    double greatest = -kInfinity;
    for (const auto& item : items) greatest = std::max(greatest, item.costs[limit]);
    return greatest;
  }
  double least_under_others(std::size_t limit, const std::vector<Limit>& limits) const {
    double least = kInfinity;
    for (const auto& item : items)
      if (fits(item, limits, limit)) least = std::min(least, item.costs[limit]);
    return least;
  }
  double least_worst_ratio(const std::vector<Limit>& limits) const {
    double least = kInfinity;
    for (const auto& item : items) {
      double worst = 0;
      for (std::size_t l = 0; l < limits.size(); ++l)
        worst = std::max(worst, item.costs[l] / limits[l].at_most);
      least = std::min(least, worst);
    }
    return least;
  }
};

std::vector<Limit> loose() { return {{"params", 1e12}, {"macs", 1e12}}; }

std::vector<Limit> random_limits(const Enumeration& all, RandomStream& random) {
  auto limits = loose();
  for (std::size_t l = 0; l < limits.size(); ++l) {
    const double low = all.least(l), high = all.greatest(l);
    limits[l].at_most = std::max(1.0, std::floor(low + random.uniform(-0.05, 0.8) * (high - low)));
  }
  return limits;
}

void expect_feasibility(const SelectionProblem& problem, const Enumeration& all) {
  const auto& limits = problem.limits();
  const Feasibility f = problem.feasibility();
  EXPECT_TRUE(f.proven);
  const double ratio = all.least_worst_ratio(limits);
  EXPECT_EQ(f.feasible, ratio <= 1);
  EXPECT_EQ(f.feasible, f.incumbent.has_value());
  double worst = 0;
  for (std::size_t l = 0; l < limits.size(); ++l) {
    EXPECT_EQ(f.least_alone[l], all.least(l));
    EXPECT_EQ(f.least_under_others[l], all.least_under_others(l, limits));
    worst = std::max(worst, f.nearest_costs[l] / limits[l].at_most);
  }
  if (!f.feasible) {
    EXPECT_DOUBLE_EQ(worst, ratio);
  } else {
    EXPECT_TRUE(problem.within_limits(f.incumbent->architecture));
  }
  EXPECT_EQ(f.to_text().find("impossible") == std::string::npos,
            std::none_of(f.least_under_others.begin(), f.least_under_others.end(),
                         [](double x) { return x == kInfinity; }));
}

void expect_selection(const SelectionProblem& problem, const Enumeration& all,
                      const NetworkGraph& graph, const Scores& scores) {
  const double best = all.best(scores, problem.limits());
  if (best == -kInfinity) {
    try {
      problem.select(scores);
      FAIL() << "impossible limits were accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kInfeasible);
      EXPECT_NE(std::string(e.what()).find("least alone"), std::string::npos);
    }
    return;
  }
  const Selection s = problem.select(scores);
  EXPECT_TRUE(s.proven);
  EXPECT_NEAR(s.score, best, 1e-9);
  EXPECT_EQ(s.gap, 0);
  EXPECT_TRUE(s.architecture.complete());
  EXPECT_TRUE(allowed(s.architecture));
  const NetworkGraph closed = graph.bind(s.architecture);
  for (std::size_t l = 0; l < problem.limits().size(); ++l) {
    const auto model = make_resource_model(problem.limits()[l].resource);
    EXPECT_EQ(s.costs[l], model->cost(closed, builtin_operations()));
    EXPECT_TRUE(within(s.costs[l], problem.limits()[l]));
    EXPECT_EQ(problem.cost(l, s.architecture), s.costs[l]);
  }
  EXPECT_EQ(problem.select(scores).architecture, s.architecture);
}

void compare_with_brute_force(const SpaceShape& shape, int spaces, std::uint64_t seed) {
  RandomStream random(seed);
  int impossible = 0, runs = 0;
  for (int k = 0; k < spaces; ++k) {
    SCOPED_TRACE("space " + std::to_string(k));
    const NetworkGraph graph = random_space(random, shape);
    const Enumeration all(graph, loose());
    const SelectionProblem free(graph, builtin_operations(), loose());
    for (const auto& item : all.items)
      for (std::size_t l = 0; l < 2; ++l)
        ASSERT_EQ(free.cost(l, item.architecture), item.costs[l]) << item.architecture.to_text();
    for (std::size_t l = 0; l < 2; ++l) {
      EXPECT_EQ(free.least()[l], all.least(l));
      EXPECT_EQ(free.greatest()[l], all.greatest(l));
    }
    for (int t = 0; t < 3; ++t, ++runs) {
      const auto limits = random_limits(all, random);
      const SelectionProblem problem(graph, builtin_operations(), limits);
      const Scores scores = random_scores(*graph.choices(), random, t == 1 ? -1 : 0, 1);
      expect_selection(problem, all, graph, scores);
      expect_feasibility(problem, all);
      impossible += all.least_worst_ratio(limits) > 1;
    }
    expect_selection(free, all, graph, random_scores(*graph.choices(), random, -1, 1));
    if (testing::Test::HasFailure()) return;
  }
  std::printf("%d spaces, %d runs under limits, %d of them impossible\n", spaces, runs, impossible);
  EXPECT_GT(impossible, 0);
}

TEST(Selection, EqualsBruteForce) { compare_with_brute_force({}, 120, 1); }
TEST(Selection, EqualsBruteForceWithNestedSelects) {
  compare_with_brute_force({2, true, true, 4000}, 80, 2);
}

TEST(Selection, EqualsBruteForceOnATrellis) {
  const NetworkGraph graph = trellis(3, 3);
  const Enumeration all(graph, loose());
  RandomStream random(4);
  for (int t = 0; t < 20; ++t) {
    const SelectionProblem problem(graph, builtin_operations(), random_limits(all, random));
    expect_selection(problem, all, graph, random_scores(*graph.choices(), random, -1, 1));
    expect_feasibility(problem, all);
  }
}

}  // namespace
}  // namespace nasmyth::test
