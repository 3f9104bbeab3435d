#include "nasmyth/train/recipe.h"

#include <algorithm>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

using O = RecipeOptions;
using Fields = OptionFields<RecipeOptions>;

void describe_length(Fields& f) {
  f.add("epochs", &O::epochs, {"passes over the training data", "epochs", 1, 1e6});
  f.add("seconds", &O::seconds,
        {"time budget, to which the number of epochs shrinks; 0: none", "s", 0});
  f.add("batch_size", &O::batch_size, {"images of one step", "images", 1, 65536});
}

void describe_optimizer(Fields& f) {
  f.add("optimizer", &O::optimizer, {.help = "update rule", .choices = {"sgd", "adam", "adamw"}});
  f.add("learning_rate", &O::learning_rate, {"greatest learning rate", "", 0});
  f.add("minimum_learning_rate", &O::minimum_learning_rate, {"last learning rate", "", 0});
  f.add("schedule", &O::schedule,
        {.help = "curve of the learning rate", .choices = schedule_names()});
  f.add("schedule_per", &O::schedule_per,
        {.help = "when the learning rate changes", .choices = {"step", "epoch"}});
  f.add("warmup_epochs", &O::warmup_epochs, {"linear warm-up", "epochs", 0});
  f.add("peak", &O::peak, {"one_cycle: part of the run before the peak", "", 0, 1});
  f.add("start_divisor", &O::start_divisor,
        {"one_cycle: greatest over first learning rate", "", 1});
  f.add("decay_factor", &O::decay_factor, {"step: factor of each drop", "", 0, 1});
  f.add("decay_period", &O::decay_period, {"step: time between drops", "epochs", 1e-3});
  f.add("momentum", &O::momentum, {"momentum of SGD", "", 0, 1});
  f.add("nesterov", &O::nesterov, {"Nesterov's form of momentum"});
  f.add("beta1", &O::beta1, {"Adam: decay of the first moment", "", 0, 0.999999});
  f.add("beta2", &O::beta2, {"Adam: decay of the second moment", "", 0, 0.999999});
  f.add("epsilon", &O::epsilon, {"Adam: added to the root of the second moment", "", 0});
  f.add("weight_decay", &O::weight_decay, {"L2 penalty; decoupled for adamw", "", 0});
  f.add("decay_all", &O::decay_all, {"decay of biases and normalisation parameters, too"});
  f.add("clip_norm", &O::clip_norm, {"greatest norm of the gradient; 0: no clipping", "", 0});
}

void describe_regularization(Fields& f) {
  f.add("class_weights", &O::class_weights,
        {"balanced: each class counts as much in the loss, however few samples it has",
         "",
         {},
         {},
         {"none", "balanced"}});
  f.add("label_smoothing", &O::label_smoothing,
        {"part of each target spread over all classes", "", 0, 0.999});
  f.add("drop_path", &O::drop_path,
        {"probability of dropping a path, reached linearly at the end", "", 0, 0.999});
  f.add("auxiliary_weight", &O::auxiliary_weight, {"weight of the auxiliary loss", "", 0});
  f.add("ema", &O::ema,
        {"decay of the moving average of the parameters, a step; 0: off", "", 0, 0.999999});
  f.add("crop_padding", &O::crop_padding,
        {"zero padding before a random crop of the old size", "pixels", 0, 64});
  f.add("flip", &O::flip, {"random horizontal flips"});
  f.add("cutout", &O::cutout, {"side of the square that is cut out; 0: none", "pixels", 0, 1024});
}

}  // namespace

void describe(Fields& f) {
  describe_length(f);
  describe_optimizer(f);
  describe_regularization(f);
}

void check(const RecipeOptions& o, std::string_view where) {
  if (o.nesterov && o.optimizer == "sgd" && o.momentum == 0)
    throw Error(ErrorKind::kOutOfRange, where, "nesterov needs momentum; got momentum 0",
                "set nesterov to false");
  check(schedule_options(o), where);
}

OptimizerSpec optimizer_spec(const RecipeOptions& o) {
  OptimizerSpec spec;
  spec.kind = o.optimizer == "adam"    ? OptimizerKind::kAdam
              : o.optimizer == "adamw" ? OptimizerKind::kAdamW
                                       : OptimizerKind::kSgd;
  spec.momentum = o.momentum;
  spec.nesterov = o.nesterov;
  spec.beta1 = o.beta1;
  spec.beta2 = o.beta2;
  spec.epsilon = o.epsilon;
  spec.weight_decay = o.weight_decay;
  spec.clip_norm = o.clip_norm;
  spec.decay_all = o.decay_all;
  return spec;
}

ScheduleOptions schedule_options(const RecipeOptions& o) {
  ScheduleOptions s;
  s.schedule = o.schedule;
  s.maximum = o.learning_rate;
  s.minimum = o.minimum_learning_rate;
  s.warmup = o.warmup_epochs;
  s.per = o.schedule_per;
  s.peak = o.peak;
  s.start_divisor = o.start_divisor;
  s.factor = o.decay_factor;
  s.period = o.decay_period;
  return s;
}

double drop_path_rate(const RecipeOptions& o, std::int64_t epoch, std::int64_t epochs) {
  return epochs > 0 ? o.drop_path * static_cast<double>(epoch) / static_cast<double>(epochs) : 0;
}

RecipeOptions with_epochs(RecipeOptions o, std::int64_t epochs) {
  o.epochs = epochs;
  o.seconds = 0;
  o.warmup_epochs = std::min(o.warmup_epochs, 0.5 * static_cast<double>(epochs));
  return o;
}

const std::vector<RecipeInfo>& recipes() {
  static const std::vector<RecipeInfo> all = {
#define NASMYTH_RECIPE(name, help, ...) {name, help, __VA_ARGS__},
#include "nasmyth/train/recipes.def"
#undef NASMYTH_RECIPE
  };
  return all;
}

RecipeOptions make_recipe(std::string_view name, const OptionMap& values, std::string_view where) {
  std::vector<std::string> names;
  for (const RecipeInfo& recipe : recipes()) {
    if (recipe.name != name) {
      names.push_back(recipe.name);
      continue;
    }
    OptionMap merged = values;
    merged.insert(recipe.values.begin(), recipe.values.end());
    RecipeOptions options = parse_options<RecipeOptions>(merged, where);
    check(options, where);
    return options;
  }
  throw unknown_name(where, "recipe", name, names);
}

}  // namespace nasmyth
