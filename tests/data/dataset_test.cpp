#include "nasmyth/data/dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tests/data/files.h"

namespace nasmyth {
namespace {

using test::expect_error;
using test::random_data;

TEST(Dataset, ImageIsAViewIntoThePixels) {
  const Dataset data = random_data(5, 2, 3, 4);
  EXPECT_EQ(data.image_size(), 24);
  EXPECT_EQ(data.image(3).data(), data.pixels.data() + 72);
  EXPECT_EQ(data.image(3).size(), 24u);
  expect_error(ErrorKind::kOutOfRange, "image 5", [&] { data.image(5); });
  expect_error(ErrorKind::kOutOfRange, "image -1", [&] { data.image(-1); });
}

TEST(Dataset, CheckFindsContradictions) {
  const Dataset good = random_data(6, 1, 2, 2);
  EXPECT_NO_THROW(check(good));
  const auto fails = [&](ErrorKind kind, const char* part, auto damage) {
    Dataset bad = good;
    damage(bad);
    expect_error(kind, part, [&] { check(bad); });
  };
  fails(ErrorKind::kShape, "pixels", [](Dataset& d) { d.pixels.pop_back(); });
  fails(ErrorKind::kShape, "labels", [](Dataset& d) { d.labels.push_back(0); });
  fails(ErrorKind::kShape, "means", [](Dataset& d) { d.mean.clear(); });
  fails(ErrorKind::kShape, "deviations", [](Dataset& d) { d.deviation.push_back(1); });
  fails(ErrorKind::kShape, "0x2x2", [](Dataset& d) { d.channels = 0; });
  fails(ErrorKind::kOutOfRange, "label 3", [](Dataset& d) { d.labels[4] = 3; });
  fails(ErrorKind::kOutOfRange, "label -1", [](Dataset& d) { d.labels[4] = -1; });
  fails(ErrorKind::kOutOfRange, "deviation", [](Dataset& d) { d.deviation[0] = 0; });
}

TEST(Dataset, StatisticsAreThoseOfTheDefinition) {
  Dataset data = random_data(7, 3, 5, 4);
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < 7; ++i)
      for (std::size_t p = 0; p < 20; ++p) sum += data.pixels[i * 60 + c * 20 + p] / 255.0;
    const double mean = sum / 140;
    for (std::size_t i = 0; i < 7; ++i)
      for (std::size_t p = 0; p < 20; ++p)
        squares += std::pow(data.pixels[i * 60 + c * 20 + p] / 255.0 - mean, 2);
    EXPECT_NEAR(data.mean[c], mean, 1e-14);
    EXPECT_NEAR(data.deviation[c], std::sqrt(squares / 140), 1e-14);
  }
  // A constant channel must not divide by zero.
  std::fill(data.pixels.begin(), data.pixels.end(), std::uint8_t{51});
  compute_statistics(data);
  EXPECT_EQ(data.mean[1], 0.2);
  EXPECT_EQ(data.deviation[1], 1);
}

std::vector<std::int64_t> class_counts(const Dataset& data, const std::vector<std::int64_t>& part) {
  std::vector<std::int64_t> counts(data.classes.size());
  for (const auto i : part)
    ++counts[static_cast<std::size_t>(data.labels[static_cast<std::size_t>(i)])];
  return counts;
}

// Unequal classes: 0 has about half of the images.
Dataset unequal_data(std::int64_t count) {
  Dataset data = random_data(count, 1, 1, 1, 5);
  for (std::int64_t i = 0; i < count; ++i)
    data.labels[static_cast<std::size_t>(i)] = i % 2 ? 0 : i * 7 % 5;
  return data;
}

TEST(Splits, DisjointAscendingTogetherEverything) {
  const Dataset data = unequal_data(997);
  for (const auto& [validation, selection] :
       {std::pair{0.4, 0.1}, {0.5, 0.0}, {0.0, 0.0}, {0.05, 0.9}, {0.333, 0.333}}) {
    const Splits s = make_splits(data, validation, selection, 3);
    std::vector<std::int64_t> all;
    for (const auto* part : {&s.search_train, &s.search_validation, &s.selection}) {
      EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
      all.insert(all.end(), part->begin(), part->end());
    }
    std::sort(all.begin(), all.end());
    std::vector<std::int64_t> expected(997);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(all, expected);
    EXPECT_EQ(std::ssize(s.selection), std::llround(997 * selection));
    EXPECT_NEAR(static_cast<double>(s.search_validation.size()), 997 * validation, 1);
  }
}

TEST(Splits, EachClassHasItsShare) {
  const Dataset data = unequal_data(1500);
  std::vector<std::int64_t> all(1500);
  std::iota(all.begin(), all.end(), 0);
  const auto whole = class_counts(data, all);
  const Splits s = make_splits(data, 0.37, 0.113, 1);
  const auto validation = class_counts(data, s.search_validation);
  const auto selection = class_counts(data, s.selection);
  for (std::size_t c = 0; c < whole.size(); ++c) {
    EXPECT_NEAR(static_cast<double>(validation[c]), 0.37 * static_cast<double>(whole[c]), 1);
    EXPECT_NEAR(static_cast<double>(selection[c]), 0.113 * static_cast<double>(whole[c]), 1);
  }
}

TEST(Splits, ClassesOfOneImage) {
  const Dataset data = random_data(200, 1, 1, 1, 200);
  const Splits s = make_splits(data, 0.45, 0.5, 1);
  EXPECT_EQ(s.selection.size(), 100u);
  EXPECT_NEAR(static_cast<double>(s.search_validation.size()), 90, 1);
  std::set<std::int64_t> all(s.search_train.begin(), s.search_train.end());
  all.insert(s.search_validation.begin(), s.search_validation.end());
  all.insert(s.selection.begin(), s.selection.end());
  EXPECT_EQ(all.size(), 200u);
  EXPECT_EQ(s.search_train.size() + s.search_validation.size() + s.selection.size(), 200u);
}

TEST(Splits, FixedBySeedAndShuffled) {
  const Dataset data = unequal_data(500);
  const Splits a = make_splits(data, 0.4, 0.2, 1), b = make_splits(data, 0.4, 0.2, 1),
               c = make_splits(data, 0.4, 0.2, 2);
  EXPECT_EQ(a.search_train, b.search_train);
  EXPECT_EQ(a.search_validation, b.search_validation);
  EXPECT_EQ(a.selection, b.selection);
  EXPECT_NE(a.search_validation, c.search_validation);
  // Not the first images of each class: the mean index is near the middle.
  const double sum =
      static_cast<double>(std::accumulate(a.selection.begin(), a.selection.end(), std::int64_t{0}));
  EXPECT_NEAR(sum / static_cast<double>(a.selection.size()), 250, 50);
}

// What is held out must not depend on how the rest is used.
TEST(Splits, SelectionDoesNotDependOnTheOtherFraction) {
  const Dataset data = unequal_data(500);
  EXPECT_EQ(make_splits(data, 0.1, 0.2, 1).selection, make_splits(data, 0.6, 0.2, 1).selection);
}

TEST(Splits, RetrainIsEverythingButSelection) {
  const Dataset data = unequal_data(300);
  const Splits s = make_splits(data, 0.5, 0.2, 9);
  const auto retrain = s.retrain();
  EXPECT_TRUE(std::is_sorted(retrain.begin(), retrain.end()));
  EXPECT_EQ(retrain.size(), 240u);
  std::set<std::int64_t> all(retrain.begin(), retrain.end());
  all.insert(s.selection.begin(), s.selection.end());
  EXPECT_EQ(all.size(), 300u);
}

TEST(ClassWeights, AreBalanced) {
  Dataset data = random_data(8, 1, 2, 2, 4);
  data.labels = {0, 0, 0, 0, 0, 0, 1, 2};
  const std::vector<std::int64_t> indices{0, 1, 2, 3, 4, 5, 6, 7};
  const std::vector<double> weights = balanced_class_weights(data, indices);
  EXPECT_EQ(weights, (std::vector<double>{8 / (3 * 6.0), 8 / 3.0, 8 / 3.0, 0}));
  EXPECT_DOUBLE_EQ(6 * weights[0] + weights[1] + weights[2], 8);
}

TEST(Splits, RefusesWhatLeavesNothing) {
  const Dataset data = unequal_data(100);
  for (const auto& [validation, selection] :
       {std::pair{0.5, 0.5}, {-0.1, 0.1}, {0.1, 1.0}, {std::nan(""), 0.1}, {0.1, std::nan("")}})
    expect_error(ErrorKind::kOutOfRange, "splits",
                 [&, v = validation, s = selection] { make_splits(data, v, s, 1); });
  expect_error(ErrorKind::kOutOfRange, "splits.selection",
               [&] { make_splits(unequal_data(3), 0.4, 0.01, 1); });
  expect_error(ErrorKind::kOutOfRange, "splits.search_validation",
               [&] { make_splits(unequal_data(3), 0.01, 0.4, 1); });
}

}  // namespace
}  // namespace nasmyth
