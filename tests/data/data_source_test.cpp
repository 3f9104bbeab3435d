#include "nasmyth/data/data_source.h"

#include <gtest/gtest.h>

#include "tests/data/files.h"

namespace nasmyth {
namespace {

using test::expect_error;

TEST(DataSources, EachIsDescribed) {
  EXPECT_EQ(data_sources().names(),
            (std::vector<std::string>{"fashion-mnist", "idx", "cifar10", "cifar100", "folder",
                                      "arrays", "planted"}));
  for (const auto& [name, source] : data_sources()) {
    EXPECT_FALSE(source.help.empty()) << name;
    EXPECT_EQ(source.form.find(name), 0u) << name;
  }
  EXPECT_EQ(data_sources().get("planted").options().size(), 7u);
}

TEST(DataSources, UnknownSourcesGetASuggestion) {
  expect_error(ErrorKind::kUnknownName, "did you mean 'fashion-mnist'",
               [] { load_data("fashon_mnist"); });
  expect_error(ErrorKind::kUnknownName, "did you mean 'cifar10'",
               [] { data_available("cifar-10:/data"); });
  expect_error(ErrorKind::kUnknownName, "data source ''", [] { load_data(""); });
}

TEST(DataSources, PathsThatAreNeeded) {
  for (const std::string name : {"idx", "cifar10", "cifar100"}) {
    EXPECT_FALSE(data_available(name));
    expect_error(ErrorKind::kInvalidArgument, name + ":<", [&] { load_data(name); });
    expect_error(ErrorKind::kInvalidArgument, name + ":<", [&] { load_data(name + ":"); });
  }
}

TEST(DataSources, MissingFoldersTellTheRemedy) {
  EXPECT_FALSE(data_available("fashion-mnist:/nowhere"));
  expect_error(ErrorKind::kIo, "install the Debian package dataset-fashion-mnist",
               [] { load_data("fashion-mnist:/nowhere"); });
  expect_error(ErrorKind::kIo, "/nowhere/train-images-idx3-ubyte",
               [] { load_data("fashion-mnist:/nowhere"); });
}

TEST(DataSources, PlantedTakesSettings) {
  EXPECT_TRUE(data_available("planted"));
  const DatasetPair pair = load_data("planted: train=40, test=20,size=16");
  EXPECT_EQ(pair.train.count, 40);
  EXPECT_EQ(pair.test.count, 20);
  EXPECT_EQ(pair.test.width, 16);
  expect_error(ErrorKind::kUnknownName, "did you mean 'noise'",
               [] { load_data("planted:nose=3"); });
  expect_error(ErrorKind::kOutOfRange, "planted.train", [] { load_data("planted:train=3"); });
  expect_error(ErrorKind::kInvalidArgument, "no setting: 'train'",
               [] { load_data("planted:train"); });
  expect_error(ErrorKind::kOutOfRange, "bytes", [] { load_data("planted:train=1000000,size=64"); });
}

}  // namespace
}  // namespace nasmyth
