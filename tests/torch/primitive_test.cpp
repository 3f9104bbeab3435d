#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "nasmyth/torch/primitive_table.h"
#include "tests/torch/network_runner.h"

namespace nasmyth::test {
namespace {

constexpr int kClasses = 3;

void head(GraphBuilder& b, int x, bool image) {
  if (image) x = b.add("global_pool", "pool", {x});
  b.output("logits", b.add("linear", "head", {x}, {{"features", kClasses}}));
}

// One primitive behind a convolution, so that its gradient shows in a parameter.
NetworkGraph after_convolution(const std::string& operation, Attributes attributes, int size = 6,
                               int channels = 4) {
  GraphBuilder b;
  const int image = b.image("image", 2, size, size);
  const int x =
      b.add("conv2d", "first", {image}, {{"channels", channels}, {"kernel", 3}, {"bias", 1}});
  head(b, b.add(operation, "tested", {x}, std::move(attributes)), true);
  return b.build();
}

void expect_gradients_of(const NetworkGraph& graph, int size = 6) {
  NetworkRunner runner(graph);
  expect_gradients(runner, random_batch({3, 2, size, size}, kClasses, 5), {});
}

TEST(Primitives, EachHasARow) {
  std::set<std::string> missing;
  const auto& operations = builtin_operations();
  for (const auto& name : operations.names())
    if (operations.primitive(name) && name != "select" && !find_primitive_row(name))
      missing.insert(name);
  EXPECT_TRUE(missing.empty()) << "nasmyth/torch/primitive_table.cpp lacks " << *missing.begin()
                               << " and " << missing.size() - 1 << " more";
}

TEST(Primitives, Pointwise) {
  for (const char* name : {"relu", "h_swish", "swish", "gelu", "sigmoid", "h_sigmoid", "tanh",
                           "softplus", "identity", "mask", "drop_path", "dropout", "sum"}) {
    SCOPED_TRACE(name);
    expect_gradients_of(after_convolution(name, {}));
  }
}

TEST(Primitives, Convolutions) {
  const std::vector<Attributes> variants{
      {{"channels", 5}, {"kernel", 3}},
      {{"channels", 5}, {"kernel", 3}, {"stride", 2}, {"bias", 1}},
      {{"channels", 6}, {"kernel", 3}, {"groups", 2}},
      {{"kernel", 5}, {"groups", std::string("depthwise")}},
      {{"kernel", 3}, {"groups", std::string("depthwise")}, {"dilation", 2}, {"stride", 2}},
      {{"kernel_height", 1}, {"kernel_width", 5}, {"stride_width", 2}},
      {{"kernel", 2}, {"padding", 0}},
      {{"kernel", 3}, {"padding_height", 2}, {"padding_width", 0}}};
  for (const auto& attributes : variants)
    for (int size : {6, 7})
      expect_gradients_of(after_convolution("conv2d", attributes, size), size);
}

TEST(Primitives, BatchNorm) {
  expect_gradients_of(after_convolution("batch_norm", {}));
  expect_gradients_of(after_convolution("batch_norm", {{"affine", 0}, {"epsilon", 0.01}}));
}

TEST(Primitives, BatchNormOfVectors) {
  GraphBuilder b;
  const int x = b.add("global_pool", "pool", {b.image("image", 2, 4, 4)});
  const int y = b.add("linear", "first", {x}, {{"features", 5}});
  head(b, b.add("batch_norm", "tested", {y}), false);
  NetworkRunner runner(b.build());
  expect_gradients(runner, random_batch({5, 2, 4, 4}, kClasses, 5), {});
}

TEST(Primitives, Pools) {
  for (const char* name : {"max_pool", "avg_pool"})
    for (int stride : {1, 2})
      for (int size : {6, 7}) {
        SCOPED_TRACE(name);
        expect_gradients_of(after_convolution(name, {{"stride", stride}}, size), size);
      }
  expect_gradients_of(after_convolution("avg_pool", {{"kernel", 2}, {"padding", 0}}));
}

TEST(Primitives, Structure) {
  expect_gradients_of(after_convolution("slice", {{"begin", 1}, {"channels", 2}}));
  expect_gradients_of(after_convolution("shift", {}));
  expect_gradients_of(after_convolution("shuffle", {{"groups", 2}}));
  expect_gradients_of(after_convolution("zero", {{"stride", 2}}));
  expect_gradients_of(after_convolution("gaussian_noise", {{"stride", 2}}));
}

TEST(Primitives, SeveralInputs) {
  for (const char* name : {"sum", "multiply", "concat", "attention"}) {
    SCOPED_TRACE(name);
    GraphBuilder b;
    const int image = b.image("image", 2, 4, 4);
    std::vector<int> parts;
    const std::string operation = name;
    for (int i = 0; i < (operation == "multiply" ? 2 : 3); ++i)
      parts.push_back(
          b.add("conv2d", "part" + std::to_string(i), {image}, {{"channels", 4}, {"kernel", 3}}));
    const Attributes attributes =
        operation == "attention" ? Attributes{{"heads", 2}} : Attributes{};
    head(b, b.add(operation, "tested", parts, attributes), true);
    NetworkRunner runner(b.build());
    expect_gradients(runner, random_batch({3, 2, 4, 4}, kClasses, 5), {});
  }
}

// Many positions take another kernel in float32.
TEST(Primitives, AttentionOverManyPositions) {
  GraphBuilder b;
  head(b, b.add("self_attention", "tested", {b.image("image", 4, 12, 12)}), true);
  const OwnedBatch batch = random_batch({3, 4, 12, 12}, kClasses, 5);
  NetworkRunner exact(b.build()), fast(b.build(), ElementType::kFloat32);
  StepSpec spec = double_spec(Gradients::kParameters);
  const auto a = exact.run(spec, batch);
  spec.type = ElementType::kFloat32;
  const auto c = fast.run(spec, batch);
  EXPECT_NEAR(a.loss, c.loss, 1e-5);
  for (std::size_t i = 0; i < a.parameter_gradients.size(); ++i)
    EXPECT_NEAR(a.parameter_gradients[i], c.parameter_gradients[i], 1e-5) << i;
}

TEST(Primitives, MultiplyByAVector) {
  GraphBuilder b;
  const int x = b.add("conv2d", "first", {b.image("image", 2, 4, 4)}, {{"channels", 4}});
  head(b, b.add("squeeze_excitation", "tested", {x}), true);
  NetworkRunner runner(b.build());
  expect_gradients(runner, random_batch({3, 2, 4, 4}, kClasses, 5), {});
}

// Values by hand where an error could hide behind a right gradient.
TEST(Primitives, ShuffleAndShiftMoveValues) {
  GraphBuilder b;
  const int image = b.image("image", 6, 2, 2);
  b.output("shuffled", b.add("shuffle", "shuffle", {image}, {{"groups", 2}}));
  b.output("shifted", b.add("shift", "shift", {image}));
  b.output("zeros", b.add("zero", "zero", {image}, {{"stride", 2}}));
  for (ElementType type : {ElementType::kFloat32, ElementType::kFloat64}) {
    NetworkRunner runner(b.build(), type);
    OwnedBatch batch = random_batch({1, 6, 2, 2}, 2, 1);
    for (std::size_t i = 0; i < 24; ++i) batch.pixels[i] = static_cast<float>(i);
    StepSpec spec;
    spec.loss = false;
    spec.type = type;
    const auto outputs = runner.run(spec, batch).outputs;
    const int groups = 2, rows = 3;  // out[o] = in[(o mod G) C/G + o / G]
    for (int o = 0; o < 6; ++o)
      for (int p = 0; p < 4; ++p)
        EXPECT_EQ(outputs.at("shuffled")[static_cast<std::size_t>(4 * o + p)],
                  4 * ((o % groups) * rows + o / groups) + p);
    EXPECT_EQ(outputs.at("shifted"), (std::vector<double>{3, 7, 11, 15, 19, 23}));
    EXPECT_EQ(outputs.at("zeros"), std::vector<double>(6, 0));
  }
}

TEST(Primitives, AverageLeavesPaddingOut) {
  GraphBuilder b;
  const int image = b.image("image", 1, 3, 3);
  b.output("mean", b.add("avg_pool", "pool", {image}));
  NetworkRunner runner(b.build());
  OwnedBatch batch = random_batch({1, 1, 3, 3}, 2, 1);
  batch.pixels.assign(9, 1.0f);
  StepSpec spec = double_spec();
  spec.loss = false;
  EXPECT_EQ(runner.run(spec, batch).outputs.at("mean"), std::vector<double>(9, 1.0));
}

// The two layouts and types agree on a network with every sort of layer.
TEST(Primitives, Float32AgreesWithFloat64) {
  GraphBuilder b;
  int x = b.add("conv_bn", "stem", {b.image("image", 1, 12, 12)},
                {{"kernel", 3}, {"channels", 8}, {"activation", std::string("relu")}});
  x = b.add("mbconv", "a", {x}, {{"hidden", 12}, {"kernel", 5}, {"squeeze_excitation", 1}});
  x = b.add("self_attention", "b", {x});
  x = b.add("inception", "c", {x}, {{"channels", 16}, {"stride", 2}});
  x = b.add("shuffle", "shuffle", {x}, {{"groups", 4}});
  x = b.add("factorized_reduce", "reduce", {x}, {{"channels", 8}});
  head(b, x, true);
  const OwnedBatch batch = random_batch({4, 1, 12, 12}, kClasses, 9);
  NetworkRunner exact(b.build()), fast(b.build(), ElementType::kFloat32);
  StepSpec spec = double_spec(Gradients::kParameters);
  const StepResult a = exact.run(spec, batch);
  spec.type = ElementType::kFloat32;
  const StepResult c = fast.run(spec, batch);
  EXPECT_NEAR(a.loss, c.loss, 1e-5);
  EXPECT_NEAR(a.gradient_norm, c.gradient_norm, 1e-4 * a.gradient_norm);
  for (std::size_t i = 0; i < a.parameter_gradients.size(); ++i)
    EXPECT_NEAR(a.parameter_gradients[i], c.parameter_gradients[i], 1e-4 * a.gradient_norm) << i;
}

}  // namespace
}  // namespace nasmyth::test
