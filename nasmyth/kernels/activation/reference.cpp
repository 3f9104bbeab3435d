#include <algorithm>
#include <cmath>
#include <numbers>

#include "nasmyth/kernels/activation.h"

namespace nasmyth {
namespace {

template <class T>
T sigmoid(T x) {
  return 1 / (1 + std::exp(-x));
}

// The distribution function of the normal distribution, and its density.
template <class T>
T normal_below(T x) {
  return (1 + std::erf(x / std::numbers::sqrt2_v<T>)) / 2;
}
template <class T>
T normal_density(T x) {
  return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi_v<T> / std::numbers::sqrt2_v<T>;
}

template <class T>
T value(Activation f, T x) {
  switch (f) {
    case Activation::kRelu:
      return x > 0 ? x : T(0);
    case Activation::kHSwish:
      return x * std::clamp<T>(x + 3, 0, 6) / 6;
    case Activation::kSwish:
      return x * sigmoid(x);
    case Activation::kGelu:
      return x * normal_below(x);
    case Activation::kSigmoid:
      return sigmoid(x);
    case Activation::kHSigmoid:
      return std::clamp<T>(x + 3, 0, 6) / 6;
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSoftplus:
      return x > 40 ? x : std::log1p(std::exp(x));
  }
  return x;
}

template <class T>
T slope(Activation f, T x) {
  switch (f) {
    case Activation::kRelu:
      return x > 0 ? T(1) : T(0);
    case Activation::kHSwish:
      return x <= -3 ? T(0) : x < 3 ? (2 * x + 3) / 6 : T(1);
    case Activation::kSwish: {
      const T s = sigmoid(x);
      return s * (1 + x * (1 - s));
    }
    case Activation::kGelu:
      return normal_below(x) + x * normal_density(x);
    case Activation::kSigmoid: {
      const T s = sigmoid(x);
      return s * (1 - s);
    }
    case Activation::kHSigmoid:
      return x > -3 && x < 3 ? T(1) / 6 : T(0);
    case Activation::kTanh: {
      const T t = std::tanh(x);
      return 1 - t * t;
    }
    case Activation::kSoftplus:
      return x > 40 ? T(1) : sigmoid(x);
  }
  return T(0);
}

}  // namespace

template <class T>
void activate(Activation f, const ImageSize& size, const T* x, T* y) {
  const std::int64_t plane = size.pixels() * kLanes;
  for (int b = 0; b < size.blocks(); ++b) {
    const int lanes = std::min(kLanes, size.channels - b * kLanes);
    for (std::int64_t i = b * plane; i < (b + 1) * plane; i += kLanes)
      for (int lane = 0; lane < kLanes; ++lane)
        y[i + lane] = lane < lanes ? value(f, x[i + lane]) : T(0);
  }
}

template <class T>
void activate_gradient(Activation f, const ImageSize& size, const T* x, const T* dy, T* dx) {
  const std::int64_t n = size.elements();
  for (std::int64_t i = 0; i < n; ++i) dx[i] += slope(f, x[i]) * dy[i];
}

#define NASMYTH_ACTIVATION(T)                                            \
  template void activate<T>(Activation, const ImageSize&, const T*, T*); \
  template void activate_gradient<T>(Activation, const ImageSize&, const T*, const T*, T*);
NASMYTH_ACTIVATION(float)
NASMYTH_ACTIVATION(double)
#undef NASMYTH_ACTIVATION

}  // namespace nasmyth
