#pragma once

#include <vector>

#include "nasmyth/resource/contraction.h"
#include "nasmyth/resource/resource_model.h"

namespace nasmyth {

/// The expected cost of an open network when each choice is drawn on its own, and its derivative;
/// exact, conditional liveness included. Constraints between choices are not looked at. Planned
/// once, then a few microseconds a choice. Immutable; thread-safe.
class ExpectedCost {
 public:
  /// Throws kUnsupported for a model without terms, or one whose cost is the greatest of several
  /// sums (its expectation is no sum of expectations).
  ExpectedCost(const NetworkGraph& open_target, const OperationSet& operations,
               const ResourceModel& model);

  /// `probabilities[choice][option]`, each row of sum 1. Throws kInvalidArgument for other sizes.
  double value(const std::vector<std::vector<double>>& probabilities) const;
  /// Also the derivative by each probability, in the layout of `probabilities` (resized). The rows
  /// count as free numbers, each term reading only the choices that it depends on; adding a
  /// constant to a row, as other conventions do, changes nothing for rows of sum 1.
  double value_and_gradient(const std::vector<std::vector<double>>& probabilities,
                            std::vector<std::vector<double>>& gradient) const;

 private:
  void check(const std::vector<std::vector<double>>& probabilities) const;

  std::vector<int> options_;  // by choice
  std::vector<Contraction> terms_;
};

}  // namespace nasmyth
