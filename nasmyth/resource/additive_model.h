#pragma once

#include <functional>

#include "nasmyth/resource/resource_model.h"

namespace nasmyth {

/// A model whose cost is a sum over nodes: the closed network is the case in which every term is a
/// number, so one function serves counting, bounds and expectations.
class AdditiveModel : public ResourceModel {
 public:
  double cost(const NetworkGraph& closed, const OperationSet& operations) const final;
  std::optional<CostTerms> terms(OpenNetwork& open) const final;

 protected:
  virtual std::vector<ChoiceFunction> sum(OpenNetwork& open) const = 0;
};

/// Numbers of trainable elements (weights, biases, affine; no running statistics), each parameter
/// key once, at its greatest shape over the live nodes that share it.
std::vector<ChoiceFunction> parameter_terms(OpenNetwork& open);

/// Multiply-accumulates of the primitives for which `counted(operation)` holds, node by node.
std::vector<ChoiceFunction> mac_terms(OpenNetwork& open,
                                      const std::function<bool(const std::string&)>& counted);

}  // namespace nasmyth
