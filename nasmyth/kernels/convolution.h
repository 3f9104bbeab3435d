#pragma once

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// Sizes of a convolution over one image; index 0 is the height, 1 the width. A linear layer is one
/// of 1x1 over an image of one pixel.
struct ConvolutionSize {
  ImageSize input, output;
  int kernel[2] = {1, 1}, stride[2] = {1, 1}, padding[2] = {0, 0};
  int dilation = 1;
  int groups = 1;  ///< divides both channel counts

  /// Input channels that one output channel reads.
  int depth() const { return input.channels / groups; }
};

/// A weight [output channels, input channels of a group, height, width] or part of one: strides in
/// elements.
template <class T>
struct WeightView {
  T* data = nullptr;
  std::int64_t stride[4] = {0, 0, 0, 0};

  T& at(int out, int in, int y, int x) const {
    return data[out * stride[0] + in * stride[1] + y * stride[2] + x * stride[3]];
  }
};

/// y = w * x + bias for one image; `bias` has an element for each output channel, or is null.
template <class T>
void convolve(const ConvolutionSize& size, const T* x, const WeightView<const T>& w, const T* bias,
              T* y);

/// dx += w' * dy for one image.
template <class T>
void convolve_input_gradient(const ConvolutionSize& size, const T* dy, const WeightView<const T>& w,
                             T* dx);

/// dw += x * dy and, where `dbias` is not null, dbias += sum of dy, for one image.
template <class T>
void convolve_weight_gradient(const ConvolutionSize& size, const T* x, const T* dy,
                              const WeightView<T>& dw, T* dbias);

/// dbias += sum of dy over the pixels of one image.
template <class T>
void add_bias_gradient(const ImageSize& size, const T* dy, T* dbias);

}  // namespace nasmyth
