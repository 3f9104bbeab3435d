#include "nasmyth/data/picture.h"

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>

#include <cstdio>
#include <cstring>

#include "nasmyth/core/file.h"
#include "nasmyth/core/random.h"
#include "tests/data/files.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {
namespace {

Picture random_picture(int channels, int height, int width) {
  const std::string bytes = noise_bytes(static_cast<std::size_t>(channels * height * width), 3);
  return {channels, height, width, {bytes.begin(), bytes.end()}};
}

void write_png(const std::filesystem::path& path, const Picture& picture,
               std::uint32_t format = 0) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = format ? format : picture.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  ASSERT_TRUE(png_image_write_to_file(&image, path.c_str(), 0, picture.pixels.data(), 0, nullptr));
}

void write_jpeg(const std::filesystem::path& path, const Picture& picture) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  jpeg_stdio_dest(&info, file);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = picture.channels;
  info.in_color_space = picture.channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPLE*>(picture.pixels.data()) +
                static_cast<std::size_t>(info.next_scanline) *
                    static_cast<std::size_t>(picture.width * picture.channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::fclose(file);
}

Picture flat(int channels, int height, int width, std::uint8_t value) {
  return {channels, height, width,
          std::vector<std::uint8_t>(static_cast<std::size_t>(channels * height * width), value)};
}

TEST(Picture, PngIsExact) {
  TemporaryDirectory directory;
  for (int channels : {1, 3}) {
    const Picture picture = random_picture(channels, 5, 7);
    write_png(directory / "a.png", picture);
    const Picture read = read_picture(directory / "a.png");
    EXPECT_EQ(read.channels, channels);
    EXPECT_EQ(read.height, 5);
    EXPECT_EQ(read.width, 7);
    EXPECT_EQ(read.pixels, picture.pixels);
  }
}

TEST(Picture, TransparentPartsAreBlack) {
  TemporaryDirectory directory;
  Picture picture{3, 1, 2, {200, 100, 50, 0, 200, 100, 50, 255}};
  write_png(directory / "a.png", picture, PNG_FORMAT_RGBA);
  EXPECT_EQ(read_picture(directory / "a.png").pixels,
            (std::vector<std::uint8_t>{0, 0, 0, 200, 100, 50}));
}

TEST(Picture, Jpeg) {
  TemporaryDirectory directory;
  for (int channels : {1, 3}) {
    write_jpeg(directory / "a.jpg", flat(channels, 9, 10, 120));
    const Picture read = read_picture(directory / "a.jpg");
    EXPECT_EQ(read.channels, channels);
    EXPECT_EQ(read.height, 9);
    EXPECT_EQ(read.width, 10);
    for (int v : read.pixels) EXPECT_NEAR(v, 120, 2);
  }
}

// Whatever is cut off or changed, the answer is a picture or an error that names the file.
TEST(Picture, DamagedFilesAreErrors) {
  TemporaryDirectory directory;
  write_png(directory / "a.png", random_picture(3, 20, 20));
  write_jpeg(directory / "a.jpg", random_picture(3, 20, 20));
  for (const char* name : {"a.png", "a.jpg"}) {
    const std::string whole = read_file(directory / name);
    for (std::size_t size = 0; size + 20 < whole.size(); size += 37) {
      write_bytes(directory / "cut", whole.substr(0, size));
      expect_error(ErrorKind::kInvalidData, "cut", [&] { read_picture(directory / "cut"); });
    }
    RandomStream random(4);
    for (int i = 0; i < 300; ++i) {
      std::string changed = whole;
      for (int k = 0; k < 3; ++k)
        changed[random.below(changed.size())] = static_cast<char>(random.below(256));
      write_bytes(directory / "changed", changed);
      try {
        read_picture(directory / "changed");
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::kInvalidData) << e.what();
      }
    }
  }
  expect_error(ErrorKind::kIo, "absent", [&] { read_picture(directory / "absent"); });
  write_bytes(directory / "text.png", "hello");
  expect_error(ErrorKind::kInvalidData, "neither a PNG nor a JPEG",
               [&] { read_picture(directory / "text.png"); });
}

TEST(Picture, Channels) {
  const Picture grey{1, 1, 2, {7, 9}};
  EXPECT_EQ(with_channels(grey, 3).pixels, (std::vector<std::uint8_t>{7, 7, 7, 9, 9, 9}));
  EXPECT_EQ(with_channels(with_channels(grey, 3), 1).pixels, grey.pixels);
  const Picture red{3, 1, 1, {255, 0, 0}};
  EXPECT_EQ(with_channels(red, 1).pixels, std::vector<std::uint8_t>{76});
}

TEST(Picture, Sizes) {
  const Picture wide = flat(1, 10, 40, 100);
  for (Resize how : {Resize::kCrop, Resize::kPad, Resize::kStretch}) {
    const Picture fitted = resized(wide, 8, 12, how);
    EXPECT_EQ(fitted.height, 8);
    EXPECT_EQ(fitted.width, 12);
    ASSERT_EQ(fitted.pixels.size(), 96u);
    // Padded: 3 rows of 12 pixels hold the picture, black above and below.
    EXPECT_EQ(fitted.pixels[0], how == Resize::kPad ? 0 : 100);
    EXPECT_EQ(fitted.pixels[4 * 12 + 5], 100);
  }
  const Picture same = random_picture(3, 6, 5);
  EXPECT_EQ(resized(same, 6, 5, Resize::kCrop).pixels, same.pixels);
}

// Of a picture that is left half black, right half white, the centre has both.
TEST(Picture, CropTakesTheCentre) {
  Picture halves = flat(1, 8, 32, 0);
  for (int y = 0; y < 8; ++y)
    for (int x = 16; x < 32; ++x) halves.pixels[static_cast<std::size_t>(32 * y + x)] = 255;
  const Picture centre = resized(halves, 8, 8, Resize::kCrop);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x)
      EXPECT_EQ(centre.pixels[static_cast<std::size_t>(8 * y + x)], x < 4 ? 0 : 255);
}

TEST(Picture, Planes) {
  EXPECT_EQ(as_planes({3, 1, 2, {1, 2, 3, 4, 5, 6}}),
            (std::vector<std::uint8_t>{1, 4, 2, 5, 3, 6}));
}

}  // namespace
}  // namespace nasmyth::test
