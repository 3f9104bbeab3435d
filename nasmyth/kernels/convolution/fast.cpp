#include <algorithm>

#include "nasmyth/kernels/convolution/simd.h"
#include "nasmyth/kernels/fast_convolution.h"

namespace nasmyth {
namespace {

std::int64_t row_elements(const ImageSize& s) {
  return static_cast<std::int64_t>(s.width) * kLanes;
}
std::int64_t block_elements(const ImageSize& s) { return s.pixels() * kLanes; }

// `from`, its pixels `step` apart, at (top, left) of an image of zeros.
void place(const ImageSize& from_size, const float* from, const ImageSize& to_size, int top,
           int left, const int step[2], float* to) {
  std::fill_n(to, to_size.elements(), 0.0f);
  for (int b = 0; b < from_size.blocks(); ++b)
    for (int y = 0; y < from_size.height; ++y) {
      const float* row = from + b * block_elements(from_size) + y * row_elements(from_size);
      float* into = to + b * block_elements(to_size) + (top + y * step[0]) * row_elements(to_size) +
                    static_cast<std::int64_t>(left) * kLanes;
      if (step[1] == 1)
        std::copy_n(row, row_elements(from_size), into);
      else
        for (int x = 0; x < from_size.width; ++x)
          std::copy_n(row + x * kLanes, kLanes,
                      into + static_cast<std::int64_t>(x) * step[1] * kLanes);
    }
}

// The offset of each place of the kernel in an image of this size.
std::vector<std::int64_t> tap_offsets(const ConvolutionSize& s, const ImageSize& image) {
  std::vector<std::int64_t> offsets;
  for (int y = 0; y < s.kernel[0]; ++y)
    for (int x = 0; x < s.kernel[1]; ++x)
      offsets.push_back(y * s.dilation * row_elements(image) +
                        static_cast<std::int64_t>(x) * s.dilation * kLanes);
  return offsets;
}

int taps(const ConvolutionSize& s) { return s.kernel[0] * s.kernel[1]; }

constexpr int kOne[2] = {1, 1};

}  // namespace

bool FastConvolution::fits(const ConvolutionSize& s) {
  const bool depthwise = s.groups == s.input.channels && s.depth() == 1 &&
                         s.output.channels == s.input.channels && s.groups > 1;
  const int reach[2] = {s.dilation * (s.kernel[0] - 1), s.dilation * (s.kernel[1] - 1)};
  return (depthwise || s.groups == 1) && s.padding[0] <= reach[0] && s.padding[1] <= reach[1];
}

FastConvolution::FastConvolution(const ConvolutionSize& size)
    : size_(size), depthwise_(size.groups > 1) {
  const auto reach = [&](int axis) { return size.dilation * (size.kernel[axis] - 1); };
  // As far as the last result reads, and at least the image.
  padded_input_ = {size.input.channels,
                   std::max(size.input.height + size.padding[0],
                            (size.output.height - 1) * size.stride[0] + reach(0) + 1),
                   std::max(size.input.width + size.padding[1],
                            (size.output.width - 1) * size.stride[1] + reach(1) + 1)};
  spread_output_ = {size.output.channels, size.input.height + reach(0),
                    size.input.width + reach(1)};
}

std::int64_t FastConvolution::packed_elements() const {
  const std::int64_t outputs = static_cast<std::int64_t>(size_.output.blocks()) * kLanes;
  return taps(size_) * outputs * (depthwise_ ? 1 : size_.input.blocks() * kLanes);
}

std::int64_t FastConvolution::scratch_elements() const {
  return std::max(padded_input_.elements(), spread_output_.elements());
}

std::int64_t FastConvolution::depthwise_index(int channel, std::int64_t tap) const {
  return (channel / kLanes * static_cast<std::int64_t>(taps(size_)) + tap) * kLanes +
         channel % kLanes;
}

std::int64_t FastConvolution::packed_index(int out, int in, int y, int x) const {
  const std::int64_t tap = static_cast<std::int64_t>(y) * size_.kernel[1] + x;
  if (depthwise_) return depthwise_index(out, tap);
  return (tap * size_.input.blocks() * kLanes + in) * size_.output.blocks() * kLanes + out;
}

// The roles of input and output exchanged, the kernel turned by half a turn.
std::int64_t FastConvolution::flipped_index(int out, int in, int y, int x) const {
  const std::int64_t tap = taps(size_) - 1 - (static_cast<std::int64_t>(y) * size_.kernel[1] + x);
  if (depthwise_) return depthwise_index(out, tap);
  return (tap * size_.output.blocks() * kLanes + out) * size_.input.blocks() * kLanes + in;
}

template <class Index>
void FastConvolution::pack_by(Index&& index, const WeightView<const float>& w,
                              float* packed) const {
  std::fill_n(packed, packed_elements(), 0.0f);
  for (int o = 0; o < size_.output.channels; ++o)
    for (int i = 0; i < size_.depth(); ++i)
      for (int y = 0; y < size_.kernel[0]; ++y)
        for (int x = 0; x < size_.kernel[1]; ++x) packed[index(o, i, y, x)] = w.at(o, i, y, x);
}

void FastConvolution::pack(const WeightView<const float>& w, float* packed) const {
  pack_by([this](int o, int i, int y, int x) { return packed_index(o, i, y, x); }, w, packed);
}

void FastConvolution::pack_flipped(const WeightView<const float>& w, float* flipped) const {
  pack_by([this](int o, int i, int y, int x) { return flipped_index(o, i, y, x); }, w, flipped);
}

namespace {

// All rows of a convolution over `x`, which has its border.
void run_rows(const ConvolutionSize& s, bool depthwise, const ImageSize& from, const float* x,
              const int stride[2], const float* w, const ImageSize& to, bool add, float* y) {
  const std::vector<std::int64_t> offsets = tap_offsets(s, from);
  RowCall c;
  c.tap_offsets = offsets.data();
  c.taps = static_cast<int>(offsets.size());
  c.x_channels = from.channels;
  c.x_blocks = from.blocks();
  c.x_block = block_elements(from);
  c.x_pixel = static_cast<std::int64_t>(stride[1]) * kLanes;
  c.y_blocks = to.blocks();
  c.y_block = block_elements(to);
  c.weight_row = static_cast<std::int64_t>(to.blocks()) * kLanes;
  c.pixels = to.width;
  c.add = add;
  for (int row = 0; row < to.height; ++row) {
    const float* source = x + row * stride[0] * row_elements(from);
    float* target = y + row * row_elements(to);
    if (!depthwise) {
      dense_row(c, source, w, target);
      continue;
    }
    for (int b = 0; b < to.blocks(); ++b)
      depthwise_row(c, source + b * c.x_block, w + static_cast<std::int64_t>(b) * c.taps * kLanes,
                    target + b * c.y_block);
  }
}

}  // namespace

void FastConvolution::forward(const float* x, const float* packed, const float* bias, float* y,
                              float* scratch) const {
  const float* from = x;
  if (padded_input_ != size_.input) {
    place(size_.input, x, padded_input_, size_.padding[0], size_.padding[1], kOne, scratch);
    from = scratch;
  }
  if (bias)
    for (int b = 0; b < size_.output.blocks(); ++b)
      for (std::int64_t p = 0; p < size_.output.pixels(); ++p)
        for (int i = 0; i < kLanes; ++i)
          y[b * block_elements(size_.output) + p * kLanes + i] =
              b * kLanes + i < size_.output.channels ? bias[b * kLanes + i] : 0.0f;
  run_rows(size_, depthwise_, padded_input_, from, size_.stride, packed, size_.output,
           bias != nullptr, y);
}

void FastConvolution::input_gradient(const float* dy, const float* flipped, float* dx,
                                     float* scratch) const {
  const float* from = dy;
  if (spread_output_ != size_.output || size_.stride[0] > 1 || size_.stride[1] > 1) {
    const int top = size_.dilation * (size_.kernel[0] - 1) - size_.padding[0];
    const int left = size_.dilation * (size_.kernel[1] - 1) - size_.padding[1];
    place(size_.output, dy, spread_output_, top, left, size_.stride, scratch);
    from = scratch;
  }
  run_rows(size_, depthwise_, spread_output_, from, kOne, flipped, size_.input, true, dx);
}

void FastConvolution::weight_gradient(const float* x, const float* dy, float* packed,
                                      float* scratch) const {
  const float* from = x;
  if (padded_input_ != size_.input) {
    place(size_.input, x, padded_input_, size_.padding[0], size_.padding[1], kOne, scratch);
    from = scratch;
  }
  const std::vector<std::int64_t> offsets = tap_offsets(size_, padded_input_);
  const std::int64_t x_block = block_elements(padded_input_),
                     y_block = block_elements(size_.output);
  const std::int64_t x_row = size_.stride[0] * row_elements(padded_input_);
  if (depthwise_) {
    RowCall c;
    c.tap_offsets = offsets.data();
    c.taps = taps(size_);
    c.x_pixel = static_cast<std::int64_t>(size_.stride[1]) * kLanes;
    c.pixels = size_.output.width;
    for (int b = 0; b < size_.output.blocks(); ++b)
      for (int row = 0; row < size_.output.height; ++row)
        depthwise_gradient(c, from + b * x_block + row * x_row,
                           dy + b * y_block + row * row_elements(size_.output),
                           packed + static_cast<std::int64_t>(b) * c.taps * kLanes);
    return;
  }
  GradientCall c;
  c.x_row = x_row;
  c.x_pixel = static_cast<std::int64_t>(size_.stride[1]) * kLanes;
  c.y_blocks = size_.output.blocks();
  c.y_block = y_block;
  c.y_row = row_elements(size_.output);
  c.weight_row = static_cast<std::int64_t>(size_.output.blocks()) * kLanes;
  c.rows = size_.output.height;
  c.pixels = size_.output.width;
  for (std::size_t t = 0; t < offsets.size(); ++t)
    for (int b = 0; b < size_.input.blocks(); ++b) {
      c.x_channels = std::min(kLanes, size_.input.channels - b * kLanes);
      const std::int64_t block = static_cast<std::int64_t>(t) * size_.input.blocks() + b;
      dense_gradient(c, from + offsets[t] + b * x_block, dy,
                     packed + block * kLanes * c.weight_row);
    }
}

}  // namespace nasmyth
