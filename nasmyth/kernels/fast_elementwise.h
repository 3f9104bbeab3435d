#pragma once

#include <cstdint>

#include "nasmyth/kernels/image.h"

namespace nasmyth {

// The plain functions of activation.h and normalisation.h, and sums, by vector instructions. Counts
// are multiples of kLanes; memory is 64-byte aligned. Sums over pixels are flushed to double every
// 64 pixels.

/// y = max(x, 0).
void fast_relu(std::int64_t count, const float* x, float* y);
/// dx += dy where x > 0.
void fast_relu_gradient(std::int64_t count, const float* x, const float* dy, float* dx);

/// y += weight x.
void fast_add(std::int64_t count, float weight, const float* x, float* y);
/// The sum of a b.
double fast_dot(std::int64_t count, const float* a, const float* b);

void fast_channel_sums(const ImageSize& size, const float* x, const float* y, double* sums,
                       double* products);
void fast_channel_moments(const ImageSize& size, const float* x, double* sums, double* squares);
void fast_scale_channels(const ImageSize& size, const float* x, const float* scale,
                         const float* shift, float* y);
void fast_normalise_gradient(const ImageSize& size, const float* dy, const float* x,
                             const float* by_dy, const float* by_x, const float* constant,
                             float* dx);

}  // namespace nasmyth
