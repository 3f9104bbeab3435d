#pragma once

#include <string>
#include <vector>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/graph/parameter_store.h"
#include "nasmyth/onnx/model.h"

namespace nasmyth {

/// How pixel values become the network's input: (pixel * scale - mean[c]) / deviation[c] for
/// channel c. `mean` and `deviation` have one entry a channel, or both are empty (0 and 1).
struct Preprocessing {
  double scale = 1.0 / 255;
  std::vector<double> mean;
  std::vector<double> deviation;
};

/// What a model says about itself, beside the network.
struct OnnxDescription {
  Preprocessing preprocessing;
  std::vector<std::string> classes;  ///< labels in the order of the logits; may be empty
  std::string architecture;          ///< text of the architecture; may be empty
};

struct OnnxOptions {
  /// The model takes raw pixel values 0..255 and begins with the preprocessing. Otherwise it takes
  /// the network's own input.
  bool preprocessing = true;
  /// Batch normalisation that alone reads a convolution or linear layer becomes part of its
  /// weights.
  bool fold_batch_norm = true;
};

/// A closed network in evaluation mode as an ONNX model: opset 17, float32, inputs
/// [batch, channels, height, width] (or [batch, features]) and outputs [batch, ...] with a free
/// dimension "batch"; training-only outputs are left out. Nodes are named after scopes, parameters
/// after their keys. `parameters` are those of this closed graph (or hold its keys at greater
/// sizes). Metadata: `nasmyth.version`, `nasmyth.preprocessing` (JSON: scale, mean, deviation, and
/// whether the model applies them itself), `nasmyth.classes` (JSON list), `nasmyth.architecture`.
/// Throws kUnsupported, naming the scope, for an operation that has no ONNX form; kShape when
/// parameters, channels or classes do not fit the network; kInvalidArgument for an open graph.
OnnxModel onnx_from_graph(const NetworkGraph& graph, const ParameterStore& parameters,
                          const OperationSet& operations, const OnnxDescription& description = {},
                          const OnnxOptions& options = {});

/// True when `primitive` can be written as ONNX.
bool has_onnx_form(std::string_view primitive);

}  // namespace nasmyth
