#include "nasmyth/data/planted.h"

#include <gtest/gtest.h>

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
