#include "nasmyth/supernet/architecture_parameters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "nasmyth/core/error.h"
#include "tests/supernet/samples.h"

namespace nasmyth {
namespace {

using test::random_logits;
using test::sample_choices;

OptimizerSpec adam() {
  OptimizerSpec spec;
  spec.kind = OptimizerKind::kAdam;
  spec.beta1 = 0.5;
  spec.weight_decay = 1e-3;
  return spec;
}

TEST(ArchitectureParameters, DrawnByTheNamesOfChoices) {
  const ChoiceSetPtr choices = sample_choices();
  const ArchitectureParameters a(choices, 1e-3, RandomStream(1)), b(choices, 1e-3, RandomStream(1)),
      c(choices, 1e-3, RandomStream(2));
  EXPECT_EQ(a.logits(), b.logits());
  EXPECT_NE(a.logits(), c.logits());
  ASSERT_EQ(a.logits().size(), 4u);
  EXPECT_EQ(a.logits()[0].size(), 4u);
  for (const auto& row : a.logits())
    for (const double x : row) EXPECT_LT(std::fabs(x), 5e-3);
  // Another set with the same choice: the same numbers for it.
  const auto fewer = std::make_shared<const ChoiceSet>(std::vector<Choice>{(*choices)[1]});
  EXPECT_EQ(ArchitectureParameters(fewer, 1e-3, RandomStream(1)).logits()[0], a.logits()[1]);
}

TEST(ArchitectureParameters, ProbabilitiesAreTheSoftmax) {
  ArchitectureParameters a(sample_choices(), 0, RandomStream(1));
  a.set_logits({{0, 0, 0, std::log(5.0)}, {1, 1, 1}, {0, 0, 0}, {1000, -1000}});
  const OptionWeights p = a.probabilities();
  EXPECT_NEAR(p[0][3], 0.625, 1e-15);
  EXPECT_NEAR(p[1][0], 1.0 / 3, 1e-15);
  EXPECT_EQ(p[3], (std::vector<double>{1, 0}));
}

TEST(ArchitectureParameters, FirstAdamStepIsTheLearningRate) {
  ArchitectureParameters a(sample_choices(), 0, RandomStream(1));
  OptimizerSpec spec = adam();
  spec.weight_decay = 0;
  a.update(spec, 0.02, {{1, -2, 0, 0.5}, {3, -3, 0}, {0, 0, 0}, {-1e-3, 1e-3}});
  test::expect_near(a.logits(),
                    {{-0.02, 0.02, 0, -0.02}, {-0.02, 0.02, 0}, {0, 0, 0}, {0.02, -0.02}}, 1e-6);
}

TEST(ArchitectureParameters, DescentRaisesTheBetterOption) {
  ArchitectureParameters a(sample_choices(), 1e-3, RandomStream(1));
  for (int i = 0; i < 100; ++i) {
    OptionWeights gradient = a.logits();
    for (auto& row : gradient) std::fill(row.begin(), row.end(), 0.0);
    gradient[0][2] = -1;
    a.update(adam(), 0.02, gradient);
  }
  EXPECT_GT(a.probabilities()[0][2], 0.6);
}

TEST(ArchitectureParameters, RestoredOnesGoOnAlike) {
  const ChoiceSetPtr choices = sample_choices();
  ArchitectureParameters a(choices, 1e-3, RandomStream(1)), b(choices, 1e-3, RandomStream(2));
  b.restore(a.serialize(), "state");  // before the first update
  EXPECT_EQ(b.logits(), a.logits());
  for (std::uint64_t i = 0; i < 5; ++i) a.update(adam(), 0.1, random_logits(*choices, 1, i));
  ArchitectureParameters c(choices, 1e-3, RandomStream(3));
  c.restore(a.serialize(), "state");
  EXPECT_EQ(c.logits(), a.logits());
  EXPECT_EQ(c.serialize(), a.serialize());
  for (std::uint64_t i = 5; i < 9; ++i)
    for (auto* p : {&a, &c}) p->update(adam(), 0.1, random_logits(*choices, 1, i));
  EXPECT_EQ(c.logits(), a.logits());
}

TEST(ArchitectureParameters, RefusesForeignStates) {
  const ChoiceSetPtr choices = sample_choices();
  ArchitectureParameters a(choices, 1e-3, RandomStream(1));
  a.update(adam(), 0.1, random_logits(*choices, 1, 1));
  const std::string state = a.serialize();
  ArchitectureParameters b(choices, 1e-3, RandomStream(2));
  const OptionWeights before = b.logits();
  // Without moments the logits alone are a whole state.
  const std::size_t logits_only = 8 + 12 * 8;
  for (std::size_t size = 0; size < state.size(); ++size) {
    if (size == logits_only) continue;
    EXPECT_THROW(b.restore(state.substr(0, size), "state"), Error) << size;
  }
  for (std::size_t i = logits_only; i < state.size(); i += 5) {
    std::string damaged = state;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THROW(b.restore(damaged, "state"), Error) << i;
  }
  const auto fewer = std::make_shared<const ChoiceSet>(std::vector<Choice>{(*choices)[1]});
  EXPECT_THROW(ArchitectureParameters(fewer, 0, RandomStream(1)).restore(state, "state"), Error);
  // The moments of another number of logits.
  const std::string foreign =
      state.substr(0, logits_only) + OptimizerState::zeros(adam(), 5, 1).serialize();
  EXPECT_THROW(b.restore(foreign, "state"), Error);
  EXPECT_EQ(b.logits(), before);
}

TEST(MeanEntropy, FromUndecidedToDecided) {
  EXPECT_NEAR(mean_entropy({{0.25, 0.25, 0.25, 0.25}, {0.5, 0.5}}), 1, 1e-15);
  EXPECT_EQ(mean_entropy({{1, 0, 0}, {0, 1}}), 0);
  EXPECT_NEAR(mean_entropy({{0.5, 0.5}, {1, 0}, {1}}), 0.5, 1e-15);  // a single option has none
  EXPECT_EQ(mean_entropy({}), 0);
}

TEST(ArchitectureParameters, RoundedForPeople) {
  EXPECT_EQ(rounded({{0.123456, 0.876544}, {1}}, 4), (OptionWeights{{0.1235, 0.8765}, {1}}));
}

}  // namespace
}  // namespace nasmyth
