#include "nasmyth/train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

ScheduleOptions curve(const std::string& name, double maximum, double minimum = 0) {
  ScheduleOptions options;
  options.schedule = name;
  options.maximum = maximum;
  options.minimum = minimum;
  return options;
}

TEST(Schedule, Constant) {
  const auto o = curve("constant", 0.3);
  for (int step : {0, 5, 99, 1000}) EXPECT_EQ(schedule_value(o, step, 100, 10), 0.3);
}

TEST(Schedule, Linear) {
  const auto o = curve("linear", 0.5, 0.1);
  EXPECT_EQ(schedule_value(o, 0, 100, 10), 0.5);
  EXPECT_NEAR(schedule_value(o, 50, 100, 10), 0.3, 1e-15);
  EXPECT_NEAR(schedule_value(o, 99, 100, 10), 0.104, 1e-15);
}

// The numbers of PyTorch's CosineAnnealingLR(T_max=50, eta_min=0.001): the search of DARTS.
TEST(Schedule, CosineOverEpochsIsThatOfDarts) {
  auto o = curve("cosine", 0.025, 0.001);
  o.per = "epoch";
  const std::int64_t steps = 390;
  const auto at_epoch = [&](std::int64_t e) {
    return schedule_value(o, e * steps, 50 * steps, steps);
  };
  EXPECT_EQ(at_epoch(0), 0.025);
  EXPECT_NEAR(at_epoch(1), 0.02497632074113926, 1e-16);
  EXPECT_NEAR(at_epoch(10), 0.022708203932499366, 1e-16);
  EXPECT_NEAR(at_epoch(25), 0.013, 1e-16);
  EXPECT_NEAR(at_epoch(49), 0.0010236792588607412, 1e-16);
  EXPECT_EQ(schedule_value(o, 10 * steps + 389, 50 * steps, steps), at_epoch(10));
}

TEST(Schedule, CosineOverStepsMovesWithinAnEpoch) {
  const auto o = curve("cosine", 1);
  EXPECT_EQ(schedule_value(o, 0, 8, 4), 1);
  EXPECT_NEAR(schedule_value(o, 2, 8, 4), (1 + std::sqrt(0.5)) / 2, 1e-15);
  EXPECT_NEAR(schedule_value(o, 4, 8, 4), 0.5, 1e-15);
  // Beyond the end the last value holds.
  EXPECT_EQ(schedule_value(o, 8, 8, 4), schedule_value(o, 7, 8, 4));
}

// The numbers of PyTorch's OneCycleLR(max_lr=0.2, total_steps=10, pct_start=0.3).
TEST(Schedule, OneCycleIsThatOfPyTorch) {
  auto o = curve("one_cycle", 0.2, 0.2 / 25 / 1e4);
  const double expected[] = {0.008000000000000007,
                             0.104,
                             0.2,
                             0.19009692640269477,
                             0.1623491307899526,
                             0.12225240438725786,
                             0.07774839561274215,
                             0.0376516692100474,
                             0.009903873597305258,
                             0.2 / 25 / 1e4};
  for (int step = 0; step < 10; ++step)
    EXPECT_NEAR(schedule_value(o, step, 10, 5), expected[step], 1e-15) << "step " << step;
}

TEST(Schedule, OneCycleOfVeryShortRuns) {
  const auto o = curve("one_cycle", 0.2);
  for (std::int64_t total : {1, 2, 3, 4})
    for (std::int64_t step = 0; step < total; ++step) {
      const double value = schedule_value(o, step, total, 1);
      EXPECT_TRUE(value >= 0 && value <= 0.2) << value;
    }
  EXPECT_NEAR(schedule_value(o, 3, 4, 1), 0, 1e-17);
}

TEST(Schedule, ExponentialEndsNearTheLeastValue) {
  const auto o = curve("exponential", 1, 0.01);
  EXPECT_EQ(schedule_value(o, 0, 10, 1), 1);
  EXPECT_NEAR(schedule_value(o, 5, 10, 1), 0.1, 1e-15);
}

TEST(Schedule, StepDropsAtEpochs) {
  auto o = curve("step", 0.1);
  o.factor = 0.97;
  o.period = 1;
  EXPECT_EQ(schedule_value(o, 99, 1000, 100), 0.1);
  EXPECT_NEAR(schedule_value(o, 100, 1000, 100), 0.097, 1e-16);
  EXPECT_NEAR(schedule_value(o, 999, 1000, 100), 0.1 * std::pow(0.97, 9), 1e-16);
}

TEST(Schedule, WarmupIsLinearAndShiftsTheCurve) {
  auto o = curve("cosine", 0.4);
  o.warmup = 2;
  EXPECT_EQ(schedule_value(o, 0, 100, 5), 0.04);
  EXPECT_NEAR(schedule_value(o, 4, 100, 5), 0.2, 1e-16);
  EXPECT_NEAR(schedule_value(o, 9, 100, 5), 0.4, 1e-16);
  EXPECT_EQ(schedule_value(o, 10, 100, 5), 0.4);
  EXPECT_NEAR(schedule_value(o, 55, 100, 5), 0.2, 1e-16);
}

TEST(Schedule, WarmupLongerThanTheRun) {
  auto o = curve("cosine", 0.4);
  o.warmup = 50;
  EXPECT_NEAR(schedule_value(o, 9, 10, 5), 0.4, 1e-16);
  EXPECT_NEAR(schedule_value(o, 0, 10, 5), 0.04, 1e-16);
}

TEST(Schedule, RefusesWhatCannotBe) {
  EXPECT_THROW(check(curve("exponential", 1), "recipe"), Error);
  EXPECT_THROW(check(curve("cosine", 0.1, 0.2), "recipe"), Error);
  EXPECT_THROW(check(curve("cosin", 0.1), "recipe"), Error);
  EXPECT_NO_THROW(check(curve("exponential", 1, 0.1), "recipe"));
  EXPECT_THROW(parse_options<ScheduleOptions>({{"per", "day"}}, "schedule"), Error);
}

}  // namespace
}  // namespace nasmyth
