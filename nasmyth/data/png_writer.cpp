#include "nasmyth/data/png_writer.h"

#include <png.h>

#include <cstring>

#include "nasmyth/core/error.h"

namespace nasmyth {

std::string to_png(const Picture& picture) {
  const auto size = static_cast<std::size_t>(picture.height) *
                    static_cast<std::size_t>(picture.width) *
                    static_cast<std::size_t>(picture.channels);
  if (picture.height < 1 || picture.width < 1 || picture.pixels.size() != size ||
      (picture.channels != 1 && picture.channels != 3))
    throw Error(ErrorKind::kShape, "PNG", "the pixels do not fit the picture's size");
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = picture.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t bytes = 0;
  const auto write = [&](void* to) {
    if (!png_image_write_to_memory(&image, to, &bytes, 0, picture.pixels.data(), 0, nullptr))
      throw Error(ErrorKind::kInternal, "PNG", image.message);
  };
  write(nullptr);
  std::string file(bytes, '\0');
  write(file.data());
  file.resize(bytes);
  return file;
}

}  // namespace nasmyth
