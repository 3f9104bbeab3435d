#pragma once

#include "nasmyth/kernels/image.h"

namespace nasmyth {

/// Sums over the pixels of one image for each channel: of x into sums[c], of x y into
/// products[c]; both have room for all lanes.
template <class T>
void channel_sums(const ImageSize& size, const T* x, const T* y, double* sums, double* products);

/// Of the pixels of one image for each channel: the sum of x into sums[c], and of (x - mean)^2,
/// with the mean of that image, into squares[c]. Exact where the mean is far from zero.
template <class T>
void channel_moments(const ImageSize& size, const T* x, double* sums, double* squares);

/// y = x scale[c] + shift[c] for one image; both have room for all lanes.
template <class T>
void scale_channels(const ImageSize& size, const T* x, const T* scale, const T* shift, T* y);

/// dx += dy by_dy[c] + x by_x[c] + constant[c] for one image: what batch normalisation passes on
/// (arXiv 1502.03167, section 3) with the sums over the batch put into the factors.
template <class T>
void normalise_gradient(const ImageSize& size, const T* dy, const T* x, const T* by_dy,
                        const T* by_x, const T* constant, T* dx);

}  // namespace nasmyth
