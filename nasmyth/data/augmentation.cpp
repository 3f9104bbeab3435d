#include "nasmyth/data/augmentation.h"

#include <algorithm>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

void check_size(int value, const char* name, std::int64_t most) {
  if (value < 0 || value > most)
    throw Error(ErrorKind::kOutOfRange, name,
                std::to_string(value) + " pixels; the images allow 0 to " + std::to_string(most));
}

// Columns [first, last) of the source that a row shows, with `left` columns of black before them.
struct Window {
  std::int64_t first, last, left;
};

Window window(std::int64_t right, std::int64_t width) {
  const std::int64_t first = std::clamp<std::int64_t>(right, 0, width);
  const std::int64_t last = std::clamp<std::int64_t>(right + width, 0, width);
  return {first, last, first - right};
}

// How stored values of one channel become normalised ones, and what lies outside of the image.
struct TableMap {
  const float* table;
  float outside() const { return table[0]; }
  float operator()(std::uint8_t value) const { return table[value]; }
};
struct LinearMap {
  double mean, deviation;
  float outside() const { return 0; }
  float operator()(float value) const { return static_cast<float>((value - mean) / deviation); }
};

// One row of the result from one of the source, which is null where the window lies outside.
template <class T, class Map>
void write_row(const T* source, const Window& w, std::int64_t width, bool flip, const Map& map,
               float* target) {
  const float outside = map.outside();
  if (source == nullptr) {
    std::fill_n(target, width, outside);
    return;
  }
  const std::int64_t shown = w.last - w.first;
  const std::int64_t before = flip ? width - w.left - shown : w.left;
  float* out = std::fill_n(target, before, outside);
  const T* in = source + w.first;
  if (flip)
    for (std::int64_t x = shown; x-- > 0;) *out++ = map(in[x]);
  else
    for (std::int64_t x = 0; x < shown; ++x) *out++ = map(in[x]);
  std::fill(out, target + width, outside);
}

}  // namespace

void check(const AugmentationOptions& options, const Dataset& dataset) {
  const std::int64_t side =
      dataset.is_signal() ? dataset.width : std::min(dataset.height, dataset.width);
  check_size(options.crop_padding, "crop_padding", side);
  check_size(options.cutout, "cutout", 2 * std::max(dataset.height, dataset.width));
}

AugmentationDraw draw_augmentation(const AugmentationOptions& options, const Dataset& dataset,
                                   RandomStream random) {
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound)));
  };
  AugmentationDraw draw;
  if (options.crop_padding > 0) {
    if (!dataset.is_signal())
      draw.down = below(2 * options.crop_padding + 1) - options.crop_padding;
    draw.right = below(2 * options.crop_padding + 1) - options.crop_padding;
  }
  if (options.flip && !dataset.is_signal()) draw.flip = (random.next() & 1) != 0;
  if (options.cutout > 0) {
    draw.cutout_row = below(dataset.height);
    draw.cutout_column = below(dataset.width);
  }
  return draw;
}

Normalizer::Normalizer(const Dataset& dataset)
    : channels_(dataset.channels),
      height_(dataset.height),
      width_(dataset.width),
      mean_(dataset.mean),
      deviation_(dataset.deviation) {
  if (dataset.has_values()) return;
  tables_.reserve(static_cast<std::size_t>(channels_) * 256);
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c)
    for (int v = 0; v < 256; ++v)
      tables_.push_back(static_cast<float>((v / 255.0 - mean_[c]) / deviation_[c]));
}

void Normalizer::write(std::span<const std::uint8_t> image, const AugmentationDraw& draw,
                       int cutout, std::span<float> target) const {
  write_with(image, draw, cutout, target,
             [this](std::int64_t c) { return TableMap{tables_.data() + c * 256}; });
}

void Normalizer::write(std::span<const float> image, const AugmentationDraw& draw, int cutout,
                       std::span<float> target) const {
  write_with(image, draw, cutout, target, [this](std::int64_t c) {
    return LinearMap{mean_[static_cast<std::size_t>(c)], deviation_[static_cast<std::size_t>(c)]};
  });
}

template <class T, class Maps>
void Normalizer::write_with(std::span<const T> image, const AugmentationDraw& draw, int cutout,
                            std::span<float> target, const Maps& map_of_channel) const {
  const std::int64_t plane = height_ * width_;
  const Window columns = window(draw.right, width_);
  // The upper left half of a square of odd side is the smaller one.
  const std::int64_t top = draw.cutout_row - cutout / 2, left = draw.cutout_column - cutout / 2;
  const std::int64_t cut_from = std::clamp<std::int64_t>(left, 0, width_);
  const std::int64_t cut_to = std::clamp<std::int64_t>(left + cutout, 0, width_);
  for (std::int64_t c = 0; c < channels_; ++c) {
    const auto map = map_of_channel(c);
    for (std::int64_t y = 0; y < height_; ++y) {
      const std::int64_t from = y + draw.down;
      const bool inside = from >= 0 && from < height_;
      float* row = target.data() + c * plane + y * width_;
      write_row(inside ? image.data() + c * plane + from * width_ : nullptr, columns, width_,
                draw.flip, map, row);
      if (y >= top && y < top + cutout) std::fill(row + cut_from, row + cut_to, 0.0f);
    }
  }
}

}  // namespace nasmyth
