#include "nasmyth/data/idx.h"

#include <gtest/gtest.h>

#include "nasmyth/data/data_source.h"
#include "tests/data/files.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

using test::expect_error;
using test::gzip;
using test::idx;
using test::noise_bytes;
using test::write_bytes;

std::string labels_of(std::size_t count, int classes) {
  std::string labels;
  for (std::size_t i = 0; i < count; ++i)
    labels += static_cast<char>(i % static_cast<std::size_t>(classes));
  return labels;
}

class IdxTest : public testing::Test {
 protected:
  void write_images(std::string_view bytes) { write_bytes(images_, bytes); }
  void write_labels(std::string_view bytes) { write_bytes(labels_, bytes); }
  Dataset read(std::vector<std::string> classes = {}) {
    return read_idx(images_, labels_, std::move(classes));
  }

  test::TemporaryDirectory folder_;
  const std::filesystem::path images_ = folder_ / "images", labels_ = folder_ / "labels";
  const std::string pixels_ = noise_bytes(7 * 5 * 4, 1);
  const std::string good_images_ = idx({7, 5, 4}, pixels_),
                    good_labels_ = idx({7}, labels_of(7, 3));
};

TEST_F(IdxTest, RoundTripPlainAndGzip) {
  for (const bool packed : {false, true}) {
    write_images(packed ? gzip(good_images_) : good_images_);
    write_labels(packed ? gzip(good_labels_) : good_labels_);
    const Dataset data = read();
    EXPECT_EQ(data.count, 7);
    EXPECT_EQ(data.channels, 1);
    EXPECT_EQ(data.height, 5);
    EXPECT_EQ(data.width, 4);
    EXPECT_EQ(std::string(data.pixels.begin(), data.pixels.end()), pixels_);
    EXPECT_EQ(data.labels, (std::vector<std::int64_t>{0, 1, 2, 0, 1, 2, 0}));
    EXPECT_EQ(data.classes, (std::vector<std::string>{"0", "1", "2"}));
  }
}

TEST_F(IdxTest, FourDimensionsHaveChannels) {
  write_images(idx({2, 3, 2, 2}, noise_bytes(24, 1)));
  write_labels(idx({2}, labels_of(2, 2)));
  const Dataset data = read({"a", "b", "c"});
  EXPECT_EQ(data.channels, 3);
  EXPECT_EQ(data.image_size(), 12);
  EXPECT_EQ(data.classes.size(), 3u);
}

TEST_F(IdxTest, TruncatedAnywhere) {
  for (const bool packed : {false, true}) {
    write_labels(good_labels_);
    const std::string whole = packed ? gzip(good_images_) : good_images_;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      write_images(whole.substr(0, size));
      expect_error(ErrorKind::kInvalidData, "images", [&] { read(); });
    }
    write_images(good_images_);
    const std::string labels = packed ? gzip(good_labels_) : good_labels_;
    for (std::size_t size = 0; size < labels.size(); ++size) {
      write_labels(labels.substr(0, size));
      expect_error(ErrorKind::kInvalidData, "labels", [&] { read(); });
    }
  }
}

TEST_F(IdxTest, BytesBehindTheEnd) {
  write_labels(good_labels_);
  write_images(good_images_ + "x");
  expect_error(ErrorKind::kInvalidData, "bytes follow", [&] { read(); });
}

TEST_F(IdxTest, LyingHeaders) {
  write_labels(good_labels_);
  const auto fails = [&](const std::vector<std::uint32_t>& dimensions, const char* part) {
    write_images(idx(dimensions, pixels_));
    expect_error(ErrorKind::kInvalidData, part, [&] { read(); });
  };
  fails({8, 5, 4}, "truncated");
  fails({2000000, 28, 28}, "truncated");
  fails({0xffffffff, 0xffffffff, 0xffffffff}, "promises 4294967295x");
  fails({0x80000000, 1, 2}, "promises");
  fails({1u << 31, 1, 1}, "truncated");
  fails({0, 5, 4}, "promises 0x5x4");
  fails({7, 0, 4}, "promises 7x0x4");
  fails({65536, 65536, 65536}, "promises");
}

TEST_F(IdxTest, ForeignFiles) {
  write_labels(good_labels_);
  const auto fails = [&](std::string bytes, const char* part) {
    write_images(bytes);
    expect_error(ErrorKind::kInvalidData, part, [&] { read(); });
  };
  fails("PNG and so on", "it is no IDX file");
  std::string other_type = good_images_;
  other_type[2] = 0x0d;
  fails(other_type, "IDX type 13");
  fails(good_labels_, "1 dimensions instead of 3");
  write_images(good_images_);
  write_labels(good_images_);
  expect_error(ErrorKind::kInvalidData, "3 dimensions instead of 1", [&] { read(); });
}

TEST_F(IdxTest, LabelsMustFit) {
  write_images(good_images_);
  write_labels(idx({6}, labels_of(6, 3)));
  expect_error(ErrorKind::kInvalidData, "6 labels for 7 images", [&] { read(); });
  write_labels(good_labels_);
  expect_error(ErrorKind::kInvalidData, "label 2 is 2; there are 2 classes", [&] {
    read({"a", "b"});
  });
}

class IdxFolderTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& bytes) {
    write_bytes(folder_ / name, bytes);
  }
  void write_all(std::uint32_t test_width = 4) {
    write("train-images-idx3-ubyte.gz", gzip(idx({30, 5, 4}, noise_bytes(600, 1))));
    write("train-labels-idx1-ubyte", idx({30}, labels_of(30, 10)));
    write("t10k-images-idx3-ubyte", idx({20, 5, test_width}, noise_bytes(100 * test_width, 2)));
    write("t10k-labels-idx1-ubyte.gz", gzip(idx({20}, labels_of(20, 10))));
  }
  DatasetPair load(const char* source = "idx") {
    return load_data(std::string(source) + ":" + folder_.path().string());
  }
  bool available() const { return data_available("idx:" + folder_.path().string()); }

  test::TemporaryDirectory folder_;
};

TEST_F(IdxFolderTest, BothPartsWithTheTrainingStatistics) {
  EXPECT_FALSE(available());
  write_all();
  EXPECT_TRUE(available());
  const DatasetPair pair = load();
  EXPECT_EQ(pair.train.count, 30);
  EXPECT_EQ(pair.test.count, 20);
  EXPECT_EQ(pair.train.name, "idx");
  EXPECT_EQ(pair.test.classes, pair.train.classes);
  Dataset alone = pair.train;
  compute_statistics(alone);
  EXPECT_EQ(pair.train.mean, alone.mean);
  EXPECT_EQ(pair.test.mean, alone.mean);
  EXPECT_EQ(pair.test.deviation, alone.deviation);
  EXPECT_EQ(load("fashion-mnist").train.classes[9], "ankle_boot");
}

TEST_F(IdxFolderTest, MissingFilesNameThemselvesAndTheRemedy) {
  write_all();
  std::filesystem::remove(folder_ / "t10k-labels-idx1-ubyte.gz");
  EXPECT_FALSE(available());
  expect_error(ErrorKind::kIo, "t10k-labels-idx1-ubyte]", [&] { load(); });
  expect_error(ErrorKind::kIo, "dataset-fashion-mnist", [&] { load("fashion-mnist"); });
}

TEST_F(IdxFolderTest, PartsMustFitEachOther) {
  write_all(3);
  expect_error(ErrorKind::kInvalidData, "test images are 1x5x3, the training images 1x5x4",
               [&] { load(); });
  write_all();
  write("t10k-labels-idx1-ubyte.gz", idx({20}, labels_of(20, 11)));
  expect_error(ErrorKind::kInvalidData, "t10k-labels", [&] { load(); });
}

TEST(FashionMnist, AsPublished) {
  if (!data_available("fashion-mnist")) GTEST_SKIP() << "Fashion-MNIST is not installed";
  const DatasetPair pair = load_data("fashion-mnist");
  EXPECT_EQ(pair.train.count, 60000);
  EXPECT_EQ(pair.test.count, 10000);
  EXPECT_EQ(pair.train.image_size(), 784);
  EXPECT_EQ(pair.train.classes.size(), 10u);
  for (const Dataset* d : {&pair.train, &pair.test}) {
    std::vector<std::int64_t> counts(10);
    for (const auto label : d->labels) ++counts[static_cast<std::size_t>(label)];
    EXPECT_EQ(counts, std::vector<std::int64_t>(10, d->count / 10));
  }
  EXPECT_EQ(pair.train.labels[0], 9);  // an ankle boot
  // The values that are commonly used for normalisation.
  EXPECT_NEAR(pair.train.mean[0], 0.2860, 5e-5);
  EXPECT_NEAR(pair.train.deviation[0], 0.3530, 5e-5);
  const Splits s = make_splits(pair.train, 0.4, 0.1, 0);
  EXPECT_EQ(s.search_train.size(), 30000u);
  EXPECT_EQ(s.search_validation.size(), 24000u);
  EXPECT_EQ(s.selection.size(), 6000u);
}

}  // namespace
}  // namespace nasmyth
