#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "nasmyth/graph/operation_set.h"
#include "nasmyth/graph/parameter_store.h"

namespace nasmyth {

/// One parameter as a node of a closed graph reads it.
struct NodeParameter {
  std::string key;  ///< empty when it is only a part of what is stored, or was computed
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

using NodeParameters = std::map<std::string, NodeParameter>;  ///< by role

/// Reads the parameters of nodes out of a store, which it borrows.
class ParameterReader {
 public:
  ParameterReader(const ParameterStore& store, const OperationSet& operations);

  /// Throws kShape, naming the scope, for a key that is absent or smaller than the node needs.
  NodeParameters read(const Node& node, std::span<const TensorShape> inputs,
                      const TensorShape& output) const;

 private:
  NodeParameter read_one(const Node& node, const ParameterSpec& spec) const;

  const ParameterStore& store_;
  const OperationSet& operations_;
  std::unordered_map<std::string, int> index_;
};

/// Puts a batch normalisation in evaluation mode into the weight and bias of the convolution or
/// linear layer before it.
void fold_batch_norm(NodeParameters& layer, const NodeParameters& norm, double epsilon);

}  // namespace nasmyth
