#pragma once

#include <span>

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// Which element of the input each element of the output is: y(c, i, j) = x(channels[c], i + row,
/// j + column); no element where channels[c] is negative.
struct Gather {
  ImageSize input, output;
  std::span<const int> channels;  ///< one for each channel of the output
  int row = 0, column = 0;
};

/// y += what it gathers from x, for one image.
template <class T>
void gather(const Gather& g, const T* x, T* y);

/// dx += dy, each element to where it came from.
template <class T>
void gather_gradient(const Gather& g, const T* dy, T* dx);

/// An image [channels, height, width], row major, in and out of the layout of programs.
template <class T>
void from_rows(const ImageSize& size, const float* x, T* y);
template <class T>
void to_rows(const ImageSize& size, const T* x, double* y);

}  // namespace nasmyth
