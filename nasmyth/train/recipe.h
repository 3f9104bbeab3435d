#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/kernels/optimizer.h"
#include "nasmyth/train/schedule.h"

namespace nasmyth {

/// How a network is trained: everything but the network, the data and the seed. The defaults are
/// the recipe `compact`: small networks on small images within minutes.
struct RecipeOptions {
  std::int64_t epochs = 40;
  double seconds = 0;  ///< time budget; 0: none. The epochs shrink to fit
  std::int64_t batch_size = 128;

  std::string optimizer = "sgd";
  double learning_rate = 0.3;
  double minimum_learning_rate = 0;
  std::string schedule = "one_cycle";
  std::string schedule_per = "step";
  double warmup_epochs = 0;
  double peak = 0.25;
  double start_divisor = 10;
  double decay_factor = 0.1;
  double decay_period = 30;
  double momentum = 0.9;
  bool nesterov = true;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 5e-4;
  bool decay_all = false;
  double clip_norm = 5;

  double label_smoothing = 0.05;
  std::string class_weights = "none";
  double drop_path = 0;
  double auxiliary_weight = 0;
  double ema = 0;

  int crop_padding = 2;
  bool flip = true;
  int cutout = 0;
};

void describe(OptionFields<RecipeOptions>& fields);

/// Throws kOutOfRange where options do not fit each other (Nesterov without momentum, a schedule
/// that cannot be); `where` as in parse_options.
void check(const RecipeOptions& options, std::string_view where);

OptimizerSpec optimizer_spec(const RecipeOptions& options);
ScheduleOptions schedule_options(const RecipeOptions& options);

/// Probability of dropping a path in `epoch` (from 0) of `epochs`: grows linearly from 0
/// (ScheduledDropPath, arXiv 1707.07012; form of arXiv 1806.09055).
double drop_path_rate(const RecipeOptions& options, std::int64_t epoch, std::int64_t epochs);

/// The recipe with another number of epochs and no time budget; a warm-up takes half of them at
/// most.
RecipeOptions with_epochs(RecipeOptions options, std::int64_t epochs);

/// A named recipe.
struct RecipeInfo {
  std::string name;
  std::string help;  ///< one sentence, with its source
  OptionMap values;  ///< what differs from the defaults
};

/// All named recipes, in the order of recipes.def.
const std::vector<RecipeInfo>& recipes();

/// The recipe `name` with `values` on top, checked. Throws for unknown names, with a suggestion.
RecipeOptions make_recipe(std::string_view name, const OptionMap& values, std::string_view where);

}  // namespace nasmyth
