#pragma once

#include <cstdint>
#include <string>

#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// Whether a sample can be drawn as curves: one row, of at most 12 channels.
bool can_draw_signal(const Dataset& data);

/// A signal as an SVG drawing with one curve a channel, all over the same scale, from the least to
/// the greatest value of the sample; long ones by the mean of neighbours. `title` is escaped here.
/// Throws kOutOfRange for an index that the data does not have.
std::string draw_signal(const Dataset& data, std::int64_t index, const std::string& title);

}  // namespace nasmyth
