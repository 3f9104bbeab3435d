#include "nasmyth/train/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

TEST(Recipe, EveryNamedRecipeIsValidAndDescribed) {
  std::set<std::string> names;
  for (const RecipeInfo& recipe : recipes()) {
    EXPECT_NO_THROW(make_recipe(recipe.name, {}, "recipe")) << recipe.name;
    EXPECT_FALSE(recipe.help.empty());
    EXPECT_TRUE(names.insert(recipe.name).second);
  }
  EXPECT_TRUE(names.count("compact") && names.count("darts_cifar") && names.count("nasbench201"));
}

TEST(Recipe, DartsIsThePublishedOne) {
  const RecipeOptions o = make_recipe("darts_cifar", {}, "recipe");
  EXPECT_EQ(o.epochs, 600);
  EXPECT_EQ(o.batch_size, 96);
  EXPECT_EQ(schedule_value(schedule_options(o), 0, 600 * 520, 520), 0.025);
  EXPECT_NEAR(schedule_value(schedule_options(o), 300 * 520, 600 * 520, 520), 0.0125, 1e-15);
  EXPECT_EQ(drop_path_rate(o, 0, 600), 0);
  EXPECT_NEAR(drop_path_rate(o, 300, 600), 0.1, 1e-15);
  const OptimizerSpec spec = optimizer_spec(o);
  EXPECT_EQ(spec.kind, OptimizerKind::kSgd);
  EXPECT_EQ(spec.momentum, 0.9);
  EXPECT_FALSE(spec.nesterov);
  EXPECT_EQ(spec.weight_decay, 3e-4);
  EXPECT_EQ(spec.clip_norm, 5);
  EXPECT_TRUE(spec.decay_all);
}

TEST(Recipe, ValuesOfTheUserWin) {
  const RecipeOptions o =
      make_recipe("darts_cifar", {{"epochs", "3"}, {"optimizer", "adamw"}}, "recipe");
  EXPECT_EQ(o.epochs, 3);
  EXPECT_EQ(o.batch_size, 96);
  EXPECT_EQ(optimizer_spec(o).kind, OptimizerKind::kAdamW);
}

TEST(Recipe, PrintedOptionsReadBack) {
  const RecipeOptions o = make_recipe("nasbench201", {}, "recipe");
  EXPECT_EQ(print_options(parse_options<RecipeOptions>(print_options(o), "recipe")),
            print_options(o));
}

TEST(Recipe, ErrorsNameTheOption) {
  try {
    make_recipe("compakt", {}, "recipe");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUnknownName);
    EXPECT_THAT(e.what(), testing::HasSubstr("compact"));
  }
  EXPECT_THROW(make_recipe("compact", {{"epoch", "3"}}, "recipe"), Error);
  EXPECT_THROW(make_recipe("compact", {{"epochs", "0"}}, "recipe"), Error);
  EXPECT_THROW(make_recipe("compact", {{"momentum", "0"}}, "recipe"), Error);
  EXPECT_THROW(make_recipe("compact", {{"schedule", "exponential"}}, "recipe"), Error);
}

}  // namespace
}  // namespace nasmyth
