#include "nasmyth/data/picture.h"

#include <jpeglib.h>
#include <png.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_resize.h>
#pragma GCC diagnostic pop

namespace nasmyth {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kInvalidData, path.string(), what, "remove the file or save it again");
}

void check_size(const std::filesystem::path& path, std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1 || width * height > kMostPixels)
    fail(path, "a picture of " + std::to_string(width) + "x" + std::to_string(height) +
                   " pixels; at most " + std::to_string(kMostPixels) + " are read");
}

bool starts_with(const std::string& bytes, std::string_view magic) {
  return std::string_view(bytes).substr(0, magic.size()) == magic;
}

Picture read_png(const std::filesystem::path& path, const std::string& bytes) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()))
    fail(path, std::string("a damaged PNG file: ") + image.message);
  if (static_cast<std::int64_t>(image.width) * image.height > kMostPixels) {
    png_image_free(&image);
    check_size(path, image.width, image.height);
  }
  const bool colour = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  image.format = colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Picture picture;
  picture.channels = colour ? 3 : 1;
  picture.height = static_cast<int>(image.height);
  picture.width = static_cast<int>(image.width);
  picture.pixels.resize(PNG_IMAGE_SIZE(image));
  const png_color black{0, 0, 0};
  if (!png_image_finish_read(&image, &black, picture.pixels.data(), 0, nullptr))
    fail(path, std::string("a damaged PNG file: ") + image.message);
  return picture;
}

// libjpeg reports errors by a call that must not return.
struct JpegErrors {
  jpeg_error_mgr base;
  std::jmp_buf back;
  char text[JMSG_LENGTH_MAX];
};

void jpeg_failed(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, errors->text);
  std::longjmp(errors->back, 1);
}

// Warnings are damaged or missing data, filled with grey: no picture to learn from.
void jpeg_warned(j_common_ptr info, int level) {
  if (level < 0) jpeg_failed(info);
}

// Nothing with a destructor lives between setjmp and longjmp; false with the text of the error.
bool decode_jpeg(const std::string& bytes, Picture& picture, JpegErrors& errors) {
  jpeg_decompress_struct info;
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_failed;
  errors.base.emit_message = jpeg_warned;
  if (setjmp(errors.back)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  picture.height = static_cast<int>(info.image_height);
  picture.width = static_cast<int>(info.image_width);
  picture.channels = info.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  if (static_cast<std::int64_t>(picture.height) * picture.width <= kMostPixels) {
    info.out_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info);
    const std::size_t row =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
    picture.pixels.resize(row * static_cast<std::size_t>(picture.height));
    while (info.output_scanline < info.output_height) {
      JSAMPROW line = picture.pixels.data() + row * info.output_scanline;
      jpeg_read_scanlines(&info, &line, 1);
    }
    jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return true;
}

Picture read_jpeg(const std::filesystem::path& path, const std::string& bytes) {
  Picture picture;
  JpegErrors errors;
  if (!decode_jpeg(bytes, picture, errors))
    fail(path, std::string("a damaged JPEG file: ") + errors.text);
  check_size(path, picture.width, picture.height);
  return picture;
}

// The part of a picture that begins at `top`, `left`; what lies outside of it is black.
Picture window(const Picture& from, int top, int left, int height, int width) {
  Picture to{from.channels, height, width, {}};
  to.pixels.assign(static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
                       static_cast<std::size_t>(from.channels),
                   0);
  const int first = std::max(left, 0), last = std::min(left + width, from.width);
  for (int y = std::max(top, 0); y < std::min(top + height, from.height) && first < last; ++y) {
    const auto at = [](int row, int column, const Picture& p) {
      return (static_cast<std::ptrdiff_t>(row) * p.width + column) * p.channels;
    };
    std::copy(from.pixels.begin() + at(y, first, from), from.pixels.begin() + at(y, last, from),
              to.pixels.begin() + at(y - top, first - left, to));
  }
  return to;
}

Picture stretched(const Picture& from, int height, int width) {
  if (from.height == height && from.width == width) return from;
  Picture to{from.channels, height, width, {}};
  to.pixels.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
                   static_cast<std::size_t>(from.channels));
  if (!stbir_resize_uint8(from.pixels.data(), from.width, from.height, 0, to.pixels.data(), width,
                          height, 0, from.channels))
    throw Error(ErrorKind::kInternal, "resize", "there is not enough memory");
  return to;
}

}  // namespace

Resize parse_resize(std::string_view word, std::string_view where) {
  if (word == "crop") return Resize::kCrop;
  if (word == "pad") return Resize::kPad;
  if (word == "stretch") return Resize::kStretch;
  throw unknown_name(where, "way to resize", word,
                     std::vector<std::string>{"crop", "pad", "stretch"});
}

bool is_picture_name(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

Picture read_picture(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  if (starts_with(bytes, "\x89PNG")) return read_png(path, bytes);
  if (starts_with(bytes, "\xff\xd8")) return read_jpeg(path, bytes);
  fail(path, bytes.empty() ? "the file is empty" : "it is neither a PNG nor a JPEG file");
}

Picture with_channels(const Picture& picture, int channels) {
  if (picture.channels == channels) return picture;
  Picture to{channels, picture.height, picture.width, {}};
  const std::size_t count =
      static_cast<std::size_t>(picture.height) * static_cast<std::size_t>(picture.width);
  to.pixels.reserve(count * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < count; ++i) {
    if (channels == 3) {
      to.pixels.insert(to.pixels.end(), 3, picture.pixels[i]);
      continue;
    }
    const std::uint8_t* rgb = picture.pixels.data() + 3 * i;
    to.pixels.push_back(
        static_cast<std::uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000));
  }
  return to;
}

Picture resized(const Picture& picture, int height, int width, Resize how) {
  if (how == Resize::kStretch) return stretched(picture, height, width);
  const double y = static_cast<double>(height) / picture.height;
  const double x = static_cast<double>(width) / picture.width;
  const double scale = how == Resize::kCrop ? std::max(y, x) : std::min(y, x);
  const auto scaled = [&](int size, int wanted, double own) {
    return own == scale ? wanted : std::max(1, static_cast<int>(std::lround(size * scale)));
  };
  const Picture whole =
      stretched(picture, scaled(picture.height, height, y), scaled(picture.width, width, x));
  return window(whole, (whole.height - height) / 2, (whole.width - width) / 2, height, width);
}

std::vector<std::uint8_t> as_planes(const Picture& picture) {
  const auto count =
      static_cast<std::size_t>(picture.height) * static_cast<std::size_t>(picture.width);
  const auto channels = static_cast<std::size_t>(picture.channels);
  std::vector<std::uint8_t> planes(count * channels);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < channels; ++c)
      planes[c * count + i] = picture.pixels[i * channels + c];
  return planes;
}

}  // namespace nasmyth
