#include "nasmyth/search/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

// Times of round numbers.
PieceTimes pieces() {
  PieceTimes t;
  t.startup = 1;
  t.warmup_epoch = 2;
  t.search_epoch = 4;
  t.rank_candidate = 0.5;
  t.short_epoch = 3;
  t.retrain_epoch = 5;
  t.hand_made_epoch = 4;
  t.arm_end = 1;
  return t;
}

SearchConfiguration configuration(const std::string& more = "") {
  return SearchConfiguration::read(Configuration::parse(
      "search: {epochs: 10, warmup_epochs: 2}\nderive: {candidates: 8, finalists: 2, "
      "finalist_epochs: 1}\nretrain: {epochs: 20}\n" +
          more,
      "test.yaml"));
}

double forecast(const SearchConfiguration& c) {
  return total_seconds(forecast_stages(c, pieces()));
}

TEST(Forecast, AddsUpTheStages) {
  const auto stages = forecast_stages(configuration(), pieces());
  std::vector<std::string> names;
  std::vector<double> seconds;
  for (const auto& stage : stages) {
    names.push_back(stage.name);
    seconds.push_back(stage.seconds);
  }
  EXPECT_THAT(names, testing::ElementsAre("start", "search", "ranking", "finalists", "retraining",
                                          "control random: search", "control random: training",
                                          "control hand_made: training"));
  EXPECT_THAT(seconds, testing::ElementsAre(1, 2 * 2 + 8 * 4, 4, 6, 101, 46, 101, 81));
}

TEST(Forecast, KnowsBudgetsAndOtherStrategies) {
  EXPECT_EQ(forecast(configuration("controls: []\n")), 1 + 36 + 4 + 6 + 101);
  const auto random = SearchConfiguration::read(
      Configuration::parse("controls: []\nsearch: {strategy: random, candidates: 4, epochs: 2}\n"
                           "retrain: {epochs: 20, seconds: 30}\n",
                           "test.yaml"));
  EXPECT_EQ(forecast(random), 1 + 4 * (2 * 3 + 0.5) + 31);
}

TEST(FitSchedule, MeetsTheLimitFromBelow) {
  for (const char* controls : {"", "controls: []\n", "controls: [hand_made]\n"})
    for (const double limit : {60.0, 90.0, 200.0, 375.0, 376.0, 1000.0, 2000.0}) {
      const auto c = configuration(controls);
      const double most = 10 * forecast(c);
      const SearchConfiguration fitted = fit_schedule(c, pieces(), limit);
      const double time = forecast(fitted);
      EXPECT_LE(time, limit + 1e-9) << controls << limit;
      // What is left is less than one epoch of all trainings.
      if (limit < 0.9 * most) {
        EXPECT_GT(time, limit - 14) << controls << limit;
      }
      EXPECT_LT(fitted.gradient.warmup_epochs, fitted.gradient.epochs);
      EXPECT_LE(fitted.derive.finalists, fitted.derive.candidates);
    }
}

TEST(FitSchedule, KeepsProportions) {
  const auto c = configuration();
  const SearchConfiguration half = fit_schedule(c, pieces(), forecast(c) / 2);
  EXPECT_NEAR(static_cast<double>(half.gradient.epochs), 5, 1);
  EXPECT_NEAR(static_cast<double>(half.retrain.epochs), 10, 2);
  const SearchConfiguration more = fit_schedule(c, pieces(), 1e6);
  EXPECT_EQ(more.gradient.epochs, 100);
  EXPECT_EQ(more.retrain.epochs, 200);
  EXPECT_EQ(more.derive.candidates, 8);
}

TEST(FitSchedule, RefusesWhatNoScheduleMeets) {
  try {
    fit_schedule(configuration(), pieces(), 10);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kOutOfRange);
    EXPECT_THAT(e.what(), testing::AllOf(testing::HasSubstr("time_limit"),
                                         testing::HasSubstr("10.0 s of the limit are left"),
                                         testing::HasSubstr("--no-controls")));
  }
}

}  // namespace
}  // namespace nasmyth
