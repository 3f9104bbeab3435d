#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/supernet/architecture_parameters.h"

namespace nasmyth {

/// What a relaxation gives for one step: the weight of every option of every choice.
struct RelaxedChoices {
  OptionWeights weights;     ///< forward weights; one-hot when `hard`
  OptionWeights soft;        ///< the differentiable weights behind them
  std::vector<int> sampled;  ///< option of each choice where `hard`, else -1
  bool hard = false;         ///< one option per choice
  double temperature = 1;
};

/// Turns logits into option weights, and gradients to option weights into gradients to logits, by a
/// hand-written derivative. Stateless; thread-safe.
class Relaxation {
 public:
  virtual ~Relaxation() = default;
  virtual RelaxedChoices relax(const OptionWeights& logits, double temperature,
                               RandomStream& random) const = 0;
  /// d loss / d logits given d loss / d weights (straight-through where the weights are one-hot).
  virtual OptionWeights gradients(const RelaxedChoices& relaxed,
                                  const OptionWeights& weight_gradients) const;
};

/// How a relaxation is found and described.
struct RelaxationEntry {
  std::string help;
  std::unique_ptr<Relaxation> (*make)();
};

/// `softmax`, `gumbel_softmax`, `gumbel_straight_through`.
Registry<RelaxationEntry>& relaxations();
std::unique_ptr<Relaxation> make_relaxation(std::string_view name);

}  // namespace nasmyth
