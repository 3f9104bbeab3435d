#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/graph/choice_set.h"
#include "nasmyth/kernels/optimizer.h"

namespace nasmyth {

/// One number for each option of each choice.
using OptionWeights = std::vector<std::vector<double>>;

/// The architecture parameters (alpha): one logit for each option of each choice, with the moments
/// of their optimiser. Not thread-safe.
class ArchitectureParameters {
 public:
  ArchitectureParameters() = default;
  /// Logits drawn from N(0, deviation^2), as in DARTS (arXiv 1806.09055).
  ArchitectureParameters(ChoiceSetPtr choices, double deviation, RandomStream random);

  const ChoiceSetPtr& choices() const { return choices_; }
  const OptionWeights& logits() const { return logits_; }
  void set_logits(OptionWeights logits) { logits_ = std::move(logits); }
  /// Softmax of each choice's logits.
  OptionWeights probabilities() const;

  /// One optimiser update with the gradient of the loss to the logits.
  void update(const OptimizerSpec& spec, double learning_rate, const OptionWeights& gradients);

  /// Logits and moments.
  std::string serialize() const;
  /// Throws kInvalidData for what serialize() of the same choices did not write; nothing has then
  /// changed. `where` names the file.
  void restore(std::string_view bytes, std::string_view where);

 private:
  ChoiceSetPtr choices_;
  OptionWeights logits_;
  OptimizerState state_;
};

/// Softmax of one row, stable; `temperature` divides the logits.
std::vector<double> softmax(const std::vector<double>& logits, double temperature = 1);

/// Each number rounded to `digits` decimals: probabilities as they are kept for people.
OptionWeights rounded(OptionWeights weights, int digits);

/// Mean over the choices of the entropy of `probabilities`, each divided by log(options): 1 where
/// nothing is decided, 0 where all is.
double mean_entropy(const OptionWeights& probabilities);

}  // namespace nasmyth
