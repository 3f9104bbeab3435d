#pragma once

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// Scaled dot products over the positions of one image (Vaswani et al., arXiv 1706.03762): for each
/// head, softmax(q k' / sqrt(channels of a head)) v.
struct AttentionSize {
  ImageSize image;
  int heads = 1;  ///< divides the channels

  int depth() const { return image.channels / heads; }
  /// Elements of scratch memory that the functions below need.
  std::int64_t scratch() const { return 2 * image.pixels() * image.pixels(); }
};

template <class T>
void attend(const AttentionSize& size, const T* q, const T* k, const T* v, T* y, T* scratch);

/// Adds to those of dq, dk and dv that are not null.
template <class T>
void attend_gradient(const AttentionSize& size, const T* q, const T* k, const T* v, const T* dy,
                     T* dq, T* dk, T* dv, T* scratch);

}  // namespace nasmyth
