#include "nasmyth/supernet/discretizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nasmyth/core/error.h"
#include "tests/supernet/samples.h"

namespace nasmyth {
namespace {

using test::random_logits;
using test::sample_choices;

int best(const std::vector<double>& row) {
  return static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
}

class DiscretizerTest : public testing::TestWithParam<std::string> {};

TEST_P(DiscretizerTest, FiniteScoresForEveryOptionAlsoForExtremeLogits) {
  const ChoiceSetPtr choices = sample_choices();
  const auto discretizer = make_discretizer(GetParam());
  OptionWeights logits = random_logits(*choices, 1, 1);
  logits[0] = {2000, -2000, 0, 1};
  RandomStream random(1);
  const OptionWeights scores = discretizer->scores(*choices, logits, random);
  ASSERT_EQ(scores.size(), logits.size());
  for (std::size_t c = 0; c < scores.size(); ++c) {
    ASSERT_EQ(scores[c].size(), logits[c].size());
    for (const double x : scores[c]) EXPECT_TRUE(std::isfinite(x)) << c;
  }
  EXPECT_EQ(best(scores[0]), 0);
}

TEST_P(DiscretizerTest, SameStreamSameScores) {
  const ChoiceSetPtr choices = sample_choices();
  const OptionWeights logits = random_logits(*choices, 1, 1);
  RandomStream a(3), b(3);
  EXPECT_EQ(make_discretizer(GetParam())->scores(*choices, logits, a),
            make_discretizer(GetParam())->scores(*choices, logits, b));
}

INSTANTIATE_TEST_SUITE_P(All, DiscretizerTest, testing::ValuesIn(discretizers().names()),
                         [](const auto& info) { return info.param; });

TEST(Argmax, ScoresAreLogOddsAgainstTheBest) {
  const ChoiceSetPtr choices = sample_choices();
  RandomStream random(1);
  const OptionWeights logits = {{0, 2, 1.5, -1}, {3, 1, 2}, {0, 1, 0}, {5, 5}};
  const OptionWeights scores = make_discretizer("argmax")->scores(*choices, logits, random);
  test::expect_near(scores, {{-2, 0, -0.5, -3}, {0, -2, -1}, {-1, 0, -1}, {0, 0}}, 1e-15);
}

// DARTS's *none* may be likeliest and is not counted.
TEST(Argmax, LeavesSearchOnlyOptionsOut) {
  Choice edge = one_of("edge", {"none", "skip", "conv"});
  edge.options[0].search_only = true;
  RandomStream random(1);
  const auto scores = make_discretizer("argmax")->scores(ChoiceSet({edge}), {{9, 1, 3}}, random);
  EXPECT_EQ(scores[0], (std::vector<double>{0, -2, 0}));
}

TEST(DartsTop2, ScoresAreProbabilitiesOfOperations) {
  const ChoiceSetPtr choices = sample_choices();
  const OptionWeights logits = random_logits(*choices, 1, 2);
  RandomStream random(1);
  const auto scores = make_discretizer("darts_top2")->scores(*choices, logits, random);
  for (std::size_t c : {0u, 1u, 3u}) EXPECT_EQ(scores[c], softmax(logits[c]));
  EXPECT_EQ(scores[2], (std::vector<double>{0, 0, 0}));  // edges count by their operation
}

// Perturb and maximise: the best option is a draw from the softmax.
TEST(Sampling, FrequenciesAreTheSoftmax) {
  const ChoiceSetPtr choices = sample_choices();
  const OptionWeights logits = random_logits(*choices, 1, 6);
  const auto discretizer = make_discretizer("sampling");
  std::vector<std::vector<int>> counts;
  for (const auto& row : logits) counts.emplace_back(row.size(), 0);
  RandomStream random(21);
  for (int i = 0; i < 20000; ++i) {
    const auto scores = discretizer->scores(*choices, logits, random);
    for (std::size_t c = 0; c < counts.size(); ++c)
      ++counts[c][static_cast<std::size_t>(best(scores[c]))];
  }
  // Critical values at one in a thousand, for a fixed seed.
  constexpr double kCritical[] = {0, 10.83, 13.82, 16.27};
  for (std::size_t c = 0; c < counts.size(); ++c)
    EXPECT_LT(test::chi_square(counts[c], softmax(logits[c])), kCritical[counts[c].size() - 1]);
}

TEST(Discretizers, UnknownNamesGetASuggestion) {
  try {
    make_discretizer("argmx");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("did you mean 'argmax'"));
  }
}

}  // namespace
}  // namespace nasmyth
