#pragma once

#include <cstdint>

namespace nasmyth {

/// Channels that lie beside each other: one AVX-512 vector of float.
inline constexpr int kLanes = 16;

/// Sizes of one sample inside of compiled programs, laid out as [channels / 16][height][width][16];
/// a vector of features has height and width 1. Lanes beyond the last channel hold zero in every
/// tensor of a program, values and gradients.
struct ImageSize {
  int channels = 1, height = 1, width = 1;

  int blocks() const { return (channels + kLanes - 1) / kLanes; }
  std::int64_t pixels() const { return static_cast<std::int64_t>(height) * width; }
  /// Elements, lanes beyond the last channel included.
  std::int64_t elements() const { return blocks() * pixels() * kLanes; }
  /// Where the element of a channel at a pixel lies.
  std::int64_t at(int channel, int y, int x) const {
    return ((static_cast<std::int64_t>(channel / kLanes) * height + y) * width + x) * kLanes +
           channel % kLanes;
  }
  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

}  // namespace nasmyth
