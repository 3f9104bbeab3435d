#include "nasmyth/strategy/gradient_search.h"
#include "nasmyth/strategy/strategy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "nasmyth/data/planted.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/resource_model.h"

namespace nasmyth {
namespace {

// One choice that matters (a convolution or a constant) and one width.
NetworkGraph two_choices() {
  GraphBuilder b;
  const int image = b.image("image", 1, 16, 16);
  int x =
      b.add("conv_bn", "stem", {image},
            {{"kernel", 3}, {"stride", 2}, {"channels", 8}, {"activation", std::string("relu")}});
  const ChoiceFunction width = b.value("width", {8, 16});
  const Attributes conv{
      {"kernel", 5}, {"channels", width}, {"stride", 2}, {"activation", std::string("relu")}};
  const int useful = b.add("conv_bn", "useful", {x}, conv);
  const int nothing = b.add("zero", "nothing", {useful});
  const int choice = b.choice(one_of("operation", {"nothing", "useful"}));
  x = b.add("global_pool", "pool", {b.select("select", {nothing, useful}, choice)});
  b.output("logits", b.add("linear", "linear", {x}, {{"features", 10}}));
  return b.build();
}

class GradientSearchTest : public testing::Test {
 protected:
  GradientSearchTest() {
    PlantedOptions options;
    options.train = 600;
    options.test = 10;
    options.size = 16;
    options.noise = 0;
    data_ = make_planted(options).train;
    splits_ = make_splits(data_, 0.4, 0.1, 1);
    executor_ = make_executor("reference", builtin_operations(), {"cpu", 2});
  }

  GradientSearchOptions options(const OptionMap& values) {
    OptionMap all{{"epochs", "3"},
                  {"warmup_epochs", "1"},
                  {"batch_size", "32"},
                  {"architecture_period", "1"}};
    for (const auto& [key, value] : values) all[key] = value;
    return make_gradient_search("sampled", all, "test");
  }

  GradientSearch search(const GradientSearchOptions& o, std::vector<CostPenalty> penalties = {}) {
    return GradientSearch(graph_, builtin_operations(), *executor_,
                          {&data_, splits_.search_train, splits_.search_validation},
                          std::move(penalties), o, RandomStream(5));
  }

  NetworkGraph graph_ = two_choices();
  Dataset data_;
  Splits splits_;
  std::unique_ptr<Executor> executor_;
};

TEST_F(GradientSearchTest, FindsTheOperationThatMatters) {
  for (const char* relaxation : {"softmax", "gumbel_softmax", "gumbel_straight_through"}) {
    const bool sampled = std::string(relaxation) == "gumbel_straight_through";
    auto s = search(options({{"relaxation", relaxation},
                             {"execution", sampled ? "sampled" : "dense"},
                             {"epochs", "25"},
                             {"learning_rate", "0.1"},
                             {"architecture_learning_rate", "0.1"}}));
    SearchEpoch epoch;
    while (!s.finished()) ASSERT_TRUE(s.run_epoch(epoch));
    const auto p = s.architecture_parameters().probabilities();
    const int choice = graph_.choices()->index("operation");
    EXPECT_GT(p[static_cast<std::size_t>(choice)][1], 0.55) << relaxation;
  }
}

TEST_F(GradientSearchTest, PriorShiftsTheInitialLogits) {
  const auto o = options({});
  const GradientSearch plain = search(o);
  OptionWeights prior;
  for (const auto& choice : *graph_.choices())
    prior.emplace_back(static_cast<std::size_t>(choice.size()), 0.0);
  const auto operation = static_cast<std::size_t>(graph_.choices()->index("operation"));
  prior[operation][1] = 2;
  const GradientSearch shifted(graph_, builtin_operations(), *executor_,
                               {&data_, splits_.search_train, splits_.search_validation}, {}, o,
                               RandomStream(5), prior);
  const auto& before = plain.architecture_parameters().logits();
  const auto& after = shifted.architecture_parameters().logits();
  for (std::size_t c = 0; c < before.size(); ++c)
    for (std::size_t k = 0; k < before[c].size(); ++k)
      EXPECT_DOUBLE_EQ(after[c][k], before[c][k] + prior[c][k]);
  EXPECT_NEAR(shifted.architecture_parameters().probabilities()[operation][1],
              1 / (1 + std::exp(-2.0)), 0.01);
}

TEST_F(GradientSearchTest, SavedAndLoadedGoesOnWithTheSameBits) {
  const auto o = options({});
  auto whole = search(o);
  auto first = search(o);
  SearchEpoch epoch;
  while (!whole.finished()) ASSERT_TRUE(whole.run_epoch(epoch));
  ASSERT_TRUE(first.run_epoch(epoch));
  auto second = search(o);
  second.load_state(first.save_state(), "test");
  EXPECT_EQ(second.epochs_done(), 1);
  while (!second.finished()) ASSERT_TRUE(second.run_epoch(epoch));
  EXPECT_EQ(second.architecture_parameters().logits(), whole.architecture_parameters().logits());
  EXPECT_EQ(second.parameters().serialize(), whole.parameters().serialize());
}

// Cut short within an epoch, saved, loaded and finished: nothing differs, the epoch's figures
// included.
TEST_F(GradientSearchTest, GoesOnWithinAnEpoch) {
  const auto o = options({});
  auto whole = search(o);
  auto first = search(o);
  SearchEpoch expected, found;
  ASSERT_TRUE(whole.run_epoch(expected));
  ASSERT_TRUE(whole.run_epoch(expected));
  ASSERT_TRUE(first.run_epoch(found));
  int steps = 4;
  ASSERT_FALSE(first.run_epoch(found, [&] { return steps-- == 0; }));
  auto second = search(o);
  second.load_state(first.save_state(), "test");
  ASSERT_TRUE(second.run_epoch(found));
  EXPECT_EQ(found.epoch, 2);
  EXPECT_EQ(found.train_loss, expected.train_loss);
  EXPECT_EQ(found.train_accuracy, expected.train_accuracy);
  EXPECT_EQ(found.validation_loss, expected.validation_loss);
  EXPECT_EQ(second.save_state().size(), whole.save_state().size());
  EXPECT_EQ(second.parameters().serialize(), whole.parameters().serialize());
  EXPECT_EQ(second.architecture_parameters().logits(), whole.architecture_parameters().logits());
}

TEST_F(GradientSearchTest, DamagedStateIsRefused) {
  auto s = search(options({}));
  std::string state = s.save_state();
  EXPECT_THROW(s.load_state(std::string_view(state).substr(0, state.size() / 2), "test"), Error);
  state[state.size() / 2] ^= 1;
  EXPECT_THROW(s.load_state(state, "test"), Error);
}

TEST_F(GradientSearchTest, ExpectedCostIsPulledBelowItsLimit) {
  const ExpectedCost expected(graph_, builtin_operations(), *make_resource_model("params"));
  const double open = expected.value({{0.5, 0.5}, {0.5, 0.5}});
  const CostPenalty penalty{"params", 0.8 * open, &expected};
  auto s = search(options({{"epochs", "8"},
                           {"penalty", "20"},
                           {"final_penalty", "20"},
                           {"architecture_learning_rate", "0.1"}}),
                  {penalty});
  SearchEpoch epoch;
  while (!s.finished()) ASSERT_TRUE(s.run_epoch(epoch));
  ASSERT_EQ(epoch.expected_costs.size(), 1u);
  EXPECT_LT(epoch.expected_costs[0].second, 0.9 * open);
}

TEST(GradientSearchPresets, EachIsReadable) {
  for (const auto& [name, entry] : strategies())
    if (!entry.make) {
      EXPECT_NO_THROW(make_gradient_search(name, {}, "test")) << name;
    }
  EXPECT_THROW(make_gradient_search("random", {}, "test"), Error);
  EXPECT_THROW(make_gradient_search("darst", {}, "test"), Error);
  EXPECT_THROW(make_gradient_search("sampled", {{"relaxation", "softmax"}}, "test"), Error);
}

}  // namespace
}  // namespace nasmyth
