#include "nasmyth/data/array_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "nasmyth/data/array_labels.h"
#include "nasmyth/data/array_names.h"
#include "tests/data/files.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

using test::bytes_of;
using test::expect_error;
using test::npy;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<float> counting(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

class ArrayDataTest : public testing::Test {
 protected:
  void put(const std::string& name, std::string_view bytes) {
    test::write_bytes(folder_ / (name + ".npy"), bytes);
  }
  void put_labels(const std::string& name, const std::vector<std::int64_t>& labels) {
    put(name, npy("<i8", std::to_string(labels.size()) + ",", bytes_of(labels)));
  }
  DatasetPair read(ArrayDataOptions options = {}) { return read_arrays(folder_ / "", options); }
  void refused(ErrorKind kind, std::string_view part, ArrayDataOptions options = {}) {
    expect_error(kind, part, [&] { read(options); });
  }

  test::TemporaryDirectory folder_;
};

TEST(ArrayRole, KnowsTheUsualNames) {
  using R = ArrayRole;
  EXPECT_EQ(array_role("x"), R::kSamples);
  EXPECT_EQ(array_role("Y"), R::kLabels);
  EXPECT_EQ(array_role("X_train"), R::kTrainSamples);
  EXPECT_EQ(array_role("test-labels"), R::kTestLabels);
  EXPECT_EQ(array_role("val_images"), R::kValidationSamples);
  EXPECT_EQ(array_role("arr_0"), R::kSamples);
  EXPECT_EQ(array_role("classes"), R::kClasses);
  for (const char* other : {"", "_", "z", "x_", "_x", "x_best", "train", "x_train_y"})
    EXPECT_FALSE(array_role(other)) << other;
}

TEST(Layout, IsDecidedByARule) {
  const auto layout = [](std::vector<std::int64_t> shape) {
    return choose_layout(shape, "auto", "x").layout;
  };
  EXPECT_EQ(layout({10, 500}), "nl");
  EXPECT_EQ(layout({10, 28, 28}), "nhw");
  EXPECT_EQ(layout({10, 28, 28, 1}), "nhwc");
  EXPECT_EQ(layout({10, 3, 32, 32}), "nchw");
  EXPECT_EQ(layout({10, 12, 64, 64}), "nchw");
  expect_error(ErrorKind::kShape, "layout=nchw or layout=nhwc", [&] { layout({9, 8, 5, 8}); });
  expect_error(ErrorKind::kShape, "two to four axes; got [10]", [&] { layout({10}); });
  expect_error(ErrorKind::kShape, "two to four axes", [&] { layout({1, 2, 3, 4, 5}); });
  EXPECT_EQ(choose_layout({10, 6, 128}, "ncl", "x").layout, "ncl");
  expect_error(ErrorKind::kShape, "has 4 axes", [&] { choose_layout({1, 2, 3}, "nhwc", "x"); });
}

// The value at (n, c, h, w) must be that of the array, however it lies in the file.
TEST_F(ArrayDataTest, EveryLayoutAndOrderGivesTheSameImages) {
  const std::int64_t sizes[4] = {4, 2, 3, 5};  // n, c, h, w
  for (const std::string layout : {"nhwc", "nchw"})
    for (const bool fortran : {false, true}) {
      std::vector<std::int64_t> shape;
      for (const char axis : layout) shape.push_back(sizes[std::string_view("nchw").find(axis)]);
      std::vector<float> values(120);
      NpyArray array{"x", {{'f', 4, false}, fortran, shape}, {}};
      const NpyView view = layout_view(array, layout);
      for (std::int64_t n = 0, value = 0; n < 4; ++n)
        for (std::int64_t c = 0; c < 2; ++c)
          for (std::int64_t h = 0; h < 3; ++h)
            for (std::int64_t w = 0; w < 5; ++w) {
              // Strides by hand, independent of the reader.
              std::int64_t at = 0, step = 1;
              for (std::size_t i = 0; i < 4; ++i) {
                const std::size_t d = fortran ? i : 3 - i;
                const char axis = layout[d];
                at += step * (axis == 'n' ? n : axis == 'c' ? c : axis == 'h' ? h : w);
                step *= shape[d];
              }
              values[static_cast<std::size_t>(at)] = static_cast<float>(value++);
            }
      const std::string text = bytes_of(values);
      array.bytes.assign(text.begin(), text.end());
      EXPECT_EQ(npy_floats(array, view), counting(120)) << layout << fortran;
      const ArraySamples samples = samples_of(array, layout);
      EXPECT_THAT((std::vector{samples.count, samples.channels, samples.height, samples.width}),
                  ElementsAre(4, 2, 3, 5));
      EXPECT_EQ(samples.values, counting(120));
    }
}

TEST_F(ArrayDataTest, BytesStayBytes) {
  put("x", npy("|u1", "10, 2, 2", test::noise_bytes(40, 1)));
  put_labels("y", {0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
  const DatasetPair pair = read();
  EXPECT_EQ(pair.train.count + pair.test.count, 10);
  EXPECT_EQ(pair.test.count, 2);
  EXPECT_FALSE(pair.train.has_values());
  EXPECT_EQ(pair.train.scale(), 1.0 / 255);
  EXPECT_EQ(pair.train.layout, "nhw");
}

TEST_F(ArrayDataTest, OtherNumbersAreKeptAndNormalisedByTheTrainingPart) {
  put("x_train", npy("<f4", "4, 1, 2", bytes_of(counting(8))));
  put("x_test", npy("<f4", "2, 1, 2", bytes_of<float>({100, 200, 300, 400})));
  put_labels("y_train", {0, 1, 0, 1});
  put_labels("y_test", {0, 1});
  const DatasetPair pair = read();
  EXPECT_EQ(pair.train.values, counting(8));
  EXPECT_EQ(pair.train.mean[0], 3.5);
  EXPECT_NEAR(pair.train.deviation[0], 2.2912878, 1e-6);
  EXPECT_EQ(pair.test.mean, pair.train.mean);
  EXPECT_TRUE(pair.train.is_signal());
  EXPECT_EQ(pair.train.value_image(1)[0], 2);
  expect_error(ErrorKind::kOutOfRange, "no image", [&] { pair.train.image(0); });
}

TEST_F(ArrayDataTest, SamplesThatAreNotFiniteAreLeftOutAndNamed) {
  std::vector<float> values = counting(12);
  values[3] = std::numeric_limits<float>::quiet_NaN();
  values[10] = std::numeric_limits<float>::infinity();
  put("x_train", npy("<f4", "6, 2", bytes_of(values)));
  put("x_test", npy("<f4", "2, 2", bytes_of(counting(4))));
  put_labels("y_train", {7, 8, 7, 8, 7, 8});
  put_labels("y_test", {7, 8});
  const DatasetPair pair = read();
  EXPECT_EQ(pair.train.values, (std::vector<float>{0, 1, 4, 5, 6, 7, 8, 9}));
  EXPECT_THAT(pair.train.labels, ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(pair.faults, Contains(HasSubstr("x_train.npy: 2 sample(s)")));
  EXPECT_THAT(pair.faults, Contains(HasSubstr("1, 5")));
  for (float& v : values) v = std::numeric_limits<float>::quiet_NaN();
  put("x_train", npy("<f4", "6, 2", bytes_of(values)));
  refused(ErrorKind::kInvalidData, "every sample has values that are not finite");
}

TEST_F(ArrayDataTest, LabelsOfAllKinds) {
  put("x", npy("<f4", "6, 4", bytes_of(counting(24))));
  const ArrayDataOptions half{"auto", "", 0.5};
  const auto classes = [&] { return read(half).train.classes; };
  put_labels("y", {-1, 5, -1, 5, 3, 3});
  EXPECT_THAT(classes(), ElementsAre("-1", "3", "5"));
  EXPECT_THAT(read(half).remarks, Contains(HasSubstr("labels 0, 1, 2, 4")));
  put("y", npy("|S3", "6,", "catdogcatdogcatdog"));
  EXPECT_THAT(classes(), ElementsAre("cat", "dog"));
  put("y", npy("|b1", "6,", std::string("\0\1\0\1\0\1", 6)));
  EXPECT_THAT(classes(), ElementsAre("0", "1"));
  put("y", npy("|u1", "6, 2", std::string("\1\0\0\1\1\0\0\1\1\0\0\1", 12)));
  EXPECT_THAT(classes(), ElementsAre("0", "1"));
  EXPECT_THAT(read(half).remarks, Contains(HasSubstr("one column a class")));
  put("y", npy("<f8", "6, 1", bytes_of<double>({0, 1, 0, 1, 0, 1})));
  EXPECT_THAT(classes(), ElementsAre("0", "1"));
  put("classes", npy("|S1", "3,", "abc"));
  EXPECT_THAT(classes(), ElementsAre("a", "b"));
  EXPECT_THAT(read(half).faults, Contains("class 'c' has no training sample"));
  put_labels("y", {0, 1, 0, 1, 0, 3});
  refused(ErrorKind::kInvalidData, "label 5 is 3; there are names of 3 classes");
}

TEST_F(ArrayDataTest, RefusesLabelsThatCannotBe) {
  put("x", npy("<f4", "4, 4", bytes_of(counting(16))));
  refused(ErrorKind::kInvalidData, "no labels for the samples 'x'");
  put_labels("y", {0, 1, 0});
  refused(ErrorKind::kShape, "3 labels for 4 samples");
  put_labels("y", {1, 1, 1, 1});
  refused(ErrorKind::kInvalidData, "two classes are needed");
  put("y", npy("<f8", "4,", bytes_of<double>({0, 1, 0.5, 1})));
  refused(ErrorKind::kInvalidData, "element 2 is 0.5");
  put("y", npy("|u1", "4, 2", std::string("\1\0\0\1\1\1\0\1", 8)));
  refused(ErrorKind::kInvalidData, "row 2 is not zeros and a single one");
  put("y", npy("|u1", "4, 1, 1", std::string("\1\0\0\1", 4)));
  refused(ErrorKind::kShape, "labels have the shape");
  std::vector<std::int64_t> many(100);
  std::iota(many.begin(), many.end(), 0);
  put("x", npy("<f4", "100, 2", bytes_of(counting(200))));
  put_labels("y", many);
  refused(ErrorKind::kInvalidData, "100 different labels for 100 samples");
}

TEST_F(ArrayDataTest, TestLabelsThatNothingTrainsAreLeftOut) {
  put("x_train", npy("<f4", "4, 2", bytes_of(counting(8))));
  put("x_test", npy("<f4", "3, 2", bytes_of(counting(6))));
  put_labels("y_train", {0, 1, 0, 1});
  put_labels("y_test", {0, 9, 1});
  const DatasetPair pair = read();
  EXPECT_THAT(pair.test.labels, ElementsAre(0, 1));
  EXPECT_EQ(pair.test.values, (std::vector<float>{0, 1, 4, 5}));
  EXPECT_THAT(pair.faults, Contains(HasSubstr("1 test sample(s) with the label 9")));
}

TEST_F(ArrayDataTest, EachClassGivesItsPartForTesting) {
  std::vector<std::int64_t> labels(110, 0);
  for (std::size_t i = 100; i < 110; ++i) labels[i] = 1;
  put("x", npy("<f4", "110, 2", bytes_of(counting(220))));
  put_labels("y", labels);
  const DatasetPair pair = read();
  EXPECT_EQ(pair.test.count, 22);
  EXPECT_EQ(std::count(pair.test.labels.begin(), pair.test.labels.end(), 1), 2);
  EXPECT_EQ(read().test.values, pair.test.values);
  EXPECT_NE(read({"auto", "", 0.5}).test.values, pair.test.values);
}

TEST_F(ArrayDataTest, RefusesPartsThatDoNotFit) {
  refused(ErrorKind::kInvalidData, "no .npy files");
  put("z", npy("<f4", "4, 2", bytes_of(counting(8))));
  refused(ErrorKind::kInvalidData, "no array has the name of samples; got z");
  put("x", npy("<f4", "4, 2", bytes_of(counting(8))));
  put("data", npy("<f4", "4, 2", bytes_of(counting(8))));
  refused(ErrorKind::kInvalidData, "the arrays 'data' and 'x' are for the same");
  std::filesystem::remove(folder_ / "data.npy");
  put("x_train", npy("<f4", "4, 2", bytes_of(counting(8))));
  refused(ErrorKind::kInvalidData, "could both be the training samples");
  std::filesystem::remove(folder_ / "x.npy");
  put_labels("y_train", {0, 1, 0, 1});
  put("x_test", npy("<f4", "2, 4", bytes_of(counting(8))));
  put_labels("y_test", {0, 1});
  refused(ErrorKind::kShape, "the test samples are [1, 1, 4]");
  put("x_test", npy("|u1", "2, 2", "abcd"));
  refused(ErrorKind::kInvalidData, "8-bit numbers and the others not");
  put("x_train", npy("<f4", "0, 2", ""));
  refused(ErrorKind::kShape, "it is empty: [0, 2]");
  put("x_train", npy("|S2", "4, 2", "aabbccddeeffgghh"));
  refused(ErrorKind::kInvalidData, "text in the place of numbers");
}

TEST_F(ArrayDataTest, SamplesForANetwork) {
  put("one", npy("<f4", "2, 3", bytes_of(counting(6))));
  const auto file = folder_ / "one.npy";
  SampleForm form{1, 2, 3, "nhw", false};
  EXPECT_EQ(read_samples(file, form), counting(6));
  form.bytes = true;
  EXPECT_EQ(read_samples(file, form), counting(6));
  EXPECT_EQ(read_samples(file, {1, 1, 3, "nl", false}), counting(6));  // two signals
  // As [length, channels] the values change places.
  EXPECT_EQ(read_samples(file, {3, 1, 2, "nlc", false}), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  expect_error(ErrorKind::kShape, "an array [2, 3] for a network of [1, 3, 2]", [&] {
    read_samples(file, {1, 3, 2, "nhw", false});
  });
  put("one", npy("<f4", "1, 3", bytes_of<float>({0, 0.5f, 1})));
  expect_error(ErrorKind::kInvalidData, "whole numbers from 0 to 255", [&] {
    read_samples(file, {1, 1, 3, "nl", true});
  });
}

}  // namespace
}  // namespace nasmyth
