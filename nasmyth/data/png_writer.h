#pragma once

#include <string>

#include "nasmyth/data/picture.h"

namespace nasmyth {

/// The bytes of a PNG file of a picture. Throws kShape where its pixels do not fit its sizes.
/// Thread-safe.
std::string to_png(const Picture& picture);

}  // namespace nasmyth
