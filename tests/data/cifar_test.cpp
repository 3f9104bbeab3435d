#include "nasmyth/data/cifar.h"

#include <gtest/gtest.h>

#include <set>

#include "nasmyth/data/data_source.h"
#include "tests/data/files.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

using test::expect_error;
using test::gzip;
using test::noise_bytes;
using test::write_bytes;

// Records with labels first, first + 1, ... modulo the number of classes.
std::string records(const CifarFormat& format, std::size_t count, std::size_t first) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    if (format.label_bytes == 2) bytes += '\x63';  // the coarse label, which does not count
    bytes += static_cast<char>((first + i) % format.classes.size());
    bytes += noise_bytes(3072, 100 * first + i);
  }
  return bytes;
}

class CifarTest : public testing::Test {
 protected:
  // The files of a data set, with 3 images each.
  std::vector<std::pair<std::string, std::string>> files(const CifarFormat& format) {
    std::vector<std::pair<std::string, std::string>> files;
    std::size_t first = 0;
    for (const auto& name : format.train_files)
      files.emplace_back(name, records(format, 3, first++));
    files.emplace_back(format.test_file, records(format, 3, 7));
    return files;
  }
  void write_folder(const CifarFormat& format, const std::filesystem::path& folder, bool packed) {
    std::filesystem::create_directories(folder);
    for (const auto& [name, bytes] : files(format))
      write_bytes(folder / (packed ? name + ".gz" : name), packed ? gzip(bytes) : bytes);
  }
  void expect_whole(const CifarFormat& format, const std::filesystem::path& path) {
    const std::string spec = format.name + ":" + path.string();
    EXPECT_TRUE(data_available(spec));
    const DatasetPair pair = load_data(spec);
    EXPECT_EQ(pair.train.count, std::ssize(format.train_files) * 3);
    EXPECT_EQ(pair.train.channels, 3);
    EXPECT_EQ(pair.train.height, 32);
    EXPECT_EQ(pair.test.count, 3);
    EXPECT_EQ(pair.test.mean, pair.train.mean);
    EXPECT_EQ(pair.train.mean.size(), 3u);
    std::size_t file = 0;
    for (std::int64_t i = 0; i < pair.train.count; ++i) {
      if (i && i % 3 == 0) ++file;
      const std::size_t k = static_cast<std::size_t>(i % 3);
      EXPECT_EQ(pair.train.labels[static_cast<std::size_t>(i)],
                static_cast<std::int64_t>(file + k));
      const auto image = pair.train.image(i);
      EXPECT_EQ(std::string(image.begin(), image.end()), noise_bytes(3072, 100 * file + k));
    }
  }

  test::TemporaryDirectory folder_;
  const CifarFormat& ten_ = cifar10_format();
  const CifarFormat& hundred_ = cifar100_format();
};

TEST_F(CifarTest, RoundTripFromEveryForm) {
  for (const CifarFormat* format : {&ten_, &hundred_}) {
    EXPECT_FALSE(data_available(format->name + ":" + folder_.path().string()));
    write_folder(*format, folder_ / (format->name + "-plain"), false);
    expect_whole(*format, folder_ / (format->name + "-plain"));
    write_folder(*format, folder_ / (format->name + "-gz"), true);
    expect_whole(*format, folder_ / (format->name + "-gz"));
    auto contents = files(*format);
    for (auto& [name, bytes] : contents) name = format->folder + "/" + name;
    std::swap(contents.front(), contents.back());  // archives have any order
    contents.emplace_back(format->folder + "/batches.meta.txt", "airplane");
    const auto upper = folder_ / (format->name + "-upper");
    std::filesystem::create_directories(upper);
    write_bytes(upper / format->archive, gzip(test::tar(contents)));
    expect_whole(*format, upper / format->archive);
    expect_whole(*format, upper);
    write_folder(*format, upper / format->folder, false);
    expect_whole(*format, upper);
  }
}

TEST_F(CifarTest, HundredDistinctClasses) {
  const std::set<std::string> names(hundred_.classes.begin(), hundred_.classes.end());
  EXPECT_EQ(names.size(), 100u);
  EXPECT_TRUE(std::is_sorted(hundred_.classes.begin(), hundred_.classes.end()));
}

TEST_F(CifarTest, TruncatedAndForeignFiles) {
  write_folder(ten_, folder_.path(), false);
  const std::string whole = records(ten_, 3, 2);
  const auto load = [&] { load_data("cifar10:" + folder_.path().string()); };
  for (std::size_t size : {0u, 1u, 2u, 3072u, 3074u, 9000u, 9218u}) {
    write_bytes(folder_ / "data_batch_3.bin", whole.substr(0, size));
    expect_error(ErrorKind::kInvalidData, "data_batch_3.bin", load);
  }
  write_bytes(folder_ / "data_batch_3.bin", records(hundred_, 3, 0));
  expect_error(ErrorKind::kInvalidData, "9222 bytes", load);
  std::string bad_label = whole;
  bad_label[3073] = 10;
  write_bytes(folder_ / "data_batch_3.bin", bad_label);
  expect_error(ErrorKind::kInvalidData, "record 1 has the label 10; there are 10 classes", load);
  write_bytes(folder_ / "data_batch_3.bin", whole);
  EXPECT_NO_THROW(load());
}

TEST_F(CifarTest, MissingFiles) {
  write_folder(ten_, folder_.path(), false);
  const std::string spec = "cifar10:" + folder_.path().string();
  std::filesystem::remove(folder_ / "data_batch_4.bin");
  expect_error(ErrorKind::kIo, "data_batch_4.bin", [&] { load_data(spec); });
  expect_error(ErrorKind::kIo, "cifar10:<path>", [&] { load_data(spec + "/absent"); });
  expect_error(ErrorKind::kIo, "train.bin",
               [&] { load_data("cifar100:" + folder_.path().string()); });
}

TEST_F(CifarTest, DamagedArchives) {
  auto contents = files(ten_);
  contents.erase(contents.begin() + 1);
  const auto path = folder_ / ten_.archive;
  write_bytes(path, gzip(test::tar(contents)));
  const auto load = [&] { load_data("cifar10:" + path.string()); };
  expect_error(ErrorKind::kInvalidData, "no file 'data_batch_2.bin'", load);
  const std::string whole = gzip(test::tar(files(ten_)));
  for (std::size_t size : {0u, 1u, 10u, 600u, 20000u}) {
    write_bytes(path, whole.substr(0, size));
    expect_error(ErrorKind::kInvalidData, "cifar-10-binary.tar.gz", load);
  }
  write_bytes(path, records(ten_, 3, 0));
  expect_error(ErrorKind::kInvalidData, "no tar archive", load);
}

TEST(Cifar10, SharedSample) {
  NASMYTH_SHARED_DATA_OR_SKIP(folder, "cifar10");
  const auto count = [](const Dataset& d, std::int64_t of_each) {
    std::vector<std::int64_t> counts(10);
    for (const auto label : d.labels) ++counts[static_cast<std::size_t>(label)];
    EXPECT_EQ(counts, std::vector<std::int64_t>(10, of_each));
  };
  count(read_cifar_files(cifar10_format(), {folder / "mini_train_2000.bin.gz"}), 200);
  count(read_cifar_files(cifar10_format(), {folder / "mini_test_1000.bin.gz"}), 100);
}

TEST(Cifar10, SharedArchive) {
  NASMYTH_SHARED_DATA_OR_SKIP(folder, "cifar10");
  const DatasetPair pair = load_data("cifar10:" + folder.string());
  EXPECT_EQ(pair.train.count, 50000);
  EXPECT_EQ(pair.test.count, 10000);
  // Published in the code of DARTS (arXiv 1806.09055).
  const std::vector<double> mean = {0.49139968, 0.48215827, 0.44653124},
                            deviation = {0.24703233, 0.24348505, 0.26158768};
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(pair.train.mean[c], mean[c], 1e-6);
    EXPECT_NEAR(pair.train.deviation[c], deviation[c], 1e-4);
  }
  std::vector<std::int64_t> counts(10);
  for (const auto label : pair.train.labels) ++counts[static_cast<std::size_t>(label)];
  EXPECT_EQ(counts, std::vector<std::int64_t>(10, 5000));
  EXPECT_EQ(pair.train.classes[static_cast<std::size_t>(pair.train.labels[0])], "frog");
}

}  // namespace
}  // namespace nasmyth
