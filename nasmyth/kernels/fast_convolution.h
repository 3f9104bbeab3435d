#pragma once

#include <cstdint>
#include <vector>

#include "nasmyth/kernels/convolution.h"

namespace nasmyth {

/// A convolution of one size by vector instructions, chosen for the machine at run time; the same
/// results as the plain functions but for rounding. Depthwise, or with one group. Immutable;
/// scratch memory is the caller's, 64-byte aligned, one for each thread.
class FastConvolution {
 public:
  /// Whether it can run convolutions of this size.
  static bool fits(const ConvolutionSize& size);
  explicit FastConvolution(const ConvolutionSize& size);

  /// Elements of a packed weight, and of the flipped one, which the gradient to the input reads.
  std::int64_t packed_elements() const;
  /// Elements of scratch memory that each call needs.
  std::int64_t scratch_elements() const;
  /// Where a weight lies in the packed one; gradients of weights lie alike.
  std::int64_t packed_index(int out, int in, int y, int x) const;

  void pack(const WeightView<const float>& w, float* packed) const;
  void pack_flipped(const WeightView<const float>& w, float* flipped) const;

  /// y = w * x + bias for one image; `bias` may be null.
  void forward(const float* x, const float* packed, const float* bias, float* y,
               float* scratch) const;
  /// dx += w' * dy for one image.
  void input_gradient(const float* dy, const float* flipped, float* dx, float* scratch) const;
  /// Packed dw += x * dy for one image.
  void weight_gradient(const float* x, const float* dy, float* packed, float* scratch) const;

 private:
  std::int64_t flipped_index(int out, int in, int y, int x) const;
  std::int64_t depthwise_index(int channel, std::int64_t tap) const;
  template <class Index>
  void pack_by(Index&& index, const WeightView<const float>& w, float* packed) const;

  ConvolutionSize size_;
  bool depthwise_;
  ImageSize padded_input_;   // x with its border of zeros
  ImageSize spread_output_;  // dy with zeros between its pixels and around them
};

}  // namespace nasmyth
