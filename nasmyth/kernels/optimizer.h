#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

enum class OptimizerKind { kSgd, kAdam, kAdamW };

/// An optimiser's fixed settings. Defaults are those of DARTS's weight step (arXiv 1806.09055).
struct OptimizerSpec {
  OptimizerKind kind = OptimizerKind::kSgd;
  double momentum = 0.9;    ///< SGD
  bool nesterov = false;    ///< SGD
  double beta1 = 0.9;       ///< Adam, AdamW
  double beta2 = 0.999;     ///< Adam, AdamW
  double epsilon = 1e-8;    ///< Adam, AdamW
  double weight_decay = 0;  ///< SGD, Adam: added to the gradient; AdamW: decoupled
  double clip_norm = 0;     ///< greatest global L2 norm of the gradient; 0: no clipping
  bool decay_all = true;    ///< false: not on biases and normalisation parameters
};

/// Moments over the flat buffer of trainable parameters, and the number of updates of each segment.
struct OptimizerState {
  std::vector<float> first;         ///< momentum, or first moment
  std::vector<float> second;        ///< second moment (Adam, AdamW)
  std::vector<std::int64_t> steps;  ///< per parameter entry

  /// Zero moments for `size` elements in `entries` segments.
  static OptimizerState zeros(const OptimizerSpec& spec, std::int64_t size, std::int64_t entries);
  std::string serialize() const;
  static OptimizerState deserialize(std::string_view bytes, std::string_view where);
};

/// One contiguous run of parameters to update; all spans have the same length.
template <class T>
struct OptimizerSegment {
  std::span<T> values;
  std::span<const T> gradients;
  std::span<float> first;
  std::span<float> second;
  std::int64_t* steps = nullptr;
  bool decay = true;
};

/// Updates the segments in place after clipping by the global norm over all of them; returns that
/// norm. Same results as PyTorch's SGD, Adam and AdamW. T: float or double.
template <class T>
double update(const OptimizerSpec& spec, double learning_rate,
              std::span<const OptimizerSegment<T>> segments);

}  // namespace nasmyth
