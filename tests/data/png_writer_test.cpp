#include "nasmyth/data/png_writer.h"

#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "tests/data/files.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {
namespace {

TEST(PngWriter, WhatIsWrittenIsReadBack) {
  const TemporaryDirectory temporary;
  for (int channels : {1, 3}) {
    const std::string bytes = noise_bytes(static_cast<std::size_t>(channels * 7 * 5), 3);
    const Picture picture{channels, 7, 5, {bytes.begin(), bytes.end()}};
    write_file_atomic(temporary / "a.png", to_png(picture));
    const Picture read = read_picture(temporary / "a.png");
    EXPECT_EQ(read.channels, channels);
    EXPECT_EQ(read.height, 7);
    EXPECT_EQ(read.width, 5);
    EXPECT_EQ(read.pixels, picture.pixels);
  }
}

TEST(PngWriter, PixelsMustFit) {
  EXPECT_THROW(to_png({1, 2, 2, {0, 0, 0}}), Error);
  EXPECT_THROW(to_png({2, 1, 1, {0, 0}}), Error);
  EXPECT_THROW(to_png({1, 0, 0, {}}), Error);
}

}  // namespace
}  // namespace nasmyth::test
