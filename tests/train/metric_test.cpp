#include "nasmyth/train/metric.h"

#include <gtest/gtest.h>

#include "nasmyth/core/error.h"

namespace nasmyth::test {
namespace {

// Six samples of three classes, small enough to count; class 3 has no sample.
Evaluation example() {
  Evaluation e;
  e.scores = {0.7f, 0.2f, 0.1f, 0, 0.1f, 0.6f, 0.3f, 0, 0.4f, 0.4f, 0.2f, 0,
              0.2f, 0.5f, 0.3f, 0, 0.3f, 0.3f, 0.4f, 0, 0.6f, 0.1f, 0.3f, 0};
  e.predictions = {0, 1, 0, 1, 2, 0};
  e.confusion = {2, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0};
  e.accuracy = 4.0 / 6;
  return e;
}
const std::vector<std::int64_t> kLabels{0, 0, 0, 1, 2, 2};

double value(std::string_view name) {
  return metrics().get(name, "test").value(example(), kLabels);
}

TEST(Metrics, Values) {
  EXPECT_DOUBLE_EQ(value("accuracy"), 4.0 / 6);
  EXPECT_DOUBLE_EQ(value("balanced_accuracy"), (2.0 / 3 + 1 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(value("macro_f1"), (4.0 / 6 + 2.0 / 3 + 2.0 / 3) / 3);
  // Pairs of a sample of the class and another one in the right order, ties half.
  EXPECT_NEAR(value("auc"), (5.0 / 9 + 4.0 / 5 + 7.0 / 8) / 3, 1e-12);
}

TEST(Metrics, UnknownNamesAreErrorsWithASuggestion) {
  EXPECT_THROW(metrics().get("acuracy", "objective"), Error);
}

}  // namespace
}  // namespace nasmyth::test
