#pragma once

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// Windows of a pool over one image; index 0 is the height, 1 the width. What lies outside of the
/// image is left out, of the count of an average, too.
struct PoolSize {
  ImageSize input, output;
  int kernel[2] = {3, 3}, stride[2] = {1, 1}, padding[2] = {1, 1};
};

/// y = the greatest element of each window.
template <class T>
void max_pool(const PoolSize& size, const T* x, T* y);

/// dx[first greatest element of the window, by rows] += dy, where y is what max_pool gave.
template <class T>
void max_pool_gradient(const PoolSize& size, const T* x, const T* y, const T* dy, T* dx);

/// y = the mean of each window.
template <class T>
void average_pool(const PoolSize& size, const T* x, T* y);
template <class T>
void average_pool_gradient(const PoolSize& size, const T* dy, T* dx);

}  // namespace nasmyth
