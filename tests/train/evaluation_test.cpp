#include "nasmyth/train/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "nasmyth/core/error.h"
#include "tests/train/toy_network.h"

namespace nasmyth {
namespace {

using test::all_indices;

class EvaluationTest : public testing::Test {
 protected:
  EvaluationTest()
      : graph_(test::toy_network()),
        store_(expand(graph_, operations_), operations_, ElementType::kFloat32) {
    store_.initialize(RandomStream(3));
  }

  Evaluation evaluate_all(std::int64_t batch_size) {
    return evaluate(graph_, store_, executor_, data_, all_indices(data_), batch_size);
  }

  OperationSet operations_ = test::toy_operations();
  test::ToyExecutor executor_;
  Dataset data_ = test::toy_data(90, 5);
  NetworkGraph graph_;
  ParameterStore store_;
};

TEST_F(EvaluationTest, CountsAgree) {
  const Evaluation e = evaluate_all(32);
  ASSERT_EQ(e.predictions.size(), 90u);
  std::int64_t right = 0;
  std::vector<std::int64_t> confusion(9);
  for (std::size_t i = 0; i < 90; ++i) {
    right += e.predictions[i] == data_.labels[i];
    ++confusion[static_cast<std::size_t>(data_.labels[i] * 3 + e.predictions[i])];
  }
  EXPECT_EQ(e.confusion, confusion);
  EXPECT_EQ(std::accumulate(confusion.begin(), confusion.end(), std::int64_t{0}), 90);
  EXPECT_NEAR(e.accuracy, static_cast<double>(right) / 90, 1e-15);
}

TEST_F(EvaluationTest, BatchSizeDoesNotMatter) {
  const Evaluation a = evaluate_all(7), b = evaluate_all(90), c = evaluate_all(1000);
  EXPECT_EQ(a.predictions, b.predictions);
  EXPECT_EQ(a.predictions, c.predictions);
  EXPECT_NEAR(a.loss, b.loss, 1e-12);
}

TEST_F(EvaluationTest, PredictionsFollowTheOrderOfTheIndices) {
  const Evaluation all = evaluate_all(16);
  const std::vector<std::int64_t> indices = {40, 3, 3, 77};
  const Evaluation some = evaluate(graph_, store_, executor_, data_, indices, 3);
  for (std::size_t i = 0; i < indices.size(); ++i)
    EXPECT_EQ(some.predictions[i], all.predictions[static_cast<std::size_t>(indices[i])]);
}

TEST_F(EvaluationTest, UniformLogitsHaveTheLossOfGuessing) {
  for (float& v : store_.entry<float>(store_.find("head/weight"))) v = 0;
  const Evaluation e = evaluate_all(16);
  EXPECT_NEAR(e.loss, std::log(3.0), 1e-12);
  // Ties go to the first class.
  EXPECT_EQ(e.predictions, std::vector<int>(90, 0));
}

TEST_F(EvaluationTest, LeavesParametersAlone) {
  const std::string before = store_.serialize();
  evaluate_all(16);
  EXPECT_EQ(store_.serialize(), before);
}

TEST_F(EvaluationTest, RefusesNoSamples) {
  EXPECT_THROW(evaluate(graph_, store_, executor_, data_, {}, 16), Error);
}

// All samples in equal batches: the mean of the batches' means is the mean of the data.
TEST_F(EvaluationTest, RecalibrationAveragesTheBatches) {
  store_.entry<float>(store_.find("norm/running_mean"))[0] = 1e6f;
  const auto weight = store_.entry<float>(store_.find("head/weight"));
  const std::vector<float> before(weight.begin(), weight.end());
  recalibrate_batch_norm(graph_, operations_, store_, executor_, data_, all_indices(data_), 100, 30,
                         RandomStream(9));
  for (std::size_t c = 0; c < 2; ++c) {
    double sum = 0;
    for (std::size_t i = 0; i < 90; ++i)
      for (std::size_t p = 0; p < 16; ++p) sum += data_.pixels[i * 32 + c * 16 + p];
    const double mean = (sum / (90 * 16) / 255 - data_.mean[c]) / data_.deviation[c];
    EXPECT_NEAR(store_.entry<float>(store_.find("norm/running_mean"))[c], mean, 1e-5);
    const float variance = store_.entry<float>(store_.find("norm/running_variance"))[c];
    EXPECT_TRUE(variance > 0.3f && variance < 1.5f) << variance;
  }
  EXPECT_EQ(std::vector<float>(weight.begin(), weight.end()), before);
}

TEST_F(EvaluationTest, RecalibrationIsRepeatable) {
  const auto run = [&](std::uint64_t seed) {
    store_.initialize(RandomStream(3));
    recalibrate_batch_norm(graph_, operations_, store_, executor_, data_, all_indices(data_), 2, 16,
                           RandomStream(seed));
    return store_.serialize();
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST(PredictedClasses, FirstOfEquals) {
  const std::vector<double> logits = {0, 1, 1, 2, -1, 0};
  EXPECT_EQ(predicted_classes(logits, 2), (std::vector<int>{1, 0}));
  EXPECT_TRUE(predicted_classes({}, 0).empty());
}

TEST(ImageInput, ExactlyOne) {
  EXPECT_EQ(image_input(test::toy_network()), "image");
  GraphBuilder builder;
  builder.image("a", 1, 4, 4);
  builder.output("logits", builder.image("b", 1, 4, 4));
  EXPECT_THROW(image_input(builder.build()), Error);
}

}  // namespace
}  // namespace nasmyth
