#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

/// A decoded picture of 8 bits a channel, transparent parts over black.
struct Picture {
  int channels = 1;  ///< 1 grey, 3 red, green, blue
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;  ///< [height, width, channels]
};

/// How a picture is brought to another size.
enum class Resize {
  kCrop,     ///< scaled until it covers the size, then the centre
  kPad,      ///< scaled until it fits, black around it
  kStretch,  ///< each axis on its own
};
/// "crop", "pad", "stretch"; an error with a suggestion for other words.
Resize parse_resize(std::string_view word, std::string_view where);

/// Whether the file's name ends like one of a PNG or JPEG file, in any case.
bool is_picture_name(const std::filesystem::path& path);

/// Reads a PNG or JPEG file, whatever its name says. Throws kIo for a file that cannot be opened,
/// kInvalidData for one that is neither, is damaged, truncated or has more than 2^26 pixels; the
/// error names the path. Thread-safe.
Picture read_picture(const std::filesystem::path& path);

/// Grey as three equal channels; colours as their luminance (ITU-R BT.601).
Picture with_channels(const Picture& picture, int channels);

/// The picture at another size, by an antialiased filter. `height` and `width` are at least 1.
Picture resized(const Picture& picture, int height, int width, Resize how);

/// [channels, height, width], as data sets keep it.
std::vector<std::uint8_t> as_planes(const Picture& picture);

}  // namespace nasmyth
