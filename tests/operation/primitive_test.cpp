// Shapes, parameters and multiply-accumulates of primitives, and their errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"
#include "tests/operation/sample.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

TensorShape result(const NetworkGraph& graph) {
  return expand(graph, builtin_operations()).shapes.back();
}
std::string shape_text(const std::string& operation, int channels, int size,
                       const Attributes& attributes = {}) {
  return to_string(result(network(operation, channels, size, attributes)));
}
std::string failure(const std::string& operation, int channels, int size,
                    const Attributes& attributes = {}) {
  return error_text([&] { result(network(operation, channels, size, attributes)); });
}

std::vector<ParameterSpec> parameters(const std::string& operation, int channels, int size,
                                      const Attributes& attributes = {}) {
  const ExpandedGraph graph =
      expand(network(operation, channels, size, attributes), builtin_operations());
  const int last = graph.graph.size() - 1;
  return builtin_operations().primitive(operation)->parameters(
      graph.graph.node(last), input_shapes(graph, last), graph.shapes.back());
}

TEST(Conv2d, SizesFollowTheFormula) {
  for (int size : {7, 8, 15})
    for (int kernel : {1, 2, 3, 5})
      for (int stride : {1, 2, 3})
        for (int padding : {0, 1, 2})
          for (int dilation : {1, 2}) {
            const int rest = size + 2 * padding - dilation * (kernel - 1) - 1;
            if (rest < 0) continue;
            const std::string side = std::to_string(rest / stride + 1);
            EXPECT_EQ(shape_text("conv2d", 4, size,
                                 {{"kernel", kernel},
                                  {"stride", stride},
                                  {"padding", padding},
                                  {"dilation", dilation},
                                  {"channels", 6}}),
                      "[6, " + side + ", " + side + "]");
          }
}

TEST(Conv2d, PaddingKeepsTheSizeByDefault) {
  for (int kernel : {1, 3, 5, 7})
    for (int dilation : {1, 2})
      EXPECT_EQ(shape_text("conv2d", 4, 9, {{"kernel", kernel}, {"dilation", dilation}}),
                "[4, 9, 9]");
  EXPECT_EQ(
      shape_text("conv2d", 4, 9, {{"kernel_height", 1}, {"kernel_width", 7}, {"stride_width", 2}}),
      "[4, 9, 5]");
}

TEST(Conv2d, CountsGroupsAndBias) {
  const auto count = [](const Attributes& attributes) {
    return totals(network("conv2d", 8, 6, attributes));
  };
  EXPECT_EQ(count({{"kernel", 3}, {"channels", 12}}).params, 9 * 8 * 12);
  EXPECT_EQ(count({{"kernel", 3}, {"channels", 12}}).macs, 9 * 8 * 12 * 36);
  EXPECT_EQ(count({{"kernel", 3}, {"channels", 12}, {"groups", 4}}).params, 9 * 2 * 12);
  EXPECT_EQ(count({{"kernel", 3}, {"channels", 12}, {"groups", 4}}).macs, 9 * 2 * 12 * 36);
  EXPECT_EQ(count({{"kernel", 5}, {"groups", "depthwise"}}).params, 25 * 8);
  EXPECT_EQ(count({{"kernel", 5}, {"groups", "depthwise"}, {"stride", 2}}).macs, 25 * 8 * 9);
  EXPECT_EQ(count({{"channels", 12}, {"bias", 1}}).params, 8 * 12 + 12);
  EXPECT_EQ(count({{"channels", 12}, {"bias", 1}}).macs, 8 * 12 * 36);
}

TEST(Conv2d, StatesHowItsParametersAreKept) {
  const auto specs = parameters("conv2d", 8, 6, {{"kernel", 3}, {"channels", 4}, {"bias", 1}});
  ASSERT_EQ(specs.size(), 2u);
  EXPECT_EQ(specs[0].role, "weight");
  EXPECT_EQ(specs[0].shape, (std::vector<ChoiceFunction>{4, 8, 3, 3}));
  EXPECT_EQ(specs[0].slices, (std::vector<SliceKind>{SliceKind::kPrefix, SliceKind::kPrefix,
                                                     SliceKind::kCentre, SliceKind::kCentre}));
  EXPECT_EQ(specs[0].initializer, Initializer::kHeNormalFanOut);
  EXPECT_TRUE(specs[0].decay);
  EXPECT_EQ(specs[1].role, "bias");
  EXPECT_EQ(specs[1].initializer, Initializer::kZero);
  EXPECT_FALSE(specs[1].decay);
}

TEST(Conv2d, RefusesWhatDoesNotFit) {
  EXPECT_THAT(failure("conv2d", 8, 6, {{"groups", 3}}), HasSubstr("no multiple of"));
  EXPECT_THAT(failure("conv2d", 8, 6, {{"groups", "depthwise"}, {"channels", 4}}),
              HasSubstr("expected 8, got 4"));
  EXPECT_THAT(failure("conv2d", 8, 6, {{"groups", "deptwise"}}), HasSubstr("got 'deptwise'"));
  EXPECT_THAT(failure("conv2d", 8, 6, {{"stride", 0}}), HasSubstr("at least 1; got 0"));
  EXPECT_THAT(failure("conv2d", 8, 6, {{"kernel", 2.5}}), HasSubstr("whole number"));
  EXPECT_THAT(failure("conv2d", 8, 6, {{"padding", -1}}), HasSubstr("at least 0; got -1"));
  EXPECT_THAT(failure("conv2d", 8, 2, {{"kernel", 5}, {"padding", 0}}), HasSubstr("empty shape"));
  EXPECT_THAT(error_text([] {
                result(network({"conv2d", {TensorShape{{8}}}, {}}));
              }),
              HasSubstr("[node] conv2d takes an image"));
}

TEST(BatchNorm, KeepsBuffersBesideItsParameters) {
  const auto specs = parameters("batch_norm", 8, 6);
  ASSERT_EQ(specs.size(), 4u);
  for (const auto& spec : specs) {
    EXPECT_EQ(spec.shape, (std::vector<ChoiceFunction>{8}));
    EXPECT_FALSE(spec.decay);
    EXPECT_EQ(spec.trainable, !spec.role.starts_with("running"));
  }
  EXPECT_EQ(specs[0].initializer, Initializer::kOne);
  EXPECT_EQ(specs[1].initializer, Initializer::kZero);
  EXPECT_EQ(specs[3].role, "running_variance");
  EXPECT_EQ(specs[3].initializer, Initializer::kOne);
  EXPECT_EQ(parameters("batch_norm", 8, 6, {{"affine", 0}}).size(), 2u);
  EXPECT_EQ(totals(network({"batch_norm", {TensorShape{{8}}}, {}})).params, 16);
}

TEST(Linear, CountsBias) {
  EXPECT_EQ(totals(network("linear", 8, 1, {{"features", 5}})).params, 45);
  EXPECT_EQ(totals(network("linear", 8, 1, {{"features", 5}})).macs, 40);
  EXPECT_EQ(totals(network("linear", 8, 1, {{"features", 5}, {"bias", 0}})).params, 40);
  EXPECT_EQ(totals(network("linear", 8, 1)).conv_macs, 0);
  EXPECT_THAT(error_text([] {
                result(network({"linear", {TensorShape{{8, 4, 4}}}, {}}));
              }),
              HasSubstr("[node] linear takes a vector"));
}

TEST(Pool, SizesFollowTheFormula) {
  EXPECT_EQ(shape_text("max_pool", 4, 9, {{"stride", 2}}), "[4, 5, 5]");
  EXPECT_EQ(shape_text("max_pool", 4, 8, {{"stride", 2}}), "[4, 4, 4]");
  EXPECT_EQ(shape_text("avg_pool", 4, 8, {{"kernel", 5}, {"stride", 3}, {"padding", 0}}),
            "[4, 2, 2]");
  EXPECT_EQ(shape_text("avg_pool", 4, 8, {{"kernel", 2}, {"stride", 2}, {"padding", 0}}),
            "[4, 4, 4]");
  EXPECT_EQ(shape_text("global_pool", 4, 8), "[4]");
  EXPECT_THAT(failure("max_pool", 4, 8, {{"kernel", 3}, {"padding", 2}}),
              HasSubstr("exceeds half the kernel"));
}

TEST(Structure, Shapes) {
  EXPECT_EQ(shape_text("zero", 4, 9, {{"stride", 2}}), "[4, 5, 5]");
  EXPECT_EQ(shape_text("zero", 4, 8), "[4, 8, 8]");
  EXPECT_EQ(shape_text("concat", 4, 8), "[8, 8, 8]");
  EXPECT_EQ(shape_text("shift", 4, 8), "[4, 7, 7]");
  EXPECT_EQ(shape_text("slice", 12, 8, {{"begin", 4}}), "[8, 8, 8]");
  EXPECT_EQ(shape_text("shuffle", 12, 8, {{"groups", 4}}), "[12, 8, 8]");
  EXPECT_EQ(
      to_string(result(network({"multiply", {TensorShape{{4, 8, 8}}, TensorShape{{4}}}, {}}))),
      "[4, 8, 8]");
}

TEST(Structure, RefusesWhatDoesNotFit) {
  EXPECT_THAT(failure("slice", 12, 8, {{"begin", 5}}), HasSubstr("not all within [12]"));
  EXPECT_THAT(failure("shuffle", 12, 8, {{"groups", 5}}), HasSubstr("no multiple of [5]"));
  EXPECT_THAT(failure("shift", 4, 1), HasSubstr("empty shape"));
  EXPECT_THAT(failure("dropout", 4, 4, {{"rate", 1}}), HasSubstr("below 1"));
  EXPECT_THAT(failure("attention", 6, 4, {{"heads", 4}}), HasSubstr("no multiple of [4]"));
  const TensorShape a{{4, 8, 8}}, b{{4, 7, 7}};
  for (const char* operation : {"sum", "concat", "multiply", "select"})
    EXPECT_THAT(error_text([&] {
                  result(network({operation, {a, b}, {}}));
                }),
                HasSubstr("size 1 of an input differs; expected 8, got 7"))
        << operation;
  EXPECT_THAT(error_text([&] {
                result(network({"multiply", {a, TensorShape{{5}}}, {}}));
              }),
              HasSubstr("number of channels differs"));
}

TEST(Structure, InputTypes) {
  const auto input = [](Attributes attributes) {
    return to_string(result(network({"input", {}, std::move(attributes)})));
  };
  EXPECT_EQ(input({{"channels", 3}, {"height", 4}, {"width", 5}}), "[3, 4, 5]");
  EXPECT_EQ(input({{"type", "vector"}, {"features", 7}}), "[7]");
  EXPECT_EQ(input({{"type", "tokens"}, {"length", 9}}), "[9]");
  EXPECT_EQ(input({{"type", "sequence"}, {"length", 9}, {"features", 7}}), "[9, 7]");
  EXPECT_EQ(input({{"type", "scalar"}}), "[1]");
  EXPECT_THAT(error_text([&] { input({{"type", "imgae"}}); }), HasSubstr("did you mean 'image'"));
}

TEST(Attention, CountsBothProducts) {
  EXPECT_EQ(totals(network("attention", 6, 4, {{"heads", 2}})).macs, 2 * 6 * 16 * 16);
  EXPECT_EQ(totals(network("attention", 6, 4)).conv_macs, 0);
}

TEST(Operations, AreFoundByNameWithASuggestion) {
  EXPECT_THAT(error_text([] { builtin_operations().get("conv3d", "node"); }),
              HasSubstr("did you mean 'conv2d'"));
  EXPECT_EQ(builtin_operations().primitive("mbconv"), nullptr);
  EXPECT_NE(builtin_operations().primitive("conv2d"), nullptr);
  EXPECT_EQ(&builtin_operations(), &builtin_operations());
}

}  // namespace
}  // namespace nasmyth::test
