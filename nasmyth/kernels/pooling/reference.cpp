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

// Calls f(window, channel, offset of the result) for all results of one image.
template <class F>
void for_each_window(const PoolSize& s, F&& f) {
  for (int c = 0; c < s.output.channels; ++c)
    for (int y = 0; y < s.output.height; ++y)
      for (int x = 0; x < s.output.width; ++x) f(window(s, y, x), c, s.output.at(c, y, x));
}

}  // namespace

template <class T>
void max_pool(const PoolSize& size, const T* x, T* y) {
  std::fill_n(y, size.output.elements(), T(0));
  for_each_window(size, [&](const Window& w, int c, std::int64_t to) {
    T greatest = x[size.input.at(c, w.y0, w.x0)];
    for (int i = w.y0; i < w.y1; ++i)
      for (int j = w.x0; j < w.x1; ++j) greatest = std::max(greatest, x[size.input.at(c, i, j)]);
    y[to] = greatest;
  });
}

template <class T>
void max_pool_gradient(const PoolSize& size, const T* x, const T* y, const T* dy, T* dx) {
  for_each_window(size, [&](const Window& w, int c, std::int64_t from) {
    for (int i = w.y0; i < w.y1; ++i)
      for (int j = w.x0; j < w.x1; ++j)
        if (const std::int64_t to = size.input.at(c, i, j); x[to] == y[from]) {
          dx[to] += dy[from];
          return;
        }
  });
}

template <class T>
void average_pool(const PoolSize& size, const T* x, T* y) {
  std::fill_n(y, size.output.elements(), T(0));
  for_each_window(size, [&](const Window& w, int c, std::int64_t to) {
    T sum = 0;
    for (int i = w.y0; i < w.y1; ++i)
      for (int j = w.x0; j < w.x1; ++j) sum += x[size.input.at(c, i, j)];
    y[to] = sum / static_cast<T>(w.count());
  });
}

template <class T>
void average_pool_gradient(const PoolSize& size, const T* dy, T* dx) {
  for_each_window(size, [&](const Window& w, int c, std::int64_t from) {
    const T share = dy[from] / static_cast<T>(w.count());
    for (int i = w.y0; i < w.y1; ++i)
      for (int j = w.x0; j < w.x1; ++j) dx[size.input.at(c, i, j)] += share;
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
