#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nasmyth/kernels/elementwise/simd.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each target
#include <hwy/highway.h>

#include <algorithm>

#include "nasmyth/kernels/fast_elementwise.h"
#include "nasmyth/kernels/unroll.h"

HWY_BEFORE_NAMESPACE();
namespace nasmyth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
constexpr int kVector = static_cast<int>(hn::MaxLanes(D()));
constexpr int kVectors = kLanes / kVector;
constexpr std::int64_t kFlush = 64;  // pixels

void Relu(std::int64_t count, const float* x, float* y) {
  const D d;
  for (std::int64_t i = 0; i < count; i += kVector)
    hn::Store(hn::Max(hn::Load(d, x + i), hn::Zero(d)), d, y + i);
}

void ReluGradient(std::int64_t count, const float* x, const float* dy, float* dx) {
  const D d;
  for (std::int64_t i = 0; i < count; i += kVector) {
    const auto above = hn::Gt(hn::Load(d, x + i), hn::Zero(d));
    hn::Store(hn::Add(hn::Load(d, dx + i), hn::IfThenElseZero(above, hn::Load(d, dy + i))), d,
              dx + i);
  }
}

void Add(std::int64_t count, float weight, const float* x, float* y) {
  const D d;
  const V w = hn::Set(d, weight);
  for (std::int64_t i = 0; i < count; i += kVector)
    hn::Store(hn::MulAdd(w, hn::Load(d, x + i), hn::Load(d, y + i)), d, y + i);
}

double Dot(std::int64_t count, const float* a, const float* b) {
  const D d;
  double total = 0;
  for (std::int64_t begin = 0; begin < count; begin += kFlush * kLanes) {
    const std::int64_t end = std::min(count, begin + kFlush * kLanes);
    HWY_ALIGN float lanes[kLanes];
    V sum[kVectors];
    NASMYTH_UNROLL
    for (int v = 0; v < kVectors; ++v) sum[v] = hn::Zero(d);
    for (std::int64_t i = begin; i < end; i += kLanes) {
      NASMYTH_UNROLL
      for (int v = 0; v < kVectors; ++v)
        sum[v] =
            hn::MulAdd(hn::Load(d, a + i + v * kVector), hn::Load(d, b + i + v * kVector), sum[v]);
    }
    NASMYTH_UNROLL
    for (int v = 0; v < kVectors; ++v) hn::Store(sum[v], d, lanes + v * kVector);
    for (float lane : lanes) total += static_cast<double>(lane);
  }
  return total;
}

// Adds to the lanes of one block what `term(offset, vector, sum, other)` adds over all pixels.
template <class F>
HWY_INLINE void sum_block(std::int64_t pixels, double* sums, double* others, F&& term) {
  const D d;
  for (std::int64_t begin = 0; begin < pixels; begin += kFlush) {
    const std::int64_t end = std::min(pixels, begin + kFlush);
    HWY_ALIGN float a[kLanes], b[kLanes];
    NASMYTH_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      V sum = hn::Zero(d), other = hn::Zero(d);
      for (std::int64_t p = begin; p < end; ++p) term(p * kLanes + v * kVector, v, sum, other);
      hn::Store(sum, d, a + v * kVector);
      hn::Store(other, d, b + v * kVector);
    }
    for (int i = 0; i < kLanes; ++i) {
      if (sums) sums[i] += static_cast<double>(a[i]);
      others[i] += static_cast<double>(b[i]);
    }
  }
}

void ChannelSums(const ImageSize& size, const float* x, const float* y, double* sums,
                 double* products) {
  const D d;
  const std::int64_t plane = size.pixels() * kLanes;
  std::fill_n(sums, size.blocks() * kLanes, 0.0);
  std::fill_n(products, size.blocks() * kLanes, 0.0);
  for (int b = 0; b < size.blocks(); ++b)
    sum_block(size.pixels(), sums + b * kLanes, products + b * kLanes,
              [&](std::int64_t i, int, V& sum, V& product) {
                const V value = hn::Load(d, x + b * plane + i);
                sum = hn::Add(sum, value);
                product = hn::MulAdd(value, hn::Load(d, y + b * plane + i), product);
              });
}

void ChannelMoments(const ImageSize& size, const float* x, double* sums, double* squares) {
  const D d;
  const std::int64_t plane = size.pixels() * kLanes;
  std::fill_n(sums, size.blocks() * kLanes, 0.0);
  std::fill_n(squares, size.blocks() * kLanes, 0.0);
  double unused[kLanes] = {};
  for (int b = 0; b < size.blocks(); ++b) {
    const float* from = x + b * plane;
    double* sum = sums + b * kLanes;
    sum_block(size.pixels(), sum, unused,
              [&](std::int64_t i, int, V& s, V&) { s = hn::Add(s, hn::Load(d, from + i)); });
    // About a mean in single precision; what that leaves out is put back.
    HWY_ALIGN float mean[kLanes];
    for (int i = 0; i < kLanes; ++i)
      mean[i] = static_cast<float>(sum[i] / static_cast<double>(size.pixels()));
    sum_block(size.pixels(), nullptr, squares + b * kLanes, [&](std::int64_t i, int v, V&, V& s) {
      const V away = hn::Sub(hn::Load(d, from + i), hn::Load(d, mean + v * kVector));
      s = hn::MulAdd(away, away, s);
    });
    for (int i = 0; i < kLanes; ++i) {
      const double rest =
          sum[i] / static_cast<double>(size.pixels()) - static_cast<double>(mean[i]);
      squares[b * kLanes + i] -= rest * rest * static_cast<double>(size.pixels());
    }
  }
}

void ScaleChannels(const ImageSize& size, const float* x, const float* scale, const float* shift,
                   float* y) {
  const D d;
  std::int64_t i = 0;
  for (int b = 0; b < size.blocks(); ++b) {
    V factor[kVectors], constant[kVectors];
    NASMYTH_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      factor[v] = hn::Load(d, scale + b * kLanes + v * kVector);
      constant[v] = hn::Load(d, shift + b * kLanes + v * kVector);
    }
    for (std::int64_t p = 0; p < size.pixels(); ++p) {
      NASMYTH_UNROLL
      for (int v = 0; v < kVectors; ++v, i += kVector)
        hn::Store(hn::MulAdd(hn::Load(d, x + i), factor[v], constant[v]), d, y + i);
    }
  }
}

void NormaliseGradient(const ImageSize& size, const float* dy, const float* x, const float* by_dy,
                       const float* by_x, const float* constant, float* dx) {
  const D d;
  std::int64_t i = 0;
  for (int b = 0; b < size.blocks(); ++b) {
    V first[kVectors], second[kVectors], third[kVectors];
    NASMYTH_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      const int at = b * kLanes + v * kVector;
      first[v] = hn::Load(d, by_dy + at);
      second[v] = hn::Load(d, by_x + at);
      third[v] = hn::Load(d, constant + at);
    }
    for (std::int64_t p = 0; p < size.pixels(); ++p) {
      NASMYTH_UNROLL
      for (int v = 0; v < kVectors; ++v, i += kVector) {
        const V slope = hn::MulAdd(hn::Load(d, x + i), second[v], third[v]);
        hn::Store(hn::Add(hn::Load(d, dx + i), hn::MulAdd(hn::Load(d, dy + i), first[v], slope)), d,
                  dx + i);
      }
    }
  }
}

}  // namespace nasmyth::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nasmyth {

HWY_EXPORT(Relu);
HWY_EXPORT(ReluGradient);
HWY_EXPORT(Add);
HWY_EXPORT(Dot);
HWY_EXPORT(ChannelSums);
HWY_EXPORT(ChannelMoments);
HWY_EXPORT(ScaleChannels);
HWY_EXPORT(NormaliseGradient);

void fast_relu(std::int64_t count, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(Relu)(count, x, y);
}
void fast_relu_gradient(std::int64_t count, const float* x, const float* dy, float* dx) {
  HWY_DYNAMIC_DISPATCH(ReluGradient)(count, x, dy, dx);
}
void fast_add(std::int64_t count, float weight, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(Add)(count, weight, x, y);
}
double fast_dot(std::int64_t count, const float* a, const float* b) {
  return HWY_DYNAMIC_DISPATCH(Dot)(count, a, b);
}
void fast_channel_sums(const ImageSize& size, const float* x, const float* y, double* sums,
                       double* products) {
  HWY_DYNAMIC_DISPATCH(ChannelSums)(size, x, y, sums, products);
}
void fast_channel_moments(const ImageSize& size, const float* x, double* sums, double* squares) {
  HWY_DYNAMIC_DISPATCH(ChannelMoments)(size, x, sums, squares);
}
void fast_scale_channels(const ImageSize& size, const float* x, const float* scale,
                         const float* shift, float* y) {
  HWY_DYNAMIC_DISPATCH(ScaleChannels)(size, x, scale, shift, y);
}
void fast_normalise_gradient(const ImageSize& size, const float* dy, const float* x,
                             const float* by_dy, const float* by_x, const float* constant,
                             float* dx) {
  HWY_DYNAMIC_DISPATCH(NormaliseGradient)(size, dy, x, by_dy, by_x, constant, dx);
}

}  // namespace nasmyth
#endif
