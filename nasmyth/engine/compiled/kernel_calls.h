#pragma once

#include <type_traits>

#include "nasmyth/kernels/activation.h"
#include "nasmyth/kernels/fast_elementwise.h"
#include "nasmyth/kernels/normalisation.h"

// The kernels that programs call: by vector instructions in single precision where there is such a
// one, else the plain one.
namespace nasmyth::compiled {

template <class T>
constexpr bool kFast = std::is_same_v<T, float>;

template <class T>
void call_activate(Activation f, const ImageSize& size, const T* x, T* y) {
  if constexpr (kFast<T>)
    if (f == Activation::kRelu) return fast_relu(size.elements(), x, y);
  activate<T>(f, size, x, y);
}

template <class T>
void call_activate_gradient(Activation f, const ImageSize& size, const T* x, const T* dy, T* dx) {
  if constexpr (kFast<T>)
    if (f == Activation::kRelu) return fast_relu_gradient(size.elements(), x, dy, dx);
  activate_gradient<T>(f, size, x, dy, dx);
}

/// y += weight x.
template <class T>
void call_add(std::int64_t count, T weight, const T* x, T* y) {
  if constexpr (kFast<T>)
    fast_add(count, weight, x, y);
  else
    for (std::int64_t i = 0; i < count; ++i) y[i] += weight * x[i];
}

/// The sum of a b.
template <class T>
double call_dot(std::int64_t count, const T* a, const T* b) {
  if constexpr (kFast<T>) {
    return fast_dot(count, a, b);
  } else {
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
  }
}

template <class T>
void call_channel_sums(const ImageSize& size, const T* x, const T* y, double* sums,
                       double* products) {
  if constexpr (kFast<T>)
    fast_channel_sums(size, x, y, sums, products);
  else
    channel_sums<T>(size, x, y, sums, products);
}

template <class T>
void call_channel_moments(const ImageSize& size, const T* x, double* sums, double* squares) {
  if constexpr (kFast<T>)
    fast_channel_moments(size, x, sums, squares);
  else
    channel_moments<T>(size, x, sums, squares);
}

template <class T>
void call_scale_channels(const ImageSize& size, const T* x, const T* scale, const T* shift, T* y) {
  if constexpr (kFast<T>)
    fast_scale_channels(size, x, scale, shift, y);
  else
    scale_channels<T>(size, x, scale, shift, y);
}

template <class T>
void call_normalise_gradient(const ImageSize& size, const T* dy, const T* x, const T* by_dy,
                             const T* by_x, const T* constant, T* dx) {
  if constexpr (kFast<T>)
    fast_normalise_gradient(size, dy, x, by_dy, by_x, constant, dx);
  else
    normalise_gradient<T>(size, dy, x, by_dy, by_x, constant, dx);
}

}  // namespace nasmyth::compiled
