#include "nasmyth/supernet/relaxation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "nasmyth/core/error.h"
#include "tests/supernet/samples.h"

namespace nasmyth {
namespace {

using test::chi_square;
using test::differences;
using test::expect_near;
using test::random_logits;
using test::sample_choices;

// A loss that is not linear in the weights, so that its gradient depends on where it is taken.
struct Loss {
  OptionWeights linear, inside;

  explicit Loss(const ChoiceSet& choices)
      : linear(random_logits(choices, 1, 11)), inside(random_logits(choices, 1, 12)) {}

  static double dot(const OptionWeights& a, const OptionWeights& b) {
    double sum = 0;
    for (std::size_t c = 0; c < a.size(); ++c)
      sum += std::inner_product(a[c].begin(), a[c].end(), b[c].begin(), 0.0);
    return sum;
  }
  double value(const OptionWeights& w) const { return dot(linear, w) + std::sin(dot(inside, w)); }
  OptionWeights gradient(const OptionWeights& w) const {
    const double slope = std::cos(dot(inside, w));
    OptionWeights g = linear;
    for (std::size_t c = 0; c < g.size(); ++c)
      for (std::size_t o = 0; o < g[c].size(); ++o) g[c][o] += slope * inside[c][o];
    return g;
  }
};

class RelaxationTest : public testing::TestWithParam<std::string> {
 protected:
  RelaxedChoices relax(const OptionWeights& logits, double temperature = 0.7) const {
    RandomStream random(42);  // the same noise for every call
    return relaxation_->relax(logits, temperature, random);
  }

  const ChoiceSetPtr choices_ = sample_choices();
  const std::unique_ptr<Relaxation> relaxation_ = make_relaxation(GetParam());
};

TEST_P(RelaxationTest, DerivativeAgreesWithDifferences) {
  const Loss loss(*choices_);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const OptionWeights logits = random_logits(*choices_, 1.5, seed);
    const RelaxedChoices at = relax(logits);
    const OptionWeights gradient = loss.gradient(at.weights);
    const OptionWeights by_hand = relaxation_->gradients(at, gradient);
    // Straight-through: the gradient at the one-hot weights, through the soft ones.
    expect_near(by_hand,
                differences(logits,
                            [&](const OptionWeights& moved) {
                              const RelaxedChoices r = relax(moved);
                              return at.hard ? Loss::dot(gradient, r.soft) : loss.value(r.weights);
                            }),
                1e-8);
  }
}

TEST_P(RelaxationTest, WeightsAreADistribution) {
  const OptionWeights logits = random_logits(*choices_, 30, 5);
  const RelaxedChoices r = relax(logits);
  for (const OptionWeights* w : {&r.weights, &r.soft})
    for (const auto& row : *w) {
      EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-12);
      for (const double x : row) EXPECT_TRUE(x >= 0 && x <= 1);
    }
  ASSERT_EQ(r.sampled.size(), logits.size());
  for (std::size_t c = 0; c < logits.size(); ++c) {
    if (!r.hard) {
      EXPECT_EQ(r.sampled[c], -1);
      continue;
    }
    for (std::size_t o = 0; o < logits[c].size(); ++o)
      EXPECT_EQ(r.weights[c][o], static_cast<int>(o) == r.sampled[c]);
  }
}

TEST_P(RelaxationTest, AShiftOfTheLogitsChangesNothing) {
  const OptionWeights logits = random_logits(*choices_, 1, 5);
  OptionWeights shifted = logits;
  for (auto& row : shifted)
    for (double& x : row) x += 3;
  expect_near(relax(logits).weights, relax(shifted).weights, 1e-12);
}

TEST_P(RelaxationTest, SameStreamSameBits) {
  const OptionWeights logits = random_logits(*choices_, 1, 5);
  EXPECT_EQ(relax(logits).weights, relax(logits).weights);
  EXPECT_EQ(relax(logits).soft, relax(logits).soft);
}

INSTANTIATE_TEST_SUITE_P(All, RelaxationTest, testing::ValuesIn(relaxations().names()),
                         [](const auto& info) { return info.param; });

// Critical values at one in a thousand, for fixed seeds.
constexpr double kCritical[] = {0, 10.83, 13.82, 16.27, 18.47};

TEST(GumbelStraightThrough, SamplesBySoftmaxAtEveryTemperature) {
  const ChoiceSetPtr choices = sample_choices();
  const OptionWeights logits = random_logits(*choices, 1, 3);
  const auto relaxation = make_relaxation("gumbel_straight_through");
  for (const double temperature : {0.3, 5.0}) {
    std::vector<std::vector<int>> counts;
    for (const auto& row : logits) counts.emplace_back(row.size(), 0);
    RandomStream random(17);
    for (int i = 0; i < 20000; ++i) {
      const RelaxedChoices r = relaxation->relax(logits, temperature, random);
      for (std::size_t c = 0; c < counts.size(); ++c)
        ++counts[c][static_cast<std::size_t>(r.sampled[c])];
    }
    for (std::size_t c = 0; c < counts.size(); ++c)
      EXPECT_LT(chi_square(counts[c], softmax(logits[c])), kCritical[counts[c].size() - 1]);
  }
}

TEST(GumbelSoftmax, TheGreatestWeightIsADrawFromTheSoftmax) {
  const std::vector<double> row = {0.5, -1, 1.2, 0};
  const auto relaxation = make_relaxation("gumbel_softmax");
  std::vector<int> counts(4);
  RandomStream random(18);
  for (int i = 0; i < 20000; ++i) {
    const auto w = relaxation->relax({row}, 1, random).weights[0];
    ++counts[static_cast<std::size_t>(std::max_element(w.begin(), w.end()) - w.begin())];
  }
  EXPECT_LT(chi_square(counts, softmax(row)), kCritical[3]);
}

TEST(GumbelSoftmax, ColdIsNearlyOneHot) {
  const OptionWeights logits = random_logits(*sample_choices(), 1, 3);
  RandomStream a(1), b(1);
  const auto cold = make_relaxation("gumbel_softmax")->relax(logits, 1e-3, a);
  const auto hard = make_relaxation("gumbel_straight_through")->relax(logits, 1e-3, b);
  expect_near(cold.weights, hard.weights, 1e-6);
}

TEST(Softmax, IsTheMixtureOfDarts) {
  const OptionWeights logits = {{0, std::log(3.0)}, {1, 1, 1, 1}};
  RandomStream random(1);
  const auto r = make_relaxation("softmax")->relax(logits, 1, random);
  expect_near(r.weights, {{0.25, 0.75}, {0.25, 0.25, 0.25, 0.25}}, 1e-15);
  EXPECT_EQ(random.state(), RandomStream(1).state());  // draws nothing
}

TEST(Relaxations, UnknownNamesGetASuggestion) {
  try {
    make_relaxation("gumbel-softmx");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("did you mean 'gumbel_softmax'"));
  }
}

}  // namespace
}  // namespace nasmyth
