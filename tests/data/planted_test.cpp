#include "nasmyth/data/planted.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "nasmyth/core/file.h"
#include "tests/data/files.h"

namespace nasmyth {
namespace {

PlantedOptions small() {
  PlantedOptions options;
  options.train = 400;
  options.test = 100;
  return options;
}

std::string digest(const Dataset& d) {
  return content_hash({reinterpret_cast<const char*>(d.pixels.data()), d.pixels.size()});
}

TEST(Planted, BalancedAndWhole) {
  const DatasetPair pair = make_planted(small());
  for (const Dataset* d : {&pair.train, &pair.test}) {
    EXPECT_NO_THROW(check(*d));
    std::vector<std::int64_t> counts(10);
    for (const auto label : d->labels) ++counts[static_cast<std::size_t>(label)];
    EXPECT_EQ(counts, std::vector<std::int64_t>(10, d->count / 10));
  }
  EXPECT_EQ(pair.train.count, 400);
  EXPECT_EQ(pair.train.classes.front(), "horizontal+vertical");
  EXPECT_EQ(pair.test.mean, pair.train.mean);
  EXPECT_NE(digest(pair.train).substr(0, 8), digest(pair.test).substr(0, 8));
}

// The same bytes on every machine and with every compiler.
TEST(Planted, BytesAreFixed) {
  EXPECT_EQ(digest(make_planted(small()).train), "3cfa978ed79c0fc4561769a401c700ec");
  PlantedOptions other = small();
  other.seed = 2;
  EXPECT_NE(digest(make_planted(other).train), digest(make_planted(small()).train));
}

// A prefix of a larger set: sizes of experiments may grow without new images for old ones.
TEST(Planted, TrainingSizeDoesNotChangeTheTest) {
  PlantedOptions more = small();
  more.train = 500;
  EXPECT_EQ(digest(make_planted(small()).test), digest(make_planted(more).test));
}

// The mean images of the classes are alike: nothing that a linear classifier could use.
// What pixels `across` and `down` apart have in common, for each class of the task reach.
std::array<double, 2> common(const Dataset& d, std::int64_t across, std::int64_t down) {
  std::array<double, 2> sum{};
  for (std::int64_t n = 0; n < d.count; ++n) {
    const std::uint8_t* image = &d.pixels[static_cast<std::size_t>(n * d.height * d.width)];
    double& mine = sum[static_cast<std::size_t>(d.labels[static_cast<std::size_t>(n)])];
    for (std::int64_t y = 0; y + down < d.height; ++y)
      for (std::int64_t x = 0; x + across < d.width; ++x)
        mine +=
            (image[y * d.width + x] - 128.0) * (image[(y + down) * d.width + x + across] - 128.0);
  }
  for (double& s : sum) s /= static_cast<double>(d.count / 2);
  return sum;
}

TEST(Planted, ReachIsSeenAtItsDistanceAlone) {
  PlantedOptions options = small();
  options.task = "reach";
  options.train = 1000;
  options.reach = 5;
  const Dataset data = make_planted(options).train;
  EXPECT_EQ(data.classes, (std::vector<std::string>{"alike", "unlike"}));
  // Six pairs of dots of contrast 100 in each image.
  const auto at = common(data, 4, 0);
  EXPECT_GT(at[0], 0.9 * 6 * 1e4);
  EXPECT_LT(at[1], -0.9 * 6 * 1e4);
  for (std::int64_t down = 0; down <= 4; ++down)
    for (std::int64_t across = 0; across <= 4; ++across) {
      if (across + down == 0 || (across == 4 && down == 0)) continue;
      const auto near = common(data, across, down);
      EXPECT_LT(std::fabs(near[0] - near[1]), 3e3) << across << " " << down;
    }
}

TEST(Planted, BrightnessIsTheMean) {
  PlantedOptions options = small();
  options.task = "brightness";
  const Dataset data = make_planted(options).train;
  const std::size_t size = data.pixels.size() / static_cast<std::size_t>(data.count);
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < size; ++j) sum += data.pixels[i * size + j];
    EXPECT_EQ(sum / static_cast<double>(size) > 128, data.labels[i] == 1);
  }
}

TEST(Planted, MeanImagesTellNothing) {
  PlantedOptions options;
  const Dataset d = make_planted(options).train;
  std::vector<std::vector<double>> means(10, std::vector<double>(784));
  for (std::int64_t i = 0; i < d.count; ++i)
    for (std::size_t p = 0; p < 784; ++p)
      means[static_cast<std::size_t>(d.labels[static_cast<std::size_t>(i)])][p] +=
          d.image(i)[p] / 1000.0;
  // The deviation of a mean of 1,000 pixels is about 1.6 grey levels.
  double squares = 0;
  for (std::size_t c = 1; c < 10; ++c)
    for (std::size_t p = 0; p < 784; ++p) squares += std::pow(means[c][p] - means[0][p], 2);
  EXPECT_LT(std::sqrt(squares / (9 * 784)), 3);
}

TEST(Planted, NoiseIsWhatWasAskedFor) {
  PlantedOptions quiet = small(), loud = small();
  quiet.noise = 0;
  loud.noise = 60;
  const Dataset a = make_planted(quiet).train, b = make_planted(loud).train;
  double squares = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    squares += std::pow(a.pixels[i] - b.pixels[i], 2);
  const double deviation = std::sqrt(squares / static_cast<double>(a.pixels.size()));
  EXPECT_GT(deviation, 50);  // a little less than 60: pixels end at 0 and 255
  EXPECT_LT(deviation, 61);
}

}  // namespace
}  // namespace nasmyth
