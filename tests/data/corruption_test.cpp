#include "nasmyth/data/corruption.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "nasmyth/core/error.h"
#include "nasmyth/data/planted.h"

namespace nasmyth {
namespace {

// Two images of 3 channels with a step in the middle, and one without detail.
Dataset steps(std::int64_t side) {
  Dataset d;
  d.name = "steps";
  d.count = 2;
  d.channels = 3;
  d.height = d.width = side;
  for (std::int64_t i = 0; i < 2 * 3 * side * side; ++i)
    d.pixels.push_back(i < 3 * side * side && i % side >= side / 2 ? 200 : 100);
  d.labels = {1, 0};
  d.classes = {"a", "b"};
  d.mean = {0.5, 0.5, 0.5};
  d.deviation = {0.2, 0.2, 0.2};
  return d;
}

double mean(std::span<const std::uint8_t> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(std::span<const std::uint8_t> values, double about) {
  double squares = 0;
  for (double v : values) squares += (v - about) * (v - about);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

TEST(Corruption, KeepsLabelsAndStatisticsOfTheChosenImages) {
  const Dataset data = steps(32);
  const std::vector<std::int64_t> second{1};
  for (const auto& name : corruptions().names()) {
    const Dataset worse = corrupted(data, second, name, 3, RandomStream(1));
    EXPECT_EQ(worse.count, 1);
    EXPECT_EQ(worse.labels, std::vector<std::int64_t>{0});
    EXPECT_EQ(worse.mean, data.mean);
    EXPECT_NO_THROW(check(worse));
  }
}

TEST(Corruption, NoiseHasTheStatedDeviation) {
  const Dataset data = steps(64);
  const std::vector<std::int64_t> flat{1};
  double before = 0;
  for (const auto& [severity, expected] : {std::pair{1, 0.04}, {3, 0.08}, {5, 0.10}}) {
    const Dataset worse = corrupted(data, flat, "noise", severity, RandomStream(1));
    const double found = deviation(worse.pixels, mean(worse.pixels)) / 255;
    EXPECT_NEAR(found, expected, 0.002);
    EXPECT_GT(found, before);
    before = found;
  }
}

TEST(Corruption, ContrastIsTheStatedPartAroundEachChannelsMean) {
  const Dataset data = steps(32);
  const std::vector<std::int64_t> first{0};
  for (const auto& [severity, kept] : {std::pair{1, 0.75}, {3, 0.4}, {5, 0.15}}) {
    const Dataset worse = corrupted(data, first, "contrast", severity, RandomStream(1));
    EXPECT_NEAR(worse.pixels.front(), 150 - 50 * kept, 0.5);
    EXPECT_NEAR(worse.pixels.back(), 150 + 50 * kept, 0.5);
  }
}

// A step, smoothed by a Gaussian: half way at the edge, and at one deviation beside it the normal
// distribution's 84 %.
TEST(Corruption, BlurIsGaussian) {
  const Dataset data = steps(32);
  const std::vector<std::int64_t> first{0};
  const Dataset worse = corrupted(data, first, "blur", 5, RandomStream(1));
  const auto row = std::span(worse.pixels).first(32);
  EXPECT_NEAR(row[15] + row[16], 300, 1);
  // The weights within half a pixel of the centre: those of a deviation of one pixel.
  EXPECT_NEAR(row[16], 100 + 100 * (0.5 + 0.5 * 0.39894), 1);
  EXPECT_EQ(row[0], 100);
  EXPECT_EQ(row[31], 200);
  const std::vector<std::int64_t> flat{1};
  EXPECT_EQ(corrupted(data, flat, "blur", 5, RandomStream(1)).pixels,
            std::vector<std::uint8_t>(3 * 32 * 32, 100));
}

TEST(Corruption, LargerImagesLoseTheSameDetails) {
  const std::vector<std::int64_t> first{0};
  const Dataset small = corrupted(steps(32), first, "blur", 5, RandomStream(1));
  const Dataset large = corrupted(steps(96), first, "blur", 5, RandomStream(1));
  EXPECT_NEAR(small.pixels[18], large.pixels[3 * 18 + 1], 6);
}

TEST(Corruption, SameSeedSameBytesWhicheverImagesAreChosen) {
  const Dataset data = make_planted({.train = 20, .test = 10}).train;
  const std::vector<std::int64_t> all{0, 1, 2, 3, 4, 5}, some{4, 2};
  const Dataset a = corrupted(data, all, "noise", 2, RandomStream(5));
  const Dataset b = corrupted(data, some, "noise", 2, RandomStream(5));
  const auto image = [&](const Dataset& d, std::int64_t i) {
    const auto bytes = d.image(i);
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  };
  EXPECT_EQ(image(a, 4), image(b, 0));
  EXPECT_EQ(image(a, 2), image(b, 1));
  EXPECT_NE(image(a, 4), image(corrupted(data, some, "noise", 2, RandomStream(6)), 0));
}

TEST(Corruption, NonsenseIsRefused) {
  const Dataset data = steps(32);
  const std::vector<std::int64_t> first{0}, absent{2};
  EXPECT_THROW(corrupted(data, first, "noise", 0, RandomStream(1)), Error);
  EXPECT_THROW(corrupted(data, first, "noise", 6, RandomStream(1)), Error);
  EXPECT_THROW(corrupted(data, absent, "noise", 1, RandomStream(1)), Error);
  try {
    corrupted(data, first, "nois", 1, RandomStream(1));
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("did you mean 'noise'"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace nasmyth
