#include "nasmyth/train/many_to_one.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/train/statistics.h"

namespace nasmyth {
namespace {

using Table = std::vector<std::vector<double>>;

// One network is the paired t-test: SciPy's ttest_rel of these rows.
TEST(ManyToOne, OneNetworkIsThePairedTest) {
  const Table values{{0.912, 0.907, 0.915, 0.909}, {0.905, 0.902, 0.904, 0.906}};
  const auto rows = many_to_one(values);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NEAR(rows[0].difference, -0.0065, 1e-12);
  EXPECT_NEAR(rows[0].deviation, 0.0034156502553198666, 1e-12);
  EXPECT_EQ(rows[0].freedom, 3);
  EXPECT_NEAR(rows[0].p_value, student_p_value(-0.0065 / (0.0034156502553198666 / 2), 3), 1e-10);
}

// A table by hand: two networks, two seeds, residuals of +-0.5.
TEST(ManyToOne, ErrorOfATwoWayTable) {
  const Table values{{1, 2}, {3, 5}, {7, 7}};
  const auto rows = many_to_one(values);
  ASSERT_EQ(rows.size(), 2u);
  // Interaction sum of squares: 1 with (3 - 1)(2 - 1) degrees of freedom.
  EXPECT_NEAR(rows[0].difference, 2.5, 1e-12);
  EXPECT_NEAR(rows[0].error, std::sqrt(2 * 0.5 * 1.0 / 2), 1e-12);
  EXPECT_EQ(rows[0].freedom, 2);
  EXPECT_FALSE(rows[0].own_error);
}

TEST(ManyToOne, SeedsThatAllNetworksShareDoNotCount) {
  Table values{{1, 2, 3}, {1.1, 2.1, 3.1}, {0.5, 1.5, 2.5}};
  for (const auto& row : many_to_one(values)) {
    EXPECT_NEAR(row.error, 0, 1e-12);
    EXPECT_LT(row.p_value, 1e-6);
  }
}

TEST(ManyToOne, NetworkThatVariesMoreHasItsOwnError) {
  Table values{{0.900, 0.901, 0.899}};
  for (int i = 0; i < 10; ++i)
    values.push_back({0.900 + 0.001 * (i % 3), 0.902 - 0.001 * (i % 2), 0.899 + 0.001 * (i % 4)});
  values.push_back({0.3, 0.8, 0.5});
  const auto rows = many_to_one(values);
  EXPECT_TRUE(rows.back().own_error);
  EXPECT_EQ(rows.back().freedom, 2);
  EXPECT_FALSE(rows.front().own_error);
  EXPECT_LT(rows.front().error, 0.003);
}

// A network that is right every time is not judged by the error of one that is not.
TEST(ManyToOne, TwoNetworksOfUnlikeVariance) {
  const Table values{{1, 1, 1}, {0.6, 0.8, 0.7}, {1, 1, 1}};
  const auto rows = many_to_one(values);
  EXPECT_TRUE(rows[0].own_error);
  EXPECT_NEAR(rows[0].error, 0.1 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(rows[1].error, 0);
  EXPECT_EQ(equivalence_p_value(rows[1], 0.01), 0);
}

// Under no difference at all, Holm keeps false alarms of a whole table near 5 %.
TEST(ManyToOne, FalseAlarmsOfATableAreRare) {
  RandomStream random(7);
  int alarms = 0;
  constexpr int kTables = 2000;
  for (int t = 0; t < kTables; ++t) {
    Table values(9);
    const double seeds[3] = {random.normal(), random.normal(), random.normal()};
    for (auto& row : values)
      for (double seed : seeds) row.push_back(seed + 0.5 * random.normal());
    std::vector<double> p;
    for (const auto& row : many_to_one(values)) p.push_back(row.p_value);
    const auto adjusted = holm(p);
    for (double a : adjusted)
      if (a < 0.05) {
        ++alarms;
        break;
      }
  }
  EXPECT_LT(alarms, 0.065 * kTables);
  EXPECT_GT(alarms, 0.01 * kTables);
}

TEST(ManyToOne, MisfitsAreRefused) {
  EXPECT_THROW(many_to_one(Table{{1}, {2}}), Error);
  EXPECT_THROW(many_to_one(Table{{1, 2}, {2}}), Error);
  EXPECT_TRUE(many_to_one(Table{}).empty());
}

TEST(Equivalence, OfTwoOneSidedTests) {
  const ManyToOneRow row{0.002, 0.003, 0.002, 10, false, 0.3};
  // (0.01 - 0.002) / 0.002 = 4 on 10 degrees of freedom, one-sided.
  EXPECT_NEAR(equivalence_p_value(row, 0.01), student_p_value(4, 10) / 2, 1e-15);
  EXPECT_GT(equivalence_p_value(row, 0.001), 0.5);
  EXPECT_EQ(equivalence_p_value({0, 0, 0, 2, true, 1}, 0.01), 0);
  EXPECT_EQ(equivalence_p_value({0.02, 0, 0, 2, true, 0}, 0.01), 1);
}

// R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
TEST(Holm, StepsDown) {
  const std::vector<double> p{0.01, 0.04, 0.03, 0.005};
  const std::vector<double> expected{0.03, 0.06, 0.06, 0.02};
  const auto adjusted = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-15);
  EXPECT_TRUE(holm({}).empty());
  EXPECT_EQ(holm(std::vector<double>{0.9, 0.8})[0], 1);
}

// F and t agree for one degree of freedom above; the 95 % point of F(2, 10) from tables.
TEST(Fisher, Tail) {
  EXPECT_NEAR(fisher_tail(4, 1, 10), student_p_value(2, 10), 1e-14);
  EXPECT_NEAR(fisher_tail(4.102821, 2, 10), 0.05, 1e-7);
  EXPECT_EQ(fisher_tail(0, 2, 10), 1);
}

TEST(ComponentWords, ByRule) {
  EXPECT_EQ(component_words(-0.001, 0.3, 0.01, 0.01), "useless");
  EXPECT_EQ(component_words(-0.002, 0.001, 0.01, 0.01), "useless");  // shown, but too small
  EXPECT_EQ(component_words(-0.05, 0.01, 1, 0.01), "vital");
  EXPECT_EQ(component_words(-0.049, 0.01, 1, 0.01), "helps");
  EXPECT_EQ(component_words(0.02, 0.01, 1, 0.01), "harmful");
  EXPECT_EQ(component_words(-0.2, 0.06, 1, 0.01), "not distinguishable");
}

}  // namespace
}  // namespace nasmyth
