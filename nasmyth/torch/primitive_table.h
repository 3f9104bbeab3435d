#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/torch/blend.h"
#include "nasmyth/torch/frame.h"

namespace nasmyth {

/// What a primitive's row knows when it makes the closure of one node.
struct Lowering {
  const Node& node;
  const ExpandedGraph& graph;
  int index = -1;
  const StepSpec& spec;
  std::map<std::string, ParameterSlice, std::less<>> parameters;  ///< by role
  std::span<const Site> sites;                                    ///< of the whole graph
  bool overwrite = false;  ///< nothing else reads the input: it may be changed in place

  int input(std::size_t i = 0) const { return node.inputs[i]; }
  const TensorShape& input_shape(std::size_t i = 0) const;
  const TensorShape& shape() const { return graph.shapes[static_cast<std::size_t>(index)]; }
  const ParameterSlice* parameter(std::string_view role) const;
  /// A closed whole number. Throws kInvalidArgument naming the scope.
  std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  /// The blend of `functions` (one number each) by the sites of `site_node` that act on them; empty
  /// where all are closed.
  ValueBlend blend(int site_node, std::vector<ChoiceFunction> functions) const;
};

/// One primitive: how the closure of a node is made.
struct PrimitiveRow {
  std::string_view primitive;
  NodeKernel (*lower)(const Lowering& lowering);
};

/// The row of a primitive, or null.
const PrimitiveRow* find_primitive_row(std::string_view primitive);

}  // namespace nasmyth
