#pragma once

#include <cstdint>
#include <string_view>

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// Functions of one element. The hard ones are those of MobileNetV3 (arXiv 1905.02244).
enum class Activation {
  kRelu,
  kHSwish,    ///< x min(max(x + 3, 0), 6) / 6
  kSwish,     ///< x sigmoid(x)
  kGelu,      ///< x Phi(x)
  kSigmoid,   ///< 1 / (1 + exp(-x))
  kHSigmoid,  ///< min(max(x + 3, 0), 6) / 6
  kTanh,
  kSoftplus,  ///< log(1 + exp(x))
};

/// y = f(x) for one image; lanes beyond the last channel stay zero.
template <class T>
void activate(Activation f, const ImageSize& size, const T* x, T* y);

/// dx += f'(x) dy for one image. At the kinks of relu, h_swish and h_sigmoid the derivative is the
/// one from outside of the open interval: 0 for relu.
template <class T>
void activate_gradient(Activation f, const ImageSize& size, const T* x, const T* dy, T* dx);

}  // namespace nasmyth
