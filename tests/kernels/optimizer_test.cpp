#include "nasmyth/kernels/optimizer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "nasmyth/core/error.h"
#include "tests/kernels/optimizer_baseline.h"

namespace nasmyth {
namespace {

constexpr std::array<std::size_t, 2> kSizes = {7, 20};
constexpr std::size_t kStart = 16;  // of the second segment in the moments

double start_value(int segment, int index) { return 0.125 * index - 0.5 * (segment + 1); }

double gradient(int segment, int index, int step) {
  return 0.25 * ((7 * index + 3 * step + 5 * segment) % 11 - 5);
}

// The two segments that optimizer_baseline.py updates.
template <class T>
struct Parameters {
  std::array<std::vector<T>, 2> values, gradients;
  OptimizerState state;

  explicit Parameters(const OptimizerSpec& spec)
      : state(OptimizerState::zeros(spec, kStart + kSizes[1], 2)) {
    for (int s = 0; s < 2; ++s)
      for (int i = 0; i < static_cast<int>(kSizes[static_cast<std::size_t>(s)]); ++i)
        values[static_cast<std::size_t>(s)].push_back(static_cast<T>(start_value(s, i)));
    gradients = values;
  }

  void set_gradients(int step) {
    for (std::size_t s = 0; s < 2; ++s)
      for (std::size_t i = 0; i < kSizes[s]; ++i)
        gradients[s][i] = static_cast<T>(gradient(static_cast<int>(s), static_cast<int>(i), step));
  }

  std::vector<OptimizerSegment<T>> segments() {
    std::vector<OptimizerSegment<T>> result(2);
    for (std::size_t s = 0; s < 2; ++s) {
      const std::size_t begin = s * kStart;
      result[s] = {values[s], gradients[s],    std::span(state.first).subspan(begin, kSizes[s]),
                   {},        &state.steps[s], s == 0};
      if (!state.second.empty())
        result[s].second = std::span(state.second).subspan(begin, kSizes[s]);
    }
    return result;
  }

  double step(const OptimizerSpec& spec, int step) {
    set_gradients(step);
    return update<T>(spec, test::kBaselineRates[step], segments());
  }
};

template <class T>
void expect_baseline(const OptimizerSpec& spec, std::span<const double> expected,
                     std::span<const double> norms, double tolerance) {
  Parameters<T> parameters(spec);
  for (std::size_t step = 0; step < norms.size(); ++step)
    EXPECT_NEAR(parameters.step(spec, static_cast<int>(step)), norms[step], 1e-12);
  std::vector<T> found = parameters.values[0];
  found.insert(found.end(), parameters.values[1].begin(), parameters.values[1].end());
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(static_cast<double>(found[i]), expected[i], tolerance) << "element " << i;
}

// Moments are float32, hence the tolerance in double; few last places in float.
void expect_both(const OptimizerSpec& spec, std::span<const double> expected_float,
                 std::span<const double> expected_double, std::span<const double> norms) {
  expect_baseline<float>(spec, expected_float, norms, 5e-7);
  expect_baseline<double>(spec, expected_double, norms, 1e-7);
}

OptimizerSpec sgd(double momentum) {
  OptimizerSpec spec;
  spec.momentum = momentum;
  spec.weight_decay = 0.01;
  return spec;
}

TEST(Optimizer, PlainSgdEqualsPyTorch) {
  const OptimizerSpec spec = sgd(0);
  expect_both(spec, test::kSgdPlainFloat, test::kSgdPlainDouble, test::kSgdPlainNorms);
  // No moments take part: the double form is exact.
  expect_baseline<double>(spec, test::kSgdPlainDouble, test::kSgdPlainNorms, 1e-15);
}

TEST(Optimizer, SgdWithMomentumEqualsPyTorch) {
  expect_both(sgd(0.9), test::kSgdMomentumFloat, test::kSgdMomentumDouble, test::kSgdMomentumNorms);
}

TEST(Optimizer, NesterovWithoutDecayOnTheSecondSegmentEqualsPyTorch) {
  OptimizerSpec spec = sgd(0.9);
  spec.nesterov = true;
  spec.decay_all = false;
  expect_both(spec, test::kSgdNesterovFloat, test::kSgdNesterovDouble, test::kSgdNesterovNorms);
}

TEST(Optimizer, ClippedSgdEqualsPyTorch) {
  OptimizerSpec spec = sgd(0.9);
  spec.clip_norm = 2;
  expect_both(spec, test::kSgdClippedFloat, test::kSgdClippedDouble, test::kSgdClippedNorms);
}

TEST(Optimizer, AdamEqualsPyTorch) {
  OptimizerSpec spec;
  spec.kind = OptimizerKind::kAdam;
  spec.beta1 = 0.5;
  spec.weight_decay = 0.1;
  expect_both(spec, test::kAdamFloat, test::kAdamDouble, test::kAdamNorms);
}

TEST(Optimizer, ClippedAdamEqualsPyTorch) {
  OptimizerSpec spec;
  spec.kind = OptimizerKind::kAdam;
  spec.clip_norm = 1.5;
  expect_both(spec, test::kAdamClippedFloat, test::kAdamClippedDouble, test::kAdamClippedNorms);
}

TEST(Optimizer, AdamWEqualsPyTorch) {
  OptimizerSpec spec;
  spec.kind = OptimizerKind::kAdamW;
  spec.beta2 = 0.95;
  spec.epsilon = 1e-6;
  spec.weight_decay = 0.1;
  spec.decay_all = false;
  expect_both(spec, test::kAdamwFloat, test::kAdamwDouble, test::kAdamwNorms);
}

TEST(Optimizer, ClippingLeavesSmallGradientsAlone) {
  OptimizerSpec clipped = sgd(0.9), free = sgd(0.9);
  clipped.clip_norm = 100;
  Parameters<float> a(clipped), b(free);
  a.step(clipped, 0);
  b.step(free, 0);
  EXPECT_EQ(a.values, b.values);
}

TEST(Optimizer, AdamCountsStepsOfEachSegment) {
  OptimizerSpec spec;
  spec.kind = OptimizerKind::kAdam;
  Parameters<double> parameters(spec);
  parameters.set_gradients(0);
  const auto segments = parameters.segments();
  update<double>(spec, 0.1, std::span(segments).first(1));
  update<double>(spec, 0.1, segments);
  EXPECT_EQ(parameters.state.steps, (std::vector<std::int64_t>{2, 1}));
  // The first update of a segment moves by the learning rate against the sign of the gradient.
  ASSERT_LT(gradient(1, 1, 0), 0);
  EXPECT_NEAR(parameters.values[1][1], start_value(1, 1) + 0.1, 1e-6);
}

TEST(Optimizer, NormOfInfiniteGradientsIsReported) {
  OptimizerSpec spec = sgd(0.9);
  Parameters<float> parameters(spec);
  parameters.set_gradients(0);
  parameters.gradients[1][3] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isinf(update<float>(spec, 0.1, parameters.segments())));
}

TEST(Optimizer, RefusesSegmentsOfDifferentLengths) {
  OptimizerSpec spec;
  spec.kind = OptimizerKind::kAdam;
  Parameters<float> parameters(spec);
  auto segments = parameters.segments();
  segments[1].second = segments[1].second.first(3);
  EXPECT_THROW(update<float>(spec, 0.1, segments), Error);
}

TEST(OptimizerState, IsReadBackAndContinuesAlike) {
  OptimizerSpec spec;
  spec.kind = OptimizerKind::kAdam;
  Parameters<float> a(spec), b(spec);
  a.step(spec, 0);
  b.step(spec, 0);
  b.state = OptimizerState::deserialize(b.state.serialize(), "state");
  EXPECT_EQ(b.state.first, a.state.first);
  EXPECT_EQ(b.state.second, a.state.second);
  EXPECT_EQ(b.state.steps, a.state.steps);
  a.step(spec, 1);
  b.step(spec, 1);
  EXPECT_EQ(a.values, b.values);
}

TEST(OptimizerState, SgdHasNoSecondMoment) {
  const auto state = OptimizerState::zeros(sgd(0.9), 32, 2);
  EXPECT_EQ(state.first.size(), 32u);
  EXPECT_TRUE(state.second.empty());
  EXPECT_EQ(state.steps.size(), 2u);
}

TEST(OptimizerState, RefusesDamagedBytes) {
  const std::string good = OptimizerState::zeros(sgd(0.9), 32, 2).serialize();
  EXPECT_NO_THROW(OptimizerState::deserialize(good, "state"));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_THROW(OptimizerState::deserialize(good.substr(0, length), "state"), Error);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x20);
    EXPECT_THROW(OptimizerState::deserialize(bad, "state"), Error) << "byte " << i;
  }
}

}  // namespace
}  // namespace nasmyth
