#include "nasmyth/data/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <thread>

#include "nasmyth/core/error.h"
#include "tests/data/files.h"

namespace nasmyth {
namespace {

using test::expect_error;
using test::random_data;

constexpr AugmentationOptions kAll{2, true, 3};

std::vector<std::int64_t> first_indices(std::int64_t count) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

// The rest of the epoch; `pause` microseconds before every second batch.
std::vector<LoadedBatch> rest_of(BatchLoader& loader, int pause = 0) {
  std::vector<LoadedBatch> batches;
  LoadedBatch batch;
  while (loader.next(batch)) {
    batches.push_back(batch);
    if (pause && batches.size() % 2) std::this_thread::sleep_for(std::chrono::microseconds(pause));
  }
  return batches;
}

void expect_equal(const std::vector<LoadedBatch>& a, const std::vector<LoadedBatch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].indices, b[i].indices);
    EXPECT_EQ(a[i].targets, b[i].targets);
    EXPECT_EQ(a[i].images, b[i].images);
    EXPECT_EQ(a[i].size, b[i].size);
  }
}

class LoaderTest : public testing::Test {
 protected:
  BatchLoader loader(std::int64_t batch = 8, const AugmentationOptions& a = kAll,
                     bool shuffle = true, bool drop_last = true, std::uint64_t seed = 1) {
    return BatchLoader(data_, indices_, batch, a, shuffle, drop_last, RandomStream(seed));
  }

  const Dataset data_ = random_data(60, 2, 7, 6);
  const std::vector<std::int64_t> indices_ = first_indices(50);
};

TEST_F(LoaderTest, PlainBatchesAreTheImagesInOrder) {
  BatchLoader plain = loader(8, {}, false, false);
  EXPECT_EQ(plain.batches(), 7);
  plain.start_epoch(0);
  const auto batches = rest_of(plain);
  ASSERT_EQ(batches.size(), 7u);
  EXPECT_EQ(batches.back().size, 2);
  std::int64_t index = 0;
  for (const LoadedBatch& b : batches) {
    EXPECT_EQ(std::ssize(b.targets), b.size);
    EXPECT_EQ(std::ssize(b.images), b.size * data_.image_size());
    for (std::size_t k = 0; k < b.targets.size(); ++k, ++index) {
      EXPECT_EQ(b.indices[k], index);
      EXPECT_EQ(b.targets[k], data_.labels[static_cast<std::size_t>(index)]);
      for (std::size_t p = 0; p < 84; ++p) {
        const std::size_t c = p / 42;
        const double value = (data_.image(index)[p] / 255.0 - data_.mean[c]) / data_.deviation[c];
        ASSERT_EQ(b.images[k * 84 + p], static_cast<float>(value));
      }
    }
  }
  EXPECT_EQ(index, 50);
}

TEST_F(LoaderTest, NormalisedToMeanZeroAndDeviationOne) {
  BatchLoader all(data_, first_indices(60), 60, {}, true, true, RandomStream(3));
  all.start_epoch(0);
  LoadedBatch b;
  ASSERT_TRUE(all.next(b));
  for (std::size_t c = 0; c < 2; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < 60; ++i)
      for (std::size_t p = 0; p < 42; ++p) {
        const double v = b.images[i * 84 + c * 42 + p];
        sum += v;
        squares += v * v;
      }
    EXPECT_NEAR(sum / 2520, 0, 1e-6);
    EXPECT_NEAR(squares / 2520, 1, 1e-6);
  }
}

TEST_F(LoaderTest, EachEpochIsAnotherPermutation) {
  BatchLoader l = loader(7, {}, true, false);
  std::set<std::vector<std::int64_t>> orders;
  for (int epoch = 0; epoch < 5; ++epoch) {
    l.start_epoch(epoch);
    std::vector<std::int64_t> order;
    for (const auto& b : rest_of(l)) order.insert(order.end(), b.indices.begin(), b.indices.end());
    orders.insert(order);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, indices_);
  }
  EXPECT_EQ(orders.size(), 5u);
}

TEST_F(LoaderTest, SameBitsWhateverTheTiming) {
  BatchLoader fast = loader(), slow = loader(), other = loader(8, kAll, true, true, 2);
  for (int epoch : {0, 1, 5}) {
    fast.start_epoch(epoch);
    slow.start_epoch(epoch);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    other.start_epoch(epoch);
    const auto a = rest_of(fast), b = rest_of(slow, 300), c = rest_of(other);
    EXPECT_EQ(a.size(), 6u);
    expect_equal(a, b);
    EXPECT_NE(a[0].images, c[0].images);
  }
}

TEST_F(LoaderTest, EpochsDoNotDependOnWhatWasReadBefore) {
  BatchLoader used = loader(), fresh = loader();
  for (int epoch = 0; epoch < 3; ++epoch) {
    used.start_epoch(epoch);
    LoadedBatch b;
    used.next(b);
  }
  used.start_epoch(1);
  fresh.start_epoch(1);
  expect_equal(rest_of(used), rest_of(fresh));
}

TEST_F(LoaderTest, ResumesInTheMiddleOfAnEpoch) {
  BatchLoader whole = loader(8, kAll, true, false);
  whole.start_epoch(4);
  const auto all = rest_of(whole);
  for (std::int64_t first = 0; first <= 7; ++first) {
    BatchLoader resumed = loader(8, kAll, true, false);
    resumed.start_epoch(4, first);
    expect_equal(rest_of(resumed), {all.begin() + first, all.end()});
    whole.start_epoch(4, first);
    expect_equal(rest_of(whole), {all.begin() + first, all.end()});
  }
}

// The same sample in the same epoch, wherever it stands.
TEST_F(LoaderTest, AugmentationBelongsToEpochAndSample) {
  BatchLoader ordered = loader(50, kAll, false), shuffled = loader(50, kAll, true);
  LoadedBatch a, b, later;
  ordered.start_epoch(3);
  shuffled.start_epoch(3);
  ASSERT_TRUE(ordered.next(a) && shuffled.next(b));
  for (std::size_t k = 0; k < 50; ++k) {
    const auto from = a.images.begin() + b.indices[k] * 84;
    EXPECT_TRUE(
        std::equal(from, from + 84, b.images.begin() + static_cast<std::ptrdiff_t>(k) * 84));
  }
  ordered.start_epoch(4);
  ASSERT_TRUE(ordered.next(later));
  EXPECT_EQ(a.indices, later.indices);
  EXPECT_NE(a.images, later.images);
}

TEST_F(LoaderTest, AugmentsAsDrawn) {
  BatchLoader l = loader(50, kAll, false);
  l.start_epoch(2);
  LoadedBatch b;
  ASSERT_TRUE(l.next(b));
  const Normalizer normalizer(data_);
  const RandomStream drawn = RandomStream(1).fork("augmentation").fork(2);
  std::vector<float> expected(84);
  for (std::int64_t i = 0; i < 50; ++i) {
    const auto draw = draw_augmentation(kAll, data_, drawn.fork(static_cast<std::uint64_t>(i)));
    normalizer.write(data_.image(i), draw, kAll.cutout, expected);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), b.images.begin() + i * 84));
  }
}

TEST_F(LoaderTest, BuffersAreReused) {
  BatchLoader l = loader();
  LoadedBatch batch;
  std::set<const float*> buffers;
  for (int epoch = 0; epoch < 20; ++epoch) {
    l.start_epoch(epoch);
    while (l.next(batch)) buffers.insert(batch.images.data());
  }
  EXPECT_LE(buffers.size(), 4u);  // two ready, one in work, the caller's
}

TEST_F(LoaderTest, EndsAndEdges) {
  BatchLoader l = loader();
  LoadedBatch batch;
  batch.size = -7;
  EXPECT_FALSE(l.next(batch));
  l.start_epoch(0, 6);
  EXPECT_FALSE(l.next(batch));
  EXPECT_EQ(batch.size, -7);
  l.start_epoch(0, 5);
  EXPECT_TRUE(l.next(batch));
  EXPECT_FALSE(l.next(batch));
  EXPECT_FALSE(l.next(batch));
  EXPECT_EQ(batch.size, 8);
  expect_error(ErrorKind::kOutOfRange, "batch 7", [&] { l.start_epoch(0, 7); });
  expect_error(ErrorKind::kOutOfRange, "batch -1", [&] { l.start_epoch(0, -1); });
  expect_error(ErrorKind::kOutOfRange, "epoch -1", [&] { l.start_epoch(-1); });
}

TEST_F(LoaderTest, NoFullBatchAndNoImages) {
  LoadedBatch batch;
  BatchLoader none = loader(51);
  EXPECT_EQ(none.batches(), 0);
  none.start_epoch(0);
  EXPECT_FALSE(none.next(batch));
  BatchLoader part = loader(51, {}, true, false);
  part.start_epoch(0);
  EXPECT_EQ(rest_of(part).size(), 1u);
  BatchLoader empty(data_, {}, 8, {}, true, false, RandomStream(1));
  empty.start_epoch(0);
  EXPECT_FALSE(empty.next(batch));
}

TEST_F(LoaderTest, RepeatedIndicesAreAllowed) {
  const std::vector<std::int64_t> twice = {3, 3, 3, 59};
  BatchLoader l(data_, twice, 4, {}, false, true, RandomStream(1));
  l.start_epoch(0);
  LoadedBatch b;
  ASSERT_TRUE(l.next(b));
  EXPECT_EQ(b.indices, twice);
}

TEST_F(LoaderTest, RefusesWhatDoesNotFit) {
  const std::vector<std::int64_t> far = {0, 60}, negative = {-1};
  expect_error(ErrorKind::kOutOfRange, "image 60",
               [&] { BatchLoader(data_, far, 1, {}, true, true, RandomStream(1)); });
  expect_error(ErrorKind::kOutOfRange, "image -1",
               [&] { BatchLoader(data_, negative, 1, {}, true, true, RandomStream(1)); });
  expect_error(ErrorKind::kOutOfRange, "batch_size", [&] { loader(0); });
  expect_error(ErrorKind::kOutOfRange, "crop_padding", [&] { loader(1, {99, false, 0}); });
  Dataset bad = data_;
  bad.labels.pop_back();
  expect_error(ErrorKind::kShape, "labels",
               [&] { BatchLoader(bad, indices_, 1, {}, true, true, RandomStream(1)); });
}

TEST_F(LoaderTest, ErrorsOfTheThreadReachTheCaller) {
  Dataset data = data_;
  BatchLoader l(data, indices_, 10, {}, false, true, RandomStream(1));
  // Images 30 and later vanish: broken on purpose before the thread starts.
  data.pixels.resize(30 * 84);
  for (int round = 0; round < 3; ++round) {
    l.start_epoch(round);
    LoadedBatch b;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(l.next(b));
    expect_error(ErrorKind::kOutOfRange, "image 30", [&] { l.next(b); });
    EXPECT_FALSE(l.next(b));  // the epoch is over
  }
}

TEST(BatchLoader, DestroyedInAnyState) {
  const Dataset data = random_data(64, 1, 12, 12);
  const auto indices = first_indices(64);
  { BatchLoader unused(data, indices, 8, kAll, true, true, RandomStream(1)); }
  for (int i = 0; i < 300; ++i) {
    BatchLoader l(data, indices, 8, kAll, true, true, RandomStream(1));
    l.start_epoch(i);
    LoadedBatch b;
    for (int k = 0; k < i % 9; ++k) l.next(b);
    if (i % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
    if (i % 3 == 0) l.start_epoch(i + 1, i % 8);
  }
}

TEST(BatchLoader, ManyStartsGiveTheLastEpoch) {
  const Dataset data = random_data(64, 1, 12, 12);
  const auto indices = first_indices(64);
  std::vector<std::vector<LoadedBatch>> epochs;
  BatchLoader calm(data, indices, 8, kAll, true, true, RandomStream(1));
  for (int epoch = 0; epoch < 4; ++epoch) {
    calm.start_epoch(epoch);
    epochs.push_back(rest_of(calm));
  }
  BatchLoader busy(data, indices, 8, kAll, true, true, RandomStream(1));
  RandomStream random(9);
  for (int i = 0; i < 1000; ++i) {
    const auto epoch = static_cast<std::size_t>(random.below(4));
    const auto first = static_cast<std::int64_t>(random.below(9));
    const auto most = static_cast<std::int64_t>(random.below(4));
    busy.start_epoch(static_cast<std::int64_t>(epoch), first);
    LoadedBatch b;
    for (std::int64_t k = 0; k < most && busy.next(b); ++k) {
      const LoadedBatch& expected = epochs[epoch][static_cast<std::size_t>(first + k)];
      ASSERT_EQ(b.indices, expected.indices);
      ASSERT_EQ(b.images, expected.images);
    }
  }
}

TEST(CyclingLoader, GoesRoundInFullBatches) {
  const Dataset data = random_data(60, 1, 4, 4);
  const auto indices = first_indices(26);
  CyclingLoader cycling(data, indices, 8, kAll, RandomStream(4));
  BatchLoader plain(data, indices, 8, kAll, true, true, RandomStream(4));
  LoadedBatch a, b;
  for (int epoch = 0; epoch < 4; ++epoch) {
    plain.start_epoch(epoch);
    while (plain.next(b)) {
      cycling.next(a);
      EXPECT_EQ(a.images, b.images);
      EXPECT_EQ(a.indices, b.indices);
      EXPECT_EQ(a.size, 8);
    }
  }
}

TEST(CyclingLoader, PositionsGoOnAsBefore) {
  const Dataset data = random_data(60, 1, 4, 4);
  const auto indices = first_indices(26);
  CyclingLoader whole(data, indices, 8, kAll, RandomStream(4));
  CyclingLoader loaded(data, indices, 8, kAll, RandomStream(4));
  LoadedBatch a, b;
  for (int i = 0; i < 10; ++i) {
    const std::string position = whole.save_position();
    loaded.load_position(position, "position");
    EXPECT_EQ(loaded.save_position(), position);
    for (int k = 0; k < 4; ++k) loaded.next(b);
    loaded.load_position(position, "position");
    loaded.next(b);
    whole.next(a);
    EXPECT_EQ(a.images, b.images) << i;
  }
}

TEST(CyclingLoader, RefusesOtherPositions) {
  const Dataset data = random_data(60, 1, 4, 4);
  const auto indices = first_indices(26);
  CyclingLoader l(data, indices, 8, {}, RandomStream(4));
  CyclingLoader other(data, indices, 5, {}, RandomStream(4));
  LoadedBatch b;
  l.next(b);
  const std::string position = l.save_position();
  expect_error(ErrorKind::kInvalidArgument, "checkpoint",
               [&] { other.load_position(position, "checkpoint"); });
  for (std::size_t i = 0; i < position.size(); ++i) {
    std::string damaged = position;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    expect_error(ErrorKind::kInvalidData, "checkpoint",
                 [&] { l.load_position(damaged, "checkpoint"); });
    expect_error(ErrorKind::kInvalidData, "checkpoint",
                 [&] { l.load_position(position.substr(0, i), "checkpoint"); });
  }
  EXPECT_EQ(l.save_position(), position);
}

TEST(CyclingLoader, TooFewImagesAreAnErrorOfNext) {
  const Dataset data = random_data(10, 1, 4, 4);
  CyclingLoader l(data, first_indices(7), 8, {}, RandomStream(4));
  LoadedBatch b;
  expect_error(ErrorKind::kOutOfRange, "batch_size", [&] { l.next(b); });
}

}  // namespace
}  // namespace nasmyth
