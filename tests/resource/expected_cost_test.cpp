#include "nasmyth/resource/expected_cost.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"
#include "tests/resource/random_space.h"
#include "tests/resource/trellis.h"

namespace nasmyth::test {
namespace {

using Rows = std::vector<std::vector<double>>;

struct Expectation {
  double value = 0;
  Rows gradient;  // each row with mean 0
};

void centre(Rows& rows) {
  for (auto& row : rows) {
    const double mean =
        std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(row.size());
    for (double& x : row) x -= mean;
  }
}

Expectation brute_force(const NetworkGraph& graph, const ResourceModel& model, const Rows& p) {
  Expectation e;
  for (const auto& row : p) e.gradient.emplace_back(row.size(), 0);
  for_each_architecture(graph.choices(), true, [&](const Architecture& a) {
    const double cost = model.cost(graph.bind(a).deployed(), builtin_operations());
    double weight = 1;
    for (std::size_t c = 0; c < p.size(); ++c)
      weight *= p[c][static_cast<std::size_t>(a.options()[c])];
    e.value += weight * cost;
    for (std::size_t c = 0; c < p.size(); ++c) {
      const auto o = static_cast<std::size_t>(a.options()[c]);
      e.gradient[c][o] += weight / p[c][o] * cost;
    }
  });
  centre(e.gradient);
  return e;
}

void compare(const NetworkGraph& graph, RandomStream& random) {
  const Rows p = random_probabilities(*graph.choices(), random);
  for (const char* name : {"params", "macs"}) {
    const auto model = make_resource_model(name);
    const ExpectedCost expected(graph, builtin_operations(), *model);
    Rows gradient;
    const double value = expected.value_and_gradient(p, gradient);
    EXPECT_DOUBLE_EQ(expected.value(p), value);
    const Expectation e = brute_force(graph, *model, p);
    EXPECT_NEAR(value, e.value, 1e-9 * e.value);
    centre(gradient);
    for (std::size_t c = 0; c < p.size(); ++c)
      for (std::size_t o = 0; o < p[c].size(); ++o)
        EXPECT_NEAR(gradient[c][o], e.gradient[c][o], 1e-9 * e.value);
  }
}

void compare_random(const SpaceShape& shape, int spaces, std::uint64_t seed) {
  RandomStream random(seed);
  for (int k = 0; k < spaces && !testing::Test::HasFailure(); ++k) {
    SCOPED_TRACE("space " + std::to_string(k));
    compare(random_space(random, shape), random);
  }
}

TEST(ExpectedCost, EqualsBruteForce) { compare_random({3, false, true, 1000}, 30, 11); }
TEST(ExpectedCost, EqualsBruteForceWithNestedSelects) {
  compare_random({2, true, true, 1000}, 30, 12);
}
TEST(ExpectedCost, EqualsBruteForceOnATrellis) {
  RandomStream random(13);
  compare(trellis(3, 3), random);
}

}  // namespace
}  // namespace nasmyth::test
