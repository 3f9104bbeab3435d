#include "nasmyth/search/ablation_plan.h"

#include <gtest/gtest.h>

#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"

namespace nasmyth {
namespace {

const Form kForm{FormRole::kTarget, {1, 28, 28}, 10};

std::unique_ptr<SearchSpace> two_layers() {
  return make_space("compact", {{"layers", "2"},
                                {"widths", "[8:12:16]"},
                                {"strides", "[2]"},
                                {"operations", "[mbconv, depthwise_separable, skip]"}});
}

const std::string kFound =
    "stage0/width=12;stage0/depth=2;stage0/layer0/operation=mbconv;stage0/layer0/kernel=5;"
    "stage0/layer0/expansion=1.5;stage0/layer1/operation=mbconv;stage0/layer1/kernel=3;"
    "stage0/layer1/expansion=2";

AblationPlan plan_of(const SearchSpace& space, const std::string& found, AblationOptions options,
                     const std::optional<OptionWeights>& logits = {}) {
  return plan_ablation(space, kForm, builtin_operations(), space.architecture(found), logits,
                       options);
}

std::vector<std::string> texts(const AblationPlan& plan) {
  std::vector<std::string> all;
  for (const auto& v : plan.variants) all.push_back(to_text(v));
  return all;
}

TEST(AblationPlan, NextChangesNeighboursAndRemoves) {
  const auto space = two_layers();
  const AblationPlan plan = plan_of(*space, kFound, {});
  const std::vector<std::string> expected{
      "stage0/width: 8 instead of 12",
      "stage0/width: 16 instead of 12",
      "stage0/layer0/kernel: 3 instead of 5",
      "stage0/layer0/kernel: 7 instead of 5",
      "stage0/layer0/expansion: 2 instead of 1.5",
      "stage0/layer0/operation: depthwise_separable instead of mbconv",
      "stage0/layer1/kernel: 5 instead of 3",
      "stage0/layer1/expansion: 1.5 instead of 2",
      "stage0/layer1/expansion: 3 instead of 2",
      "stage0/layer1/operation: depthwise_separable instead of mbconv",
      "stage0/layer1/operation: without mbconv (skip)",
  };
  auto found = texts(plan);
  // The depth of 1 is the network without the second layer, which a skip is, too; it has a choice
  // of its own and stays.
  EXPECT_EQ(std::count(found.begin(), found.end(), "stage0/depth: 1 instead of 2"), 1);
  for (const auto& text : expected)
    EXPECT_EQ(std::count(found.begin(), found.end(), text), 1) << text;
  EXPECT_EQ(found.size(), expected.size() + 1);
  EXPECT_EQ(plan.choices, 8);
  for (const auto& v : plan.variants) EXPECT_TRUE(v.network.closed());
}

TEST(AblationPlan, AllOptionsGiveDifferentNetworks) {
  const auto space = two_layers();
  AblationOptions options;
  options.options = "all";
  const AblationPlan plan = plan_of(*space, kFound, options);
  EXPECT_EQ(plan.variants.size(), 2u + 1 + (1 + 2 + 2) + (2 + 2 + 2));
  std::map<std::string, std::set<std::uint64_t>> seen;
  for (const auto& v : plan.variants) {
    EXPECT_NE(v.network.structural_hash(), plan.network.structural_hash()) << to_text(v);
    EXPECT_TRUE(seen[v.choice].insert(v.network.structural_hash()).second) << to_text(v);
    EXPECT_EQ(v.costs.size(), plan.costs.size());
  }
}

TEST(AblationPlan, ChoicesThatDoNotActAreNotChanged) {
  const auto space = two_layers();
  const AblationPlan plan = plan_of(*space,
                                    "stage0/width=12;stage0/depth=1;"
                                    "stage0/layer0/operation=mbconv;"
                                    "stage0/layer0/kernel=5;stage0/layer0/expansion=2",
                                    {});
  for (const auto& v : plan.variants)
    EXPECT_EQ(v.choice.find("layer1"), std::string::npos) << to_text(v);
}

// A layer that is a skip already: a depth without it is no change.
TEST(AblationPlan, ASkipIsNotTakenOutAgain) {
  const auto space = two_layers();
  AblationOptions options;
  options.only = "stage0/depth, stage0/layer1/operation";
  const AblationPlan plan = plan_of(*space,
                                    "stage0/width=12;stage0/depth=2;"
                                    "stage0/layer0/operation=mbconv;stage0/layer0/kernel=5;"
                                    "stage0/layer0/expansion=2;stage0/layer1/operation=skip",
                                    options);
  for (const auto& v : plan.variants) EXPECT_NE(v.choice, "stage0/depth") << to_text(v);
  EXPECT_FALSE(plan.variants.empty());
}

// With logits the second best option is next, and choices that begin to act take their best.
TEST(AblationPlan, LogitsDecideWhatIsNext) {
  const auto space = two_layers();
  const ChoiceSet& choices = *space->choices();
  OptionWeights logits;
  for (const auto& choice : choices)
    logits.emplace_back(static_cast<std::size_t>(choice.size()), 0.0);
  const auto set = [&](const char* name, const char* label, double value) {
    const int c = choices.index(name);
    logits[static_cast<std::size_t>(c)][static_cast<std::size_t>(choices[c].index_of(label))] =
        value;
  };
  set("stage0/layer1/operation", "skip", 3);
  set("stage0/layer1/operation", "depthwise_separable", 2);
  set("stage0/layer1/operation", "mbconv", 1);
  set("stage0/layer1/kernel", "7", 1);
  AblationOptions options;
  options.only = "*/layer1/operation";
  const AblationPlan plan =
      plan_of(*space,
              "stage0/width=12;stage0/depth=2;stage0/layer0/operation=mbconv;"
              "stage0/layer0/kernel=5;stage0/layer0/expansion=2;stage0/layer1/operation=skip",
              options, logits);
  ASSERT_EQ(texts(plan), std::vector<std::string>{
                             "stage0/layer1/operation: depthwise_separable instead of skip"});
  EXPECT_EQ(plan.variants[0].architecture.to_labels().at("stage0/layer1/kernel"), "7");
}

TEST(AblationPlan, RemovesByTheNameThatTheSpaceHas) {
  const auto space = make_space("nasbench201", {{"cells", "1"}});
  const AblationPlan plan =
      plan_of(*space,
              "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|skip_connect~0|none~1|"
              "nor_conv_1x1~2|",
              {});
  int removed = 0;
  for (const auto& v : plan.variants) removed += v.removes && v.instead == "none";
  EXPECT_EQ(removed, 5);
}

TEST(AblationPlan, LimitTakesTheFirstOfEachChoice) {
  const auto space = two_layers();
  AblationOptions options;
  options.limit = 8;
  const AblationPlan plan = plan_of(*space, kFound, options);
  std::set<std::string> choices;
  for (const auto& v : plan.variants) choices.insert(v.choice);
  EXPECT_EQ(plan.variants.size(), 8u);
  EXPECT_EQ(choices.size(), 8u);
  EXPECT_EQ(plan.choices, 8);
}

TEST(AblationPlan, PatternsAreAList) {
  const auto space = two_layers();
  AblationOptions options;
  options.only = "stage0/width, stage0/layer[1]/kernel";
  const AblationPlan plan = plan_of(*space, kFound, options);
  EXPECT_EQ(plan.choices, 2);
  EXPECT_EQ(plan.variants.size(), 3u);
}

TEST(AblationPlan, PatternsThatFitNothingAreErrors) {
  const auto space = two_layers();
  AblationOptions options;
  options.only = "stage0/dept";
  try {
    plan_of(*space, kFound, options);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUnknownName);
    EXPECT_NE(std::string(e.what()).find("did you mean 'stage0/depth'"), std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace nasmyth
