#include <algorithm>

#include "nasmyth/kernels/convolution.h"

namespace nasmyth {
namespace {

// Rows and columns [first, last) of the output that read inside of the image at one place of the
// kernel.
struct Range {
  int first, last;
  int origin;  // of the input, for output 0

  Range(const ConvolutionSize& s, int axis, int k) {
    const int in = axis == 0 ? s.input.height : s.input.width;
    const int out = axis == 0 ? s.output.height : s.output.width;
    origin = k * s.dilation - s.padding[axis];
    const int stride = s.stride[axis];
    first = origin >= 0 ? 0 : (-origin + stride - 1) / stride;
    last = std::min(out, in - origin <= 0 ? 0 : (in - origin - 1) / stride + 1);
  }
};

// Calls f(out channel, in channel of the group, ky, kx, offset of x, offset of y, steps, run) for
// each row that one weight touches: x moves by `step` elements from pixel to pixel, y by kLanes.
template <class F>
void for_each_row(const ConvolutionSize& s, F&& f) {
  const int outputs = s.output.channels / s.groups;
  for (int out = 0; out < s.output.channels; ++out)
    for (int in = 0; in < s.depth(); ++in) {
      const int channel = out / outputs * s.depth() + in;
      for (int ky = 0; ky < s.kernel[0]; ++ky)
        for (int kx = 0; kx < s.kernel[1]; ++kx) {
          const Range rows(s, 0, ky), columns(s, 1, kx);
          if (columns.first >= columns.last) continue;
          for (int y = rows.first; y < rows.last; ++y)
            f(out, in, ky, kx,
              s.input.at(channel, rows.origin + y * s.stride[0],
                         columns.origin + columns.first * s.stride[1]),
              s.output.at(out, y, columns.first), columns.last - columns.first);
        }
    }
}

}  // namespace

template <class T>
void convolve(const ConvolutionSize& size, const T* x, const WeightView<const T>& w, const T* bias,
              T* y) {
  std::fill_n(y, size.output.elements(), T(0));
  if (bias)
    for (int c = 0; c < size.output.channels; ++c)
      for (std::int64_t p = 0; p < size.output.pixels(); ++p)
        y[size.output.at(c, 0, 0) + p * kLanes] = bias[c];
  const std::int64_t step = size.stride[1] * kLanes;
  for_each_row(size, [&](int out, int in, int ky, int kx, std::int64_t xo, std::int64_t yo, int n) {
    const T weight = w.at(out, in, ky, kx);
    for (int i = 0; i < n; ++i) y[yo + i * kLanes] += weight * x[xo + i * step];
  });
}

template <class T>
void convolve_input_gradient(const ConvolutionSize& size, const T* dy, const WeightView<const T>& w,
                             T* dx) {
  const std::int64_t step = size.stride[1] * kLanes;
  for_each_row(size, [&](int out, int in, int ky, int kx, std::int64_t xo, std::int64_t yo, int n) {
    const T weight = w.at(out, in, ky, kx);
    for (int i = 0; i < n; ++i) dx[xo + i * step] += weight * dy[yo + i * kLanes];
  });
}

template <class T>
void convolve_weight_gradient(const ConvolutionSize& size, const T* x, const T* dy,
                              const WeightView<T>& dw, T* dbias) {
  const std::int64_t step = size.stride[1] * kLanes;
  for_each_row(size, [&](int out, int in, int ky, int kx, std::int64_t xo, std::int64_t yo, int n) {
    T sum = 0;
    for (int i = 0; i < n; ++i) sum += dy[yo + i * kLanes] * x[xo + i * step];
    dw.at(out, in, ky, kx) += sum;
  });
  if (dbias) add_bias_gradient(size.output, dy, dbias);
}

template <class T>
void add_bias_gradient(const ImageSize& size, const T* dy, T* dbias) {
  for (int c = 0; c < size.channels; ++c) {
    T sum = 0;
    for (std::int64_t p = 0; p < size.pixels(); ++p) sum += dy[size.at(c, 0, 0) + p * kLanes];
    dbias[c] += sum;
  }
}

#define NASMYTH_CONVOLUTION(T)                                                            \
  template void convolve<T>(const ConvolutionSize&, const T*, const WeightView<const T>&, \
                            const T*, T*);                                                \
  template void convolve_input_gradient<T>(const ConvolutionSize&, const T*,              \
                                           const WeightView<const T>&, T*);               \
  template void convolve_weight_gradient<T>(const ConvolutionSize&, const T*, const T*,   \
                                            const WeightView<T>&, T*);
NASMYTH_CONVOLUTION(float)
NASMYTH_CONVOLUTION(double)
#undef NASMYTH_CONVOLUTION

template void add_bias_gradient<float>(const ImageSize&, const float*, float*);
template void add_bias_gradient<double>(const ImageSize&, const double*, double*);

}  // namespace nasmyth
