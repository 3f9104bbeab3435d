// Published gradient searches as presets: what differs from GradientSearchOptions{}.
#include "nasmyth/strategy/strategy.h"

namespace nasmyth {

StrategyEntry sampled_strategy() {
  return {
      "one sampled option per choice, straight-through Gumbel softmax, cost penalty (after GDAS, "
      "arXiv 1910.04465, and FBNet, arXiv 1812.03443)",
      {}};
}

StrategyEntry darts_strategy() {
  return {"first-order DARTS (arXiv 1806.09055): softmax mixture, all options run, top-2 edges",
          {{"relaxation", "softmax"},
           {"penalty_shape", "above"},
           {"execution", "dense"},
           {"discretizer", "darts_top2"},
           {"epochs", "50"},
           {"warmup_epochs", "0"},
           {"batch_size", "64"},
           {"architecture_period", "1"},
           {"learning_rate", "0.025"},
           {"minimum_learning_rate", "0.001"},
           {"architecture_learning_rate", "3e-4"},
           {"architecture_weight_decay", "1e-3"},
           {"crop_padding", "4"}}};
}

StrategyEntry snas_strategy() {
  return {"soft Gumbel softmax with annealed temperature (after SNAS, arXiv 1812.09926)",
          {{"relaxation", "gumbel_softmax"},
           {"penalty_shape", "above"},
           {"execution", "dense"},
           {"epochs", "150"},
           {"warmup_epochs", "0"},
           {"batch_size", "64"},
           {"architecture_period", "1"},
           {"learning_rate", "0.025"},
           {"minimum_learning_rate", "0.001"},
           {"temperature", "1"},
           {"final_temperature", "0.03"},
           {"architecture_learning_rate", "1e-3"}}};
}

}  // namespace nasmyth
