#pragma once

#include <cstdint>
#include <span>

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// Cross-entropy of one sample, with label smoothing over all classes (arXiv 1512.00567).
struct CrossEntropy {
  int classes = 1;
  double smoothing = 0;
  std::span<const double> class_weights;  ///< of each class; empty: all alike

  double weight(std::int64_t target) const {
    return class_weights.empty() ? 1 : class_weights[static_cast<std::size_t>(target)];
  }
};

/// Weighted loss of one sample, not divided by the sum of weights. Where `gradient` is not null,
/// gradient += factor * d loss / d logits.
template <class T>
double cross_entropy(const CrossEntropy& spec, const T* logits, std::int64_t target, double factor,
                     T* gradient);

}  // namespace nasmyth
