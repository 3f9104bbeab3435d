#pragma once

#include <string>
#include <vector>

#include "nasmyth/engine/compiled/frame.h"

namespace nasmyth::compiled {

/// A parameter as one node reads it: part of the stored one at the node's greatest shape.
struct ParameterUse {
  std::string key;
  bool trainable = true;
  std::vector<std::int64_t> shape;
  std::vector<SliceKind> slices;
};

/// A step as a flat list of kernel calls: forward, loss, and back.
template <class T>
struct Program {
  ExpandedGraph graph;
  std::vector<Site> sites;
  std::vector<ParameterUse> parameters;
  std::vector<Buffer> buffers;
  std::vector<BufferId> values, gradients;  ///< by node; -1: none
  std::vector<Instruction<T>> instructions;
};

/// Greatest sizes of a node's result. Throws kUnsupported for what is no image and no vector.
ImageSize image_size(const ExpandedGraph& graph, int node);

/// Compiles. Throws kUnsupported for a primitive without a lowering, kInvalidArgument for an
/// attribute that is open or no number, and what find_sites throws.
template <class T>
Program<T> compile(const NetworkGraph& graph, const OperationSet& operations, const StepSpec& spec);

}  // namespace nasmyth::compiled
