#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/data/npy.h"

namespace nasmyth {

/// The names of the orders of axes: n samples, c channels, h height, w width, l length.
const std::vector<std::string>& layout_names();

/// How the axes of an array are read, and why.
struct LayoutChoice {
  std::string layout;  ///< "nhwc"
  std::string reason;  ///< "three axes are grey images; ..."
};

/// The layout of samples of that shape: `wanted` where it is not "auto", else by a rule. Two axes
/// are signals (nl), three are grey images (nhw); of four axes the smaller of the second and the
/// last are the channels (nchw, nhwc). Throws kShape naming `where` for other numbers of axes, a
/// layout of another number of axes, and four axes of which the two are equal.
LayoutChoice choose_layout(const std::vector<std::int64_t>& shape, const std::string& wanted,
                           std::string_view where);

/// Samples [count, channels, height, width] of an array; a signal has the height 1.
NpyView layout_view(const NpyArray& array, std::string_view layout);

/// Samples as data sets keep them.
struct ArraySamples {
  std::int64_t count = 0, channels = 0, height = 0, width = 0;
  std::vector<std::uint8_t> bytes;   ///< of 8-bit unsigned and truth values
  std::vector<float> values;         ///< of every other type
  std::vector<std::int64_t> broken;  ///< samples with values that are no finite float32, ascending

  std::int64_t sample_size() const { return channels * height * width; }
};

/// Throws kShape for an array without samples or with an empty axis, kInvalidData for text, and
/// kOutOfRange above the size that is kept in memory.
ArraySamples samples_of(const NpyArray& array, std::string_view layout);

}  // namespace nasmyth
