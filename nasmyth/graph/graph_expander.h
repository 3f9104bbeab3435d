#pragma once

#include <string_view>
#include <vector>

#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

/// Expands nodes one after the other while a network grows: what `expand` does for a whole graph.
/// Not thread-safe; `operations` must outlive it.
class GraphExpander : public Expansion {
 public:
  /// `signals`: all images have one row, and kernels are flattened (Primitive::flatten).
  explicit GraphExpander(const OperationSet& operations, bool signals = false)
      : operations_(operations), signals_(signals) {}

  /// Adds `node`, whose inputs are indices of the expanded network; returns the index of its
  /// result. Throws kShape, kUnknownName and what the operation throws, naming the node's scope.
  int put(Node node);

  int add(std::string_view operation, std::string_view leaf, std::vector<int> inputs,
          Attributes attributes = {}) override;
  const TensorShape& shape(int node) const override {
    return shapes_[static_cast<std::size_t>(node)];
  }

  /// The primitives so far, in topological order.
  const std::vector<Node>& nodes() const { return nodes_; }
  std::vector<Node> take_nodes() { return std::move(nodes_); }
  std::vector<TensorShape> take_shapes() { return std::move(shapes_); }

 private:
  int put_primitive(Node node, const Primitive& primitive);

  const OperationSet& operations_;
  bool signals_;
  std::vector<const Node*> stack_;
  std::vector<Node> nodes_;
  std::vector<TensorShape> shapes_;
};

}  // namespace nasmyth
