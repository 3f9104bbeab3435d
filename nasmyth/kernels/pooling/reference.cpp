#include <algorithm>

#include "nasmyth/kernels/pooling.h"

namespace nasmyth {
namespace {

struct Window {
  int y0, y1, x0, x1;
  int count() const { return (y1 - y0) * (x1 - x0); }
};

Window window(const PoolSize& s, int y, int x) {
  const int top = y * s.stride[0] - s.padding[0], left = x * s.stride[1] - s.padding[1];
  return {std::max(top, 0), std::min(top + s.kernel[0], s.input.height), std::max(left, 0),
          std::min(left + s.kernel[1], s.input.width)};
}

// Calls f(window, offset of the input's block, offset of the result) for each pixel of the result
// in each block of channels; all lanes lie behind the offsets.
template <class F>
void for_each_window(const PoolSize& s, F&& f) {
  for (int b = 0; b < s.output.blocks(); ++b)
    for (int y = 0; y < s.output.height; ++y)
      for (int x = 0; x < s.output.width; ++x)
        f(window(s, y, x), s.input.at(b * kLanes, 0, 0), s.output.at(b * kLanes, y, x));
}

// Calls f(offset in the block) for each pixel of a window, by rows.
template <class F>
void for_each_pixel(const PoolSize& s, const Window& w, F&& f) {
  for (int i = w.y0; i < w.y1; ++i)
    for (int j = w.x0; j < w.x1; ++j)
      f((static_cast<std::int64_t>(i) * s.input.width + j) * kLanes);
}

}  // namespace

template <class T>
void max_pool(const PoolSize& size, const T* x, T* y) {
  for_each_window(size, [&](const Window& w, std::int64_t from, std::int64_t to) {
    bool first = true;
    for_each_pixel(size, w, [&](std::int64_t pixel) {
      const T* value = x + from + pixel;
      for (int lane = 0; lane < kLanes; ++lane)
        y[to + lane] = first || value[lane] > y[to + lane] ? value[lane] : y[to + lane];
      first = false;
    });
  });
}

template <class T>
void max_pool_gradient(const PoolSize& size, const T* x, const T* y, const T* dy, T* dx) {
  for_each_window(size, [&](const Window& w, std::int64_t to, std::int64_t from) {
    T left[kLanes];  // of the gradient: none once the greatest element was met
    std::copy_n(dy + from, kLanes, left);
    for_each_pixel(size, w, [&](std::int64_t pixel) {
      for (int lane = 0; lane < kLanes; ++lane) {
        const bool greatest = x[to + pixel + lane] == y[from + lane];
        dx[to + pixel + lane] += greatest ? left[lane] : T(0);
        left[lane] = greatest ? T(0) : left[lane];
      }
    });
  });
}

template <class T>
void average_pool(const PoolSize& size, const T* x, T* y) {
  for_each_window(size, [&](const Window& w, std::int64_t from, std::int64_t to) {
    T sum[kLanes] = {};
    for_each_pixel(size, w, [&](std::int64_t pixel) {
      for (int lane = 0; lane < kLanes; ++lane) sum[lane] += x[from + pixel + lane];
    });
    for (int lane = 0; lane < kLanes; ++lane) y[to + lane] = sum[lane] / static_cast<T>(w.count());
  });
}

template <class T>
void average_pool_gradient(const PoolSize& size, const T* dy, T* dx) {
  for_each_window(size, [&](const Window& w, std::int64_t to, std::int64_t from) {
    T share[kLanes];
    for (int lane = 0; lane < kLanes; ++lane)
      share[lane] = dy[from + lane] / static_cast<T>(w.count());
    for_each_pixel(size, w, [&](std::int64_t pixel) {
      for (int lane = 0; lane < kLanes; ++lane) dx[to + pixel + lane] += share[lane];
    });
  });
}

#define NASMYTH_POOLING(T)                                                               \
  template void max_pool<T>(const PoolSize&, const T*, T*);                              \
  template void max_pool_gradient<T>(const PoolSize&, const T*, const T*, const T*, T*); \
  template void average_pool<T>(const PoolSize&, const T*, T*);                          \
  template void average_pool_gradient<T>(const PoolSize&, const T*, T*);
NASMYTH_POOLING(float)
NASMYTH_POOLING(double)
#undef NASMYTH_POOLING

}  // namespace nasmyth
