#pragma once

#include <cstdint>

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// One row of the result of a convolution over an input that has its border of zeros. Offsets and
/// strides in elements.
struct RowCall {
  const std::int64_t* tap_offsets = nullptr;  ///< of each place of the kernel, in the input
  int taps = 0;
  int x_channels = 0, x_blocks = 0;
  std::int64_t x_block = 0;  ///< from one block of input channels to the next
  std::int64_t x_pixel = 0;  ///< from what one pixel of the result reads to what the next reads
  int y_blocks = 0;
  std::int64_t y_block = 0;
  std::int64_t weight_row = 0;  ///< from the weights of one input channel to those of the next
  int pixels = 0;               ///< of the row
  bool add = false;             ///< to what y holds
};

/// y = (y +) sum over taps and input channels; weights as [tap][block][lane][output lane].
void dense_row(const RowCall& c, const float* x, const float* w, float* y);

/// One tap and one block of input channels over a whole image.
struct GradientCall {
  int x_channels = 0;  ///< of this block
  std::int64_t x_row = 0, x_pixel = 0;
  int y_blocks = 0;
  std::int64_t y_block = 0, y_row = 0;
  std::int64_t weight_row = 0;
  int rows = 0, pixels = 0;
};

/// dw[lane][output lane] += sum over pixels of x dy.
void dense_gradient(const GradientCall& c, const float* x, const float* dy, float* dw);

/// One row of one block; weights as [tap][lane].
void depthwise_row(const RowCall& c, const float* x, const float* w, float* y);

/// dw[tap][lane] += sum over the pixels of one row of x dy.
void depthwise_gradient(const RowCall& c, const float* x, const float* dy, float* dw);

}  // namespace nasmyth
