#include "nasmyth/train/statistics.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

// Expected numbers: SciPy 1.17.1 (binomtest, chi2.sf, t.sf, betainc, ttest_ind) and closed forms.

TEST(McNemar, ExactValues) {
  EXPECT_EQ(mcnemar_p_value(0, 0), 1);
  EXPECT_EQ(mcnemar_p_value(3, 3), 1);
  EXPECT_NEAR(mcnemar_p_value(1, 5), 0.21875, 1e-15);
  EXPECT_NEAR(mcnemar_p_value(10, 25), 0.016673847800120715, 1e-14);
  EXPECT_NEAR(mcnemar_p_value(30, 12), 0.007915897334896727, 1e-14);
  EXPECT_NEAR(mcnemar_p_value(120, 160), 0.019606727290281328, 1e-13);
  EXPECT_NEAR(mcnemar_p_value(900, 1050), 0.0007363184940133067, 1e-13);
  EXPECT_EQ(mcnemar_p_value(0, 4), 0.125);
}

TEST(McNemar, ChiSquareForLargeCounts) {
  EXPECT_NEAR(mcnemar_p_value(5000, 5200), 0.04879327729809471, 1e-13);
  EXPECT_NEAR(mcnemar_p_value(5100, 5600), 1.4069677262729249e-06, 1e-16);
}

TEST(McNemar, CountsWhereTheTwoDiffer) {
  const std::vector<std::int64_t> labels = {0, 1, 2, 0, 1, 2};
  const std::vector<int> first = {0, 1, 2, 0, 0, 0};
  const std::vector<int> second = {0, 0, 0, 1, 1, 1};
  const McNemarTest test = mcnemar_test(first, second, labels);
  EXPECT_EQ(test.first_only, 3);
  EXPECT_EQ(test.second_only, 1);
  EXPECT_NEAR(test.p_value, 0.625, 1e-15);
  EXPECT_THROW(mcnemar_test(first, std::span(second).first(2), labels), Error);
}

TEST(Summary, MeanAndSampleDeviation) {
  const std::vector<double> values = {91.8, 92.1, 91.6, 91.9, 92.0};
  const Summary s = summarize(values);
  EXPECT_EQ(s.count, 5);
  EXPECT_NEAR(s.mean, 91.88, 1e-12);
  EXPECT_NEAR(s.deviation, 0.19235384061671432, 1e-12);
  EXPECT_EQ(to_string(s, 2), "91.88 ± 0.19");
  EXPECT_EQ(to_string({3, 0.9188, 0.0019}, 1, 100), "91.9 ± 0.2");
  EXPECT_EQ(summarize(std::span(values).first(1)).deviation, 0);
  EXPECT_EQ(summarize({}).count, 0);
}

TEST(Student, TwoSidedValues) {
  EXPECT_EQ(student_p_value(0, 5), 1);
  EXPECT_NEAR(student_p_value(1, 1), 0.5, 1e-14);
  EXPECT_NEAR(student_p_value(2, 1), 0.2951672353008665, 1e-14);
  EXPECT_NEAR(student_p_value(-2.5, 3.7), 0.07182202291182678, 1e-14);
  EXPECT_NEAR(student_p_value(2.776445105, 4), 0.05000000001011946, 1e-14);
  EXPECT_NEAR(student_p_value(12, 7.25), 4.8139194529047434e-06, 1e-18);
  EXPECT_NEAR(student_p_value(0.3, 200), 0.764488730189328, 1e-12);
  EXPECT_NEAR(student_p_value(1.96, 1e6), 0.04999606758526985, 1e-9);
}

TEST(Student, IncompleteBeta) {
  EXPECT_NEAR(incomplete_beta(2, 3, 0.4), 0.5248, 1e-14);
  EXPECT_NEAR(incomplete_beta(0.5, 0.5, 0.25), 1.0 / 3, 1e-14);
  EXPECT_NEAR(incomplete_beta(10, 0.5, 0.99), 0.6579281751567845, 1e-13);
  EXPECT_NEAR(incomplete_beta(50, 60, 0.5), 0.8309072939016693, 1e-12);
  EXPECT_EQ(incomplete_beta(2, 3, 0), 0);
  EXPECT_EQ(incomplete_beta(2, 3, 1), 1);
}

TEST(Welch, UnequalSamples) {
  const std::vector<double> a = {91.8, 92.1, 91.6, 91.9, 92.0};
  const std::vector<double> b = {91.2, 91.5, 91.0}, c = {91.7, 91.9, 92.1};
  const WelchTest apart = welch_test(a, b);
  EXPECT_NEAR(apart.t, 3.829776270508624, 1e-10);
  EXPECT_NEAR(apart.freedom, 3.436710581876104, 1e-10);
  EXPECT_NEAR(apart.p_value, 0.02459770236193684, 1e-11);
  const WelchTest near = welch_test(a, c);
  EXPECT_NEAR(near.p_value, 0.8959520136003891, 1e-10);
  EXPECT_EQ(compare_words(apart), "better");
  EXPECT_EQ(compare_words(welch_test(b, a)), "worse");
  EXPECT_EQ(compare_words(near), "not distinguishable");
  EXPECT_EQ(compare_words(apart, 0.01), "not distinguishable");
}

TEST(Welch, DegenerateSamples) {
  const std::vector<double> one = {1}, same = {2, 2}, other = {3, 3};
  EXPECT_EQ(welch_test(one, same).p_value, 1);
  EXPECT_EQ(compare_words(welch_test(one, same)), "not distinguishable");
  EXPECT_EQ(welch_test(same, same).p_value, 1);
  EXPECT_EQ(welch_test(same, other).p_value, 0);
  EXPECT_EQ(compare_words(welch_test(same, other)), "worse");
}

TEST(CompareWords, OfPairedPredictions) {
  EXPECT_EQ(compare_words(McNemarTest{30, 12, mcnemar_p_value(30, 12)}), "better");
  EXPECT_EQ(compare_words(McNemarTest{12, 30, mcnemar_p_value(12, 30)}), "worse");
  EXPECT_EQ(compare_words(McNemarTest{1, 5, mcnemar_p_value(1, 5)}), "not distinguishable");
  EXPECT_EQ(compare_words(1.0, std::numeric_limits<double>::quiet_NaN()), "not distinguishable");
}

// The worked examples of Newcombe, Statistics in Medicine 17 (1998), table I, score method.
TEST(Statistics, IntervalOfAShare) {
  const auto expect = [](double right, double all, double low, double high) {
    EXPECT_NEAR(share_interval(right, all).first, low, 5e-5);
    EXPECT_NEAR(share_interval(right, all).second, high, 5e-5);
  };
  expect(81, 263, 0.2553, 0.3662);
  expect(15, 148, 0.0624, 0.1605);
  expect(0, 20, 0, 0.1611);
  expect(1, 29, 0.0061, 0.1718);
  EXPECT_EQ(share_interval(5, 5).second, 1);
  EXPECT_EQ(share_interval(0, 0), (std::pair<double, double>{0, 1}));
}

}  // namespace
}  // namespace nasmyth
