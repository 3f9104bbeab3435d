#include "nasmyth/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/train/evaluation.h"
#include "tests/train/toy_network.h"

namespace nasmyth {
namespace {

using test::all_indices;
using test::ToyExecutor;

RecipeOptions toy_recipe() {
  RecipeOptions recipe;
  recipe.epochs = 4;
  recipe.batch_size = 16;
  recipe.learning_rate = 0.1;
  recipe.drop_path = 0.2;
  recipe.crop_padding = 0;
  recipe.flip = false;
  return recipe;
}

// Everything that a trainer borrows.
struct Bench {
  OperationSet operations = test::toy_operations();
  ToyExecutor executor;
  Dataset data = test::toy_data(200, 1);
  ProgressSink silent;

  Trainer trainer(const RecipeOptions& recipe, std::uint64_t seed = 7) {
    return Trainer(test::toy_network(), operations, executor, data, all_indices(data), recipe,
                   RandomStream(seed));
  }
};

std::vector<float> values_of(ParameterStore& store) {
  const auto values = store.values<float>();
  return {values.begin(), values.end()};
}

std::vector<std::string> untimed(const Trainer& trainer) {
  std::vector<std::string> lines;
  for (const EpochMetrics& m : trainer.metrics()) lines.push_back(to_json(m, false));
  return lines;
}

TEST(Trainer, LearnsTheToyData) {
  Bench bench;
  Trainer trainer = bench.trainer(toy_recipe());
  EXPECT_EQ(trainer.steps_per_epoch(), 12);
  EXPECT_TRUE(trainer.run(bench.silent));
  EXPECT_TRUE(trainer.finished());
  ASSERT_EQ(trainer.metrics().size(), 4u);
  EXPECT_GT(trainer.metrics().back().accuracy, 0.8);  // usual value 0.99
  EXPECT_LT(trainer.metrics().back().loss, trainer.metrics().front().loss);
  const Dataset fresh = test::toy_data(300, 2);
  const Evaluation e = evaluate(trainer.graph(), trainer.network_parameters(), bench.executor,
                                fresh, all_indices(fresh), 64);
  EXPECT_GT(e.accuracy, 0.9);  // usual value 0.99
}

TEST(Trainer, FollowsTheSchedules) {
  Bench bench;
  RecipeOptions recipe = toy_recipe();
  recipe.schedule = "cosine";
  recipe.warmup_epochs = 1;
  Trainer trainer = bench.trainer(recipe);
  trainer.run(bench.silent);
  const auto& record = *bench.executor.record();
  ASSERT_EQ(record.learning_rates.size(), 48u);
  const ScheduleOptions schedule = schedule_options(recipe);
  for (int step = 0; step < 48; ++step)
    EXPECT_EQ(record.learning_rates[static_cast<std::size_t>(step)],
              schedule_value(schedule, step, 48, 12));
  EXPECT_EQ(record.drop_paths[11], 0);
  EXPECT_NEAR(record.drop_paths[47], 0.15, 1e-15);
  EXPECT_EQ(trainer.metrics()[2].learning_rate, record.learning_rates[35]);
  EXPECT_EQ(trainer.metrics()[2].step, 36);
  const std::set<std::uint64_t> numbers(record.random_numbers.begin(), record.random_numbers.end());
  EXPECT_EQ(numbers.size(), 48u);
  EXPECT_TRUE(std::all_of(record.batch_sizes.begin(), record.batch_sizes.end(),
                          [](auto size) { return size == 16; }));
}

TEST(Trainer, FewerSamplesThanABatchAreOneBatch) {
  Bench bench;
  bench.data = test::toy_data(10, 1);
  Trainer trainer = bench.trainer(toy_recipe());
  EXPECT_TRUE(trainer.run(bench.silent));
  EXPECT_EQ(bench.executor.record()->batch_sizes, std::vector<std::int64_t>(4, 10));
}

TEST(Trainer, SameSeedSameBits) {
  Bench a, b, c;
  Trainer first = a.trainer(toy_recipe()), second = b.trainer(toy_recipe()),
          other = c.trainer(toy_recipe(), 8);
  first.run(a.silent);
  second.run(b.silent);
  other.run(c.silent);
  EXPECT_EQ(values_of(first.parameters()), values_of(second.parameters()));
  EXPECT_EQ(untimed(first), untimed(second));
  EXPECT_NE(values_of(first.parameters()), values_of(other.parameters()));
}

// Stops after `steps` steps, saves, loads into a new trainer, ends there.
void expect_resumed_equal(const RecipeOptions& recipe, int steps) {
  Bench whole_bench, bench, resumed_bench;
  Trainer whole = whole_bench.trainer(recipe);
  whole.run(whole_bench.silent);

  Trainer stopped = bench.trainer(recipe);
  int asked = 0;
  stopped.set_stop([&] { return asked++ == steps; });
  EXPECT_FALSE(stopped.run(bench.silent));
  const std::string state = stopped.save_state();

  Trainer resumed = resumed_bench.trainer(recipe);
  resumed.load_state(state, "state");
  EXPECT_TRUE(resumed.run(resumed_bench.silent));
  EXPECT_EQ(values_of(resumed.parameters()), values_of(whole.parameters())) << steps;
  EXPECT_EQ(values_of(resumed.network_parameters()), values_of(whole.network_parameters()));
  EXPECT_EQ(untimed(resumed), untimed(whole));

  // The stopped trainer itself can go on, too.
  stopped.set_stop({});
  EXPECT_TRUE(stopped.run(bench.silent));
  EXPECT_EQ(values_of(stopped.parameters()), values_of(whole.parameters()));
  EXPECT_EQ(untimed(stopped), untimed(whole));
}

TEST(Trainer, ResumedRunEqualsTheUninterruptedOne) {
  RecipeOptions recipe = toy_recipe();
  recipe.ema = 0.9;
  for (int steps : {0, 1, 12, 17, 36, 47}) expect_resumed_equal(recipe, steps);
  recipe.optimizer = "adamw";
  recipe.learning_rate = 0.01;
  expect_resumed_equal(recipe, 20);
}

TEST(Trainer, RefusesStatesOfOtherRuns) {
  Bench bench;
  Trainer trainer = bench.trainer(toy_recipe());
  trainer.run_epoch(bench.silent);
  const std::string state = trainer.save_state();
  RecipeOptions other = toy_recipe();
  other.weight_decay = 0;
  EXPECT_THROW(bench.trainer(other).load_state(state, "state"), Error);
  EXPECT_THROW(bench.trainer(toy_recipe(), 8).load_state(state, "state"), Error);
  const auto before = values_of(trainer.parameters());
  for (std::size_t i = 0; i < state.size(); i += 97) {
    std::string damaged = state;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THROW(trainer.load_state(damaged, "state"), Error) << "byte " << i;
    EXPECT_THROW(trainer.load_state(state.substr(0, i), "state"), Error) << "length " << i;
  }
  EXPECT_EQ(values_of(trainer.parameters()), before);
  EXPECT_NO_THROW(trainer.load_state(state, "state"));
}

TEST(Trainer, MovingAverageLagsBehind) {
  Bench bench, plain_bench;
  RecipeOptions recipe = toy_recipe();
  recipe.ema = 0.9;
  Trainer trainer = bench.trainer(recipe);
  trainer.run(bench.silent);
  EXPECT_NE(&trainer.parameters(), &trainer.network_parameters());
  EXPECT_NE(values_of(trainer.parameters()), values_of(trainer.network_parameters()));
  recipe.ema = 0;
  Trainer plain = plain_bench.trainer(recipe);
  plain.run(plain_bench.silent);
  EXPECT_EQ(&plain.parameters(), &plain.network_parameters());
  EXPECT_EQ(values_of(plain.parameters()), values_of(trainer.parameters()));
}

// Gives every step the same length.
class SteppingClock final : public Clock {
 public:
  double now_seconds() const override { return seconds_ += 0.5; }

 private:
  mutable double seconds_ = 0;
};

TEST(Trainer, ShortensToTheTimeBudget) {
  Bench bench;
  RecipeOptions recipe = toy_recipe();
  recipe.epochs = 100;
  recipe.seconds = 62;  // an epoch takes 12 readings of the clock, so 6 seconds
  SteppingClock clock;
  Trainer trainer = bench.trainer(recipe);
  trainer.set_clock(clock);
  EXPECT_TRUE(trainer.run(bench.silent));
  EXPECT_EQ(trainer.epochs(), 10);
  ASSERT_EQ(trainer.metrics().size(), 10u);
  EXPECT_THAT(trainer.metrics()[0].decision, testing::HasSubstr("10 epochs instead of 100"));
  EXPECT_EQ(trainer.metrics()[0].epochs, 10);
  EXPECT_EQ(trainer.metrics()[1].decision, "");
  EXPECT_LE(trainer.metrics().back().elapsed_seconds, recipe.seconds);
  // The schedule runs to its end within the new length.
  EXPECT_LT(bench.executor.record()->learning_rates.back(), 1e-4);
}

TEST(Trainer, PlansWhatItIsTold) {
  Bench bench;
  RecipeOptions recipe = toy_recipe();
  recipe.epochs = 100;
  recipe.seconds = 62;
  SteppingClock clock;
  Trainer trainer = bench.trainer(recipe);
  trainer.set_clock(clock);
  std::vector<std::pair<std::int64_t, std::int64_t>> asked;
  trainer.set_plan([&](std::int64_t done, std::int64_t suggested) {
    asked.emplace_back(done, suggested);
    return done == 0 ? std::int64_t{8} : std::int64_t{5};
  });
  EXPECT_EQ(trainer.epochs(), 8);
  EXPECT_TRUE(trainer.run(bench.silent));
  EXPECT_EQ(trainer.epoch(), 5);
  // The clock allows 10 epochs; it is asked after each epoch but the last.
  using testing::Pair;
  EXPECT_THAT(asked,
              testing::ElementsAre(Pair(0, 100), Pair(1, 10), Pair(2, 10), Pair(3, 5), Pair(4, 5)));
}

TEST(Trainer, BudgetOfLessThanAnEpochStillTrainsOne) {
  Bench bench;
  RecipeOptions recipe = toy_recipe();
  recipe.seconds = 1;
  SteppingClock clock;
  Trainer trainer = bench.trainer(recipe);
  trainer.set_clock(clock);
  EXPECT_TRUE(trainer.run(bench.silent));
  EXPECT_EQ(trainer.metrics().size(), 1u);
}

TEST(Trainer, DivergenceIsAnErrorWithARemedy) {
  Bench bench;
  bench.executor.record()->loss_override = std::numeric_limits<double>::quiet_NaN();
  Trainer trainer = bench.trainer(toy_recipe());
  try {
    trainer.run(bench.silent);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("learning_rate"));
  }
}

TEST(Trainer, LeavesOutTheAuxiliaryHeadWithoutItsLoss) {
  Bench bench;
  RecipeOptions recipe = toy_recipe();
  const auto has_head = [&] {
    Trainer t(test::toy_network(true), bench.operations, bench.executor, bench.data,
              all_indices(bench.data), recipe, RandomStream(1));
    return t.parameters().find("auxiliary/weight") >= 0;
  };
  EXPECT_FALSE(has_head());
  recipe.auxiliary_weight = 0.4;
  EXPECT_TRUE(has_head());
}

TEST(Trainer, RefusesWhatItCannotTrain) {
  Bench bench;
  EXPECT_THROW(Trainer(test::toy_network(), bench.operations, bench.executor, bench.data, {},
                       toy_recipe(), RandomStream(1)),
               Error);
  RecipeOptions recipe = toy_recipe();
  recipe.momentum = 0;
  EXPECT_THROW(bench.trainer(recipe), Error);
  GraphBuilder builder;
  const int image = builder.image("image", 2, 4, 4);
  const int a = builder.add("toy_linear", "a", {image}),
            b = builder.add("toy_linear", "b", {image});
  builder.output("logits", builder.select("s", {a, b}, builder.choice(one_of("c", {"a", "b"}))));
  EXPECT_THROW(Trainer(builder.build(), bench.operations, bench.executor, bench.data,
                       all_indices(bench.data), toy_recipe(), RandomStream(1)),
               Error);
}

// Phases pair up, and progress counts steps.
class CountingSink final : public ProgressSink {
 public:
  void begin(std::string_view, std::int64_t total, std::string_view unit) override {
    ++open;
    totals.push_back(total);
    EXPECT_EQ(unit, "steps");
  }
  void advance(std::int64_t done, Figures) override { last = done; }
  void note(std::string_view message) override { notes.emplace_back(message); }
  void end() override { --open; }

  int open = 0;
  std::int64_t last = 0;
  std::vector<std::int64_t> totals;
  std::vector<std::string> notes;
};

TEST(Trainer, ReportsProgress) {
  Bench bench;
  RecipeOptions recipe = toy_recipe();
  recipe.seconds = 20;
  SteppingClock clock;
  Trainer trainer = bench.trainer(recipe);
  trainer.set_clock(clock);
  CountingSink sink;
  trainer.run(sink);
  EXPECT_EQ(sink.open, 0);
  EXPECT_EQ(sink.last, 36);
  EXPECT_EQ(sink.totals, (std::vector<std::int64_t>{48, 36}));
  EXPECT_EQ(sink.notes.size(), 1u);
}

TEST(EpochMetrics, ReadBackFromJson) {
  EpochMetrics m{3, 40, 120, 0.1, 0.02, 0.123456789012345, 0.75, 2.5, 1.25, 3.5, "shorter"};
  EXPECT_EQ(epoch_metrics_from_json(to_json(m), "metrics"), m);
  EXPECT_EQ(to_json(m, false).find("seconds"), std::string::npos);
  EXPECT_THROW(epoch_metrics_from_json("{\"epoch\": 1}", "metrics"), Error);
}

}  // namespace
}  // namespace nasmyth
