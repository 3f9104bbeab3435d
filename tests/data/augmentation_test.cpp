#include "nasmyth/data/augmentation.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "tests/data/files.h"

namespace nasmyth {
namespace {

using test::expect_error;
using test::random_data;

// One channel of 3x4 with pixels 10, 20, ... 120; normalised to pixel values, black to 0.
Dataset counting_image() {
  Dataset data = random_data(1, 1, 3, 4, 1);
  for (std::size_t i = 0; i < 12; ++i) data.pixels[i] = static_cast<std::uint8_t>(10 * (i + 1));
  data.mean = {0};
  data.deviation = {1 / 255.0};
  return data;
}

std::vector<float> written(const Dataset& data, const AugmentationDraw& draw, int cutout = 0) {
  std::vector<float> target(static_cast<std::size_t>(data.image_size()), -1);
  Normalizer(data).write(data.image(0), draw, cutout, target);
  return target;
}

using Values = std::vector<float>;

TEST(Augmentation, WithoutDrawsOnlyNormalises) {
  const Dataset data = random_data(1, 3, 5, 4);
  const Values values = written(data, {});
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t c = i / 20;
    EXPECT_EQ(values[i],
              static_cast<float>((data.pixels[i] / 255.0 - data.mean[c]) / data.deviation[c]));
  }
}

TEST(Augmentation, CropsByHand) {
  const Dataset data = counting_image();
  EXPECT_EQ(written(data, {}), (Values{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120}));
  EXPECT_EQ(written(data, {1, 0}), (Values{50, 60, 70, 80, 90, 100, 110, 120, 0, 0, 0, 0}));
  EXPECT_EQ(written(data, {-1, 2}), (Values{0, 0, 0, 0, 30, 40, 0, 0, 70, 80, 0, 0}));
  EXPECT_EQ(written(data, {0, -1}), (Values{0, 10, 20, 30, 0, 50, 60, 70, 0, 90, 100, 110}));
  EXPECT_EQ(written(data, {2, -3}), (Values{0, 0, 0, 90, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(written(data, {3, 4}), Values(12, 0));
  EXPECT_EQ(written(data, {-3, -4}), Values(12, 0));
}

TEST(Augmentation, FlipsAfterTheCrop) {
  const Dataset data = counting_image();
  EXPECT_EQ(written(data, {0, 0, true}),
            (Values{40, 30, 20, 10, 80, 70, 60, 50, 120, 110, 100, 90}));
  EXPECT_EQ(written(data, {0, -1, true}), (Values{30, 20, 10, 0, 70, 60, 50, 0, 110, 100, 90, 0}));
  EXPECT_EQ(written(data, {0, 2, true}), (Values{0, 0, 40, 30, 0, 0, 80, 70, 0, 0, 120, 110}));
}

TEST(Augmentation, BlackIsBlackAndNotTheMean) {
  Dataset data = counting_image();
  data.mean = {0.5};
  data.deviation = {0.25};
  EXPECT_EQ(written(data, {0, 3})[1], -2);
}

TEST(Augmentation, CutoutIsClippedAtTheBorder) {
  const Dataset data = counting_image();
  const auto at = [&](std::int64_t row, std::int64_t column, int side) {
    AugmentationDraw draw;
    draw.cutout_row = row;
    draw.cutout_column = column;
    return written(data, draw, side);
  };
  // Rows and columns centre - side / 2 ... centre - side / 2 + side - 1.
  EXPECT_EQ(at(1, 2, 2), (Values{10, 0, 0, 40, 50, 0, 0, 80, 90, 100, 110, 120}));
  EXPECT_EQ(at(0, 0, 2), (Values{0, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120}));
  EXPECT_EQ(at(2, 3, 2), (Values{10, 20, 30, 40, 50, 60, 0, 0, 90, 100, 0, 0}));
  EXPECT_EQ(at(1, 1, 3), (Values{0, 0, 0, 40, 0, 0, 0, 80, 0, 0, 0, 120}));
  EXPECT_EQ(at(1, 1, 1), (Values{10, 20, 30, 40, 50, 0, 70, 80, 90, 100, 110, 120}));
  EXPECT_EQ(at(1, 1, 8), Values(12, 0));
}

TEST(Augmentation, CutoutCoversAllChannelsWithTheMean) {
  const Dataset data = random_data(1, 2, 4, 4);
  AugmentationDraw draw;
  draw.cutout_row = draw.cutout_column = 2;
  const Values values = written(data, draw, 2), plain = written(data, {});
  for (std::size_t i = 0; i < 32; ++i) {
    const std::size_t y = i % 16 / 4, x = i % 4;
    const bool cut = (y == 1 || y == 2) && (x == 1 || x == 2);
    EXPECT_EQ(values[i], cut ? 0 : plain[i]) << i;
  }
}

TEST(Augmentation, DrawsAreUniform) {
  const Dataset data = random_data(1, 1, 6, 5);
  std::map<std::int64_t, int> down, right, rows, columns;
  int flips = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const auto d = draw_augmentation({2, true, 3}, data, RandomStream(5).fork(std::uint64_t(i)));
    ++down[d.down];
    ++right[d.right];
    ++rows[d.cutout_row];
    ++columns[d.cutout_column];
    flips += d.flip;
  }
  const auto uniform = [](const std::map<std::int64_t, int>& counts, std::int64_t first,
                          std::int64_t last) {
    ASSERT_EQ(counts.begin()->first, first);
    ASSERT_EQ(counts.rbegin()->first, last);
    const double expected = static_cast<double>(kDraws) / static_cast<double>(last - first + 1);
    for (const auto& [value, count] : counts) EXPECT_NEAR(count, expected, 0.08 * expected);
  };
  uniform(down, -2, 2);
  uniform(right, -2, 2);
  uniform(rows, 0, 5);
  uniform(columns, 0, 4);
  EXPECT_NEAR(flips, kDraws / 2, 400);
}

TEST(Augmentation, NothingIsDrawnUnasked) {
  const Dataset data = random_data(1, 1, 6, 5);
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto d = draw_augmentation({}, data, RandomStream(i));
    EXPECT_TRUE(d.down == 0 && d.right == 0 && !d.flip && d.cutout_row == 0);
  }
}

TEST(Augmentation, RefusesSizesThatCannotBe) {
  const Dataset data = random_data(1, 1, 6, 5);
  EXPECT_NO_THROW(check(AugmentationOptions{5, true, 12}, data));
  expect_error(ErrorKind::kOutOfRange, "crop_padding", [&] { check({-1, false, 0}, data); });
  expect_error(ErrorKind::kOutOfRange, "crop_padding", [&] { check({6, false, 0}, data); });
  expect_error(ErrorKind::kOutOfRange, "cutout", [&] { check({0, false, -1}, data); });
  expect_error(ErrorKind::kOutOfRange, "cutout", [&] { check({0, false, 13}, data); });
}

// One channel of values far from zero, [height, width].
Dataset value_data(std::int64_t height, std::int64_t width) {
  Dataset data = random_data(1, 1, height, width, 1);
  data.pixels.clear();
  for (std::int64_t i = 0; i < height * width; ++i)
    data.values.push_back(1000 + static_cast<float>(i));
  data.mean = {1002};
  data.deviation = {2};
  return data;
}

Values written_values(const Dataset& data, const AugmentationDraw& draw, int cutout = 0) {
  Values target(static_cast<std::size_t>(data.image_size()), -9);
  Normalizer(data).write(data.value_image(0), draw, cutout, target);
  return target;
}

TEST(Augmentation, ValuesAreNormalisedAndSurroundedByTheMean) {
  const Dataset data = value_data(2, 3);
  EXPECT_EQ(written_values(data, {}), (Values{-1, -0.5, 0, 0.5, 1, 1.5}));
  EXPECT_EQ(written_values(data, {1, -1}), (Values{0, 0.5, 1, 0, 0, 0}));
  EXPECT_EQ(written_values(data, {0, 0, true}), (Values{0, -0.5, -1, 1.5, 1, 0.5}));
  EXPECT_EQ(written_values(data, {0, 0, false, 0, 0}, 1), (Values{0, -0.5, 0, 0.5, 1, 1.5}));
}

TEST(Augmentation, SignalsKeepDirectionAndRow) {
  const Dataset data = value_data(1, 9);
  EXPECT_NO_THROW(check(AugmentationOptions{4, true, 3}, data));
  std::map<std::int64_t, int> moved;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const auto draw = draw_augmentation({4, true, 3}, data, RandomStream(1).fork(i));
    EXPECT_FALSE(draw.flip);
    EXPECT_EQ(draw.down, 0);
    ++moved[draw.right];
  }
  EXPECT_EQ(moved.size(), 9u);
}

}  // namespace
}  // namespace nasmyth
