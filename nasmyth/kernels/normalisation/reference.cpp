#include "nasmyth/kernels/normalisation.h"

#include <algorithm>

namespace nasmyth {
namespace {

// Calls f(element, channel) for all lanes of one image.
template <class F>
void for_each_element(const ImageSize& size, F&& f) {
  std::int64_t i = 0;
  for (int b = 0; b < size.blocks(); ++b)
    for (std::int64_t p = 0; p < size.pixels(); ++p)
      for (int lane = 0; lane < kLanes; ++lane) f(i++, b * kLanes + lane);
}

}  // namespace

template <class T>
void channel_sums(const ImageSize& size, const T* x, const T* y, double* sums, double* products) {
  std::fill_n(sums, size.blocks() * kLanes, 0.0);
  std::fill_n(products, size.blocks() * kLanes, 0.0);
  for_each_element(size, [&](std::int64_t i, int c) {
    const double value = x[i];
    sums[c] += value;
    products[c] += value * static_cast<double>(y[i]);
  });
}

template <class T>
void channel_moments(const ImageSize& size, const T* x, double* sums, double* squares) {
  std::fill_n(sums, size.blocks() * kLanes, 0.0);
  std::fill_n(squares, size.blocks() * kLanes, 0.0);
  for_each_element(size, [&](std::int64_t i, int c) { sums[c] += static_cast<double>(x[i]); });
  const auto pixels = static_cast<double>(size.pixels());
  for_each_element(size, [&](std::int64_t i, int c) {
    const double from_mean = static_cast<double>(x[i]) - sums[c] / pixels;
    squares[c] += from_mean * from_mean;
  });
}

template <class T>
void scale_channels(const ImageSize& size, const T* x, const T* scale, const T* shift, T* y) {
  for_each_element(size, [&](std::int64_t i, int c) { y[i] = x[i] * scale[c] + shift[c]; });
}

template <class T>
void normalise_gradient(const ImageSize& size, const T* dy, const T* x, const T* by_dy,
                        const T* by_x, const T* constant, T* dx) {
  for_each_element(size, [&](std::int64_t i, int c) {
    dx[i] += dy[i] * by_dy[c] + x[i] * by_x[c] + constant[c];
  });
}

#define NASMYTH_NORMALISATION(T)                                                                \
  template void channel_sums<T>(const ImageSize&, const T*, const T*, double*, double*);        \
  template void channel_moments<T>(const ImageSize&, const T*, double*, double*);               \
  template void scale_channels<T>(const ImageSize&, const T*, const T*, const T*, T*);          \
  template void normalise_gradient<T>(const ImageSize&, const T*, const T*, const T*, const T*, \
                                      const T*, T*);
NASMYTH_NORMALISATION(float)
NASMYTH_NORMALISATION(double)
#undef NASMYTH_NORMALISATION

}  // namespace nasmyth
