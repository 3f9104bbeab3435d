#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nasmyth/kernels/convolution/simd.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each target
#include <hwy/highway.h>

#include "nasmyth/kernels/convolution/simd.h"
#include "nasmyth/kernels/unroll.h"

HWY_BEFORE_NAMESPACE();
namespace nasmyth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
constexpr int kVector = static_cast<int>(hn::MaxLanes(D()));
constexpr int kVectors = kLanes / kVector;               // of one block
constexpr int kMostVectors = kVector == kLanes ? 4 : 2;  // beside each other in a tile

// Vector v of a row of blocks: its offset where blocks are `stride` apart.
constexpr std::int64_t vector_offset(int v, std::int64_t stride) {
  return v / kVectors * stride + v % kVectors * kVector;
}

// P pixels of the result times N vectors of output channels.
template <int P, int N>
HWY_INLINE void tile(const RowCall& c, const float* x, const float* w, float* y) {
  const D d;
  V sum[P][N];
  NASMYTH_UNROLL
  for (int p = 0; p < P; ++p) {
    NASMYTH_UNROLL
    for (int v = 0; v < N; ++v)
      sum[p][v] = c.add ? hn::Load(d, y + p * kLanes + vector_offset(v, c.y_block)) : hn::Zero(d);
  }
  for (int t = 0; t < c.taps; ++t)
    for (int b = 0; b < c.x_blocks; ++b) {
      const float* from = x + c.tap_offsets[t] + b * c.x_block;
      const float* weight =
          w + (static_cast<std::int64_t>(t) * c.x_blocks + b) * kLanes * c.weight_row;
      const int channels = HWY_MIN(kLanes, c.x_channels - b * kLanes);
      for (int i = 0; i < channels; ++i, weight += c.weight_row) {
        V factor[N];
        NASMYTH_UNROLL
        for (int v = 0; v < N; ++v) factor[v] = hn::Load(d, weight + v * kVector);
        NASMYTH_UNROLL
        for (int p = 0; p < P; ++p) {
          const V value = hn::Set(d, from[p * c.x_pixel + i]);
          NASMYTH_UNROLL
          for (int v = 0; v < N; ++v) sum[p][v] = hn::MulAdd(value, factor[v], sum[p][v]);
        }
      }
    }
  NASMYTH_UNROLL
  for (int p = 0; p < P; ++p) {
    NASMYTH_UNROLL
    for (int v = 0; v < N; ++v)
      hn::Store(sum[p][v], d, y + p * kLanes + vector_offset(v, c.y_block));
  }
}

template <int N>
HWY_NOINLINE void dense_row(const RowCall& c, const float* x, const float* w, float* y) {
  // As many sums as there are registers, but for factors and a pixel.
  constexpr int kPixels = (kVector == kLanes ? 24 : 12) / N;
  int p = 0;
  for (; p + kPixels <= c.pixels; p += kPixels)
    tile<kPixels, N>(c, x + p * c.x_pixel, w, y + p * kLanes);
  for (; p + 4 <= c.pixels; p += 4) tile<4, N>(c, x + p * c.x_pixel, w, y + p * kLanes);
  for (; p + 2 <= c.pixels; p += 2) tile<2, N>(c, x + p * c.x_pixel, w, y + p * kLanes);
  if (p < c.pixels) tile<1, N>(c, x + p * c.x_pixel, w, y + p * kLanes);
}

// One row of the result, all output channels.
void Dense(const RowCall& c, const float* x, const float* w, float* y) {
  const int vectors = c.y_blocks * kVectors;
  for (int v = 0; v < vectors;) {
    const float* weight = w + v * kVector;
    float* to = y + vector_offset(v, c.y_block);
    const int left = HWY_MIN(kMostVectors, vectors - v);
    if (left >= 4 && kMostVectors >= 4) {
      dense_row<kMostVectors>(c, x, weight, to);
      v += kMostVectors;
    } else if (left >= 2) {
      dense_row<2>(c, x, weight, to);
      v += 2;
    } else {
      dense_row<1>(c, x, weight, to);
      v += 1;
    }
  }
}

// R input channels from `first` times N vectors of output channels, over all pixels of the result.
template <int R, int N>
HWY_INLINE void gradient_tile(const GradientCall& c, const float* x, const float* dy, float* dw) {
  const D d;
  V sum[R][N];
  NASMYTH_UNROLL
  for (int r = 0; r < R; ++r) {
    NASMYTH_UNROLL
    for (int v = 0; v < N; ++v) sum[r][v] = hn::Load(d, dw + r * c.weight_row + v * kVector);
  }
  for (int row = 0; row < c.rows; ++row) {
    const float* from = x + row * c.x_row;
    const float* g = dy + row * c.y_row;
    for (int p = 0; p < c.pixels; ++p, from += c.x_pixel, g += kLanes) {
      V slope[N];
      NASMYTH_UNROLL
      for (int v = 0; v < N; ++v) slope[v] = hn::Load(d, g + vector_offset(v, c.y_block));
      NASMYTH_UNROLL
      for (int r = 0; r < R; ++r) {
        const V value = hn::Set(d, from[r]);
        NASMYTH_UNROLL
        for (int v = 0; v < N; ++v) sum[r][v] = hn::MulAdd(value, slope[v], sum[r][v]);
      }
    }
  }
  NASMYTH_UNROLL
  for (int r = 0; r < R; ++r) {
    NASMYTH_UNROLL
    for (int v = 0; v < N; ++v) hn::Store(sum[r][v], d, dw + r * c.weight_row + v * kVector);
  }
}

template <int N>
HWY_NOINLINE void gradient_columns(const GradientCall& c, const float* x, const float* dy,
                                   float* dw) {
  constexpr int kRows = kVector == kLanes ? 16 / N : 8 / N;
  int r = 0;
  for (; r + kRows <= c.x_channels; r += kRows)
    gradient_tile<kRows, N>(c, x + r, dy, dw + r * c.weight_row);
  for (; r + 4 <= c.x_channels; r += 4) gradient_tile<4, N>(c, x + r, dy, dw + r * c.weight_row);
  for (; r < c.x_channels; ++r) gradient_tile<1, N>(c, x + r, dy, dw + r * c.weight_row);
}

// One tap and one block of input channels, all output channels.
void DenseGradient(const GradientCall& c, const float* x, const float* dy, float* dw) {
  const int vectors = c.y_blocks * kVectors;
  for (int v = 0; v < vectors; v += 2) {
    const float* g = dy + vector_offset(v, c.y_block);
    if (vectors - v >= 2)
      gradient_columns<2>(c, x, g, dw + v * kVector);
    else
      gradient_columns<1>(c, x, g, dw + v * kVector);
  }
}

// One row of one block.
void Depthwise(const RowCall& c, const float* x, const float* w, float* y) {
  const D d;
  NASMYTH_UNROLL
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t lane = v * kVector;
    int p = 0;
    for (; p + 8 <= c.pixels; p += 8) {
      V sum[8];
      NASMYTH_UNROLL
      for (int k = 0; k < 8; ++k)
        sum[k] = c.add ? hn::Load(d, y + (p + k) * kLanes + lane) : hn::Zero(d);
      for (int t = 0; t < c.taps; ++t) {
        const V factor = hn::Load(d, w + t * kLanes + lane);
        const float* from = x + c.tap_offsets[t] + p * c.x_pixel + lane;
        NASMYTH_UNROLL
        for (int k = 0; k < 8; ++k)
          sum[k] = hn::MulAdd(hn::Load(d, from + k * c.x_pixel), factor, sum[k]);
      }
      NASMYTH_UNROLL
      for (int k = 0; k < 8; ++k) hn::Store(sum[k], d, y + (p + k) * kLanes + lane);
    }
    for (; p < c.pixels; ++p) {
      V sum = c.add ? hn::Load(d, y + p * kLanes + lane) : hn::Zero(d);
      for (int t = 0; t < c.taps; ++t)
        sum = hn::MulAdd(hn::Load(d, x + c.tap_offsets[t] + p * c.x_pixel + lane),
                         hn::Load(d, w + t * kLanes + lane), sum);
      hn::Store(sum, d, y + p * kLanes + lane);
    }
  }
}

// All taps of one block over one row.
void DepthwiseGradient(const RowCall& c, const float* x, const float* dy, float* dw) {
  const D d;
  NASMYTH_UNROLL
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t lane = v * kVector;
    for (int t = 0; t < c.taps; ++t) {
      const float* from = x + c.tap_offsets[t] + lane;
      V sum[4] = {hn::Load(d, dw + t * kLanes + lane), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      int p = 0;
      for (; p + 4 <= c.pixels; p += 4) {
        NASMYTH_UNROLL
        for (int k = 0; k < 4; ++k)
          sum[k] = hn::MulAdd(hn::Load(d, from + (p + k) * c.x_pixel),
                              hn::Load(d, dy + (p + k) * kLanes + lane), sum[k]);
      }
      for (; p < c.pixels; ++p)
        sum[0] = hn::MulAdd(hn::Load(d, from + p * c.x_pixel), hn::Load(d, dy + p * kLanes + lane),
                            sum[0]);
      hn::Store(hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3])), d,
                dw + t * kLanes + lane);
    }
  }
}

}  // namespace nasmyth::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nasmyth {

HWY_EXPORT(Dense);
HWY_EXPORT(DenseGradient);
HWY_EXPORT(Depthwise);
HWY_EXPORT(DepthwiseGradient);

void dense_row(const RowCall& c, const float* x, const float* w, float* y) {
  HWY_DYNAMIC_DISPATCH(Dense)(c, x, w, y);
}
void dense_gradient(const GradientCall& c, const float* x, const float* dy, float* dw) {
  HWY_DYNAMIC_DISPATCH(DenseGradient)(c, x, dy, dw);
}
void depthwise_row(const RowCall& c, const float* x, const float* w, float* y) {
  HWY_DYNAMIC_DISPATCH(Depthwise)(c, x, w, y);
}
void depthwise_gradient(const RowCall& c, const float* x, const float* dy, float* dw) {
  HWY_DYNAMIC_DISPATCH(DepthwiseGradient)(c, x, dy, dw);
}

}  // namespace nasmyth
#endif
