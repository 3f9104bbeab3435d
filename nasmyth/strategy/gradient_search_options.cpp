#include "nasmyth/strategy/gradient_search.h"
#include "nasmyth/strategy/strategy.h"

namespace nasmyth {

void describe(OptionFields<GradientSearchOptions>& f) {
  using O = GradientSearchOptions;
  const double inf = kInfinity;
  f.add("relaxation", &O::relaxation,
        {"how options are weighted while choices are open", "", -inf, inf, relaxations().names()})
      .add("execution", &O::execution,
           {"run every option with its weight (dense), only the sampled operations (sampled), or "
            "those at the sampled width and kernel, too (sliced)",
            "",
            -inf,
            inf,
            {"dense", "sampled", "sliced"}})
      .add("discretizer", &O::discretizer,
           {"how the architecture is derived", "", -inf, inf, discretizers().names()})
      .add("partial_channels", &O::partial_channels,
           {"the candidates of an edge see one of this many parts of its channels (PC-DARTS, arXiv "
            "1907.05737)",
            "", 1, 64})
      .add("epochs", &O::epochs, {"passes over the search-train part", "epochs", 1, 10000})
      .add("seconds", &O::seconds, {"time budget, 0 for none; epochs shrink to fit", "s", 0, 1e7})
      .add("warmup_epochs", &O::warmup_epochs,
           {"first epochs without architecture steps", "epochs", 0, 10000})
      .add("batch_size", &O::batch_size, {"images a step", "images", 1, 4096})
      .add("architecture_period", &O::architecture_period,
           {"weight steps for each architecture step", "steps", 1, 1000})
      .add("learning_rate", &O::learning_rate, {"of the weights, at the beginning", "", 0, 100})
      .add("minimum_learning_rate", &O::minimum_learning_rate,
           {"of the weights, at the end (cosine)", "", 0, 100})
      .add("momentum", &O::momentum, {"of the weights' SGD", "", 0, 0.9999})
      .add("weight_decay", &O::weight_decay, {"of the weights", "", 0, 1})
      .add("clip_norm", &O::clip_norm,
           {"greatest gradient norm of the weights, 0 for any", "", 0, 1e6})
      .add("architecture_learning_rate", &O::architecture_learning_rate,
           {"of the architecture parameters' Adam", "", 0, 10})
      .add("architecture_beta1", &O::architecture_beta1, {"Adam's first decay rate", "", 0, 0.9999})
      .add("architecture_beta2", &O::architecture_beta2,
           {"Adam's second decay rate", "", 0, 0.99999})
      .add("architecture_weight_decay", &O::architecture_weight_decay,
           {"of the architecture parameters (added to the gradient)", "", 0, 1})
      .add("initial_deviation", &O::initial_deviation,
           {"standard deviation of the first architecture parameters", "", 0, 10})
      .add("temperature", &O::temperature, {"of the relaxation, at the beginning", "", 1e-3, 1e3})
      .add("final_temperature", &O::final_temperature,
           {"of the relaxation, at the end (exponential)", "", 1e-3, 1e3})
      .add("penalty", &O::penalty,
           {"weight of the logarithm of expected cost / limit, at the beginning", "", 0, 1e3})
      .add("final_penalty", &O::final_penalty,
           {"the same at the end; linear in between", "", 0, 1e3})
      .add("penalty_shape", &O::penalty_shape,
           {"above: each cost above its limit is pulled down; absolute: the cost nearest to or "
            "farthest above its limit is pulled to it from both sides (after TuNAS, arXiv "
            "2008.06120), so that the budget is used",
            "",
            -inf,
            inf,
            {"above", "absolute"}})
      .add("class_weights", &O::class_weights,
           {"balanced: each class counts as much in the loss, however few samples it has",
            "",
            -inf,
            inf,
            {"none", "balanced"}})
      .add("crop_padding", &O::crop_padding, {"random crops after this padding", "pixels", 0, 64})
      .add("flip", &O::flip, {"random horizontal flips"});
}

GradientSearchOptions make_gradient_search(std::string_view name, const OptionMap& values,
                                           std::string_view where) {
  const StrategyEntry& entry = strategies().get(name, where);
  if (entry.make)
    throw Error(ErrorKind::kInvalidArgument, where,
                "'" + std::string(name) + "' is no gradient search", "choose another strategy");
  OptionMap merged = entry.preset;
  for (const auto& [key, value] : values) merged[key] = value;
  auto options = parse_options<GradientSearchOptions>(merged, where);
  if (options.warmup_epochs >= options.epochs)
    throw Error(ErrorKind::kOutOfRange, std::string(where) + ".warmup_epochs",
                std::to_string(options.warmup_epochs) + " of " + std::to_string(options.epochs) +
                    " epochs are warm-up: nothing would be learnt about the architecture",
                "lower warmup_epochs or raise epochs");
  if (options.execution != "dense" && options.relaxation != "gumbel_straight_through")
    throw Error(ErrorKind::kInvalidArgument, std::string(where) + ".execution",
                options.execution + " execution needs one option per choice; got relaxation " +
                    options.relaxation,
                "set relaxation=gumbel_straight_through or execution=dense");
  return options;
}

}  // namespace nasmyth
