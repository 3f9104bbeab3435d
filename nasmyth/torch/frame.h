#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nasmyth/engine/executor.h"
#include "nasmyth/graph/choice_function.h"
#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

/// A size that may depend on choices, with its greatest value at hand.
struct OpenSize {
  OpenSize(const ChoiceFunction& f = 1)  // NOLINT: sizes are choice functions
      : function(simplify(f)), greatest(static_cast<std::int64_t>(function.maximum())) {}
  ChoiceFunction function;
  std::int64_t greatest;
  bool open() const { return !function.is_constant(); }
};

/// One parameter as a node reads it: which entry of the program, and which part of it.
struct ParameterSlice {
  int entry = -1;  ///< index into Program::parameters()
  std::vector<OpenSize> shape;
  std::vector<SliceKind> slices;
};

/// All that the closures of a program read and write in one step.
class Frame {
 public:
  at::Tensor& value(int node) { return values[static_cast<std::size_t>(node)]; }

  /// The size in this step: at the sampled options where the step is sliced, else the greatest.
  std::int64_t size(const OpenSize& size) const {
    if (!sliced || !size.open()) return size.greatest;
    return static_cast<std::int64_t>(size.function.at(options));
  }

  /// The part of a parameter that a node reads: the leaf itself, or views of it.
  at::Tensor parameter(const ParameterSlice& slice) const;

  /// The weights of a site: the leaf where gradients are wanted, else a constant. Float64, CPU.
  const at::Tensor& site(int index);

  /// Index of the only weight that is not zero, when it is one; else -1.
  int hot(int site) const;

  std::vector<at::Tensor> values;       ///< by node
  std::vector<at::Tensor> parameters;   ///< leaves, by entry of the program
  std::vector<at::Tensor> site_leaves;  ///< by site; filled on demand when constant
  const ChoiceWeights* weights = nullptr;
  bool site_gradients = false;
  bool twice = false;  ///< gradients will be differentiated, too

  /// Sampled execution where every value choice is one-hot and no gradient to them is wanted, or
  /// sliced execution: nodes run at their own width and kernel, as in the bound network.
  bool sliced = false;
  std::vector<int> options;  ///< by choice, when sliced

  const Batch* batch = nullptr;
  const Scalars* scalars = nullptr;
  RandomStream random;
  at::Device device = at::kCPU;
  at::ScalarType type = at::kFloat;
  /// Layout of images inside of the program.
  at::MemoryFormat layout = at::MemoryFormat::Contiguous;
};

/// Computes one node's value.
using NodeKernel = std::function<at::Tensor(Frame&)>;

}  // namespace nasmyth
