#include <algorithm>

#include "nasmyth/kernels/structure.h"

namespace nasmyth {
namespace {

// Calls f(offset in the input, offset in the output) for each element that is gathered.
template <class F>
void for_each_pair(const Gather& g, F&& f) {
  for (int c = 0; c < g.output.channels; ++c) {
    const int from = g.channels[static_cast<std::size_t>(c)];
    if (from < 0) continue;
    for (int y = 0; y < g.output.height; ++y)
      for (int x = 0; x < g.output.width; ++x)
        f(g.input.at(from, y + g.row, x + g.column), g.output.at(c, y, x));
  }
}

}  // namespace

template <class T>
void gather(const Gather& g, const T* x, T* y) {
  for_each_pair(g, [&](std::int64_t from, std::int64_t to) { y[to] += x[from]; });
}

template <class T>
void gather_gradient(const Gather& g, const T* dy, T* dx) {
  for_each_pair(g, [&](std::int64_t from, std::int64_t to) { dx[from] += dy[to]; });
}

template <class T>
void from_rows(const ImageSize& size, const float* x, T* y) {
  std::fill_n(y, size.elements(), T(0));
  for (int c = 0; c < size.channels; ++c)
    for (std::int64_t p = 0; p < size.pixels(); ++p)
      y[size.at(c, 0, 0) + p * kLanes] = static_cast<T>(*x++);
}

template <class T>
void to_rows(const ImageSize& size, const T* x, double* y) {
  for (int c = 0; c < size.channels; ++c)
    for (std::int64_t p = 0; p < size.pixels(); ++p)
      *y++ = static_cast<double>(x[size.at(c, 0, 0) + p * kLanes]);
}

#define NASMYTH_STRUCTURE(T)                                      \
  template void gather<T>(const Gather&, const T*, T*);           \
  template void gather_gradient<T>(const Gather&, const T*, T*);  \
  template void from_rows<T>(const ImageSize&, const float*, T*); \
  template void to_rows<T>(const ImageSize&, const T*, double*);
NASMYTH_STRUCTURE(float)
NASMYTH_STRUCTURE(double)
#undef NASMYTH_STRUCTURE

}  // namespace nasmyth
