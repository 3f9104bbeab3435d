// Parameters and structure of composites against closed formulas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"
#include "tests/operation/sample.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

ExpandedGraph expanded(const std::string& operation, int channels, int size,
                       const Attributes& attributes = {}) {
  return expand(network(operation, channels, size, attributes), builtin_operations());
}
double params(const std::string& operation, int channels, const Attributes& attributes = {},
              int size = 8) {
  return totals(network(operation, channels, size, attributes)).params;
}
std::string failure(const std::string& operation, int channels, int size,
                    const Attributes& attributes = {}) {
  return error_text([&] { expanded(operation, channels, size, attributes); });
}
std::vector<std::string> operations_of(const ExpandedGraph& graph) {
  std::vector<std::string> names;
  for (const auto& node : graph.graph.nodes())
    if (node.operation != "input") names.push_back(node.operation);
  return names;
}

// The table of the published candidates (arXiv 1806.09055 and its reference code); C channels.
TEST(DartsCandidates, ParametersFollowTheTable) {
  for (int c : {4, 16, 36, 48}) {
    for (const char* free : {"none", "max_pool_3x3", "avg_pool_3x3", "skip_connect"})
      EXPECT_EQ(params(free, c), 0) << free;
    EXPECT_EQ(params("skip_connect", c, {{"stride", 2}}), c * c + 2 * c);
    for (int stride : {1, 2}) {
      for (int k : {3, 5, 7}) {
        const std::string name = "sep_conv_" + std::to_string(k) + "x" + std::to_string(k);
        EXPECT_EQ(params(name, c, {{"stride", stride}}), 2 * (k * k * c + c * c) + 4 * c) << name;
        EXPECT_EQ(params(name, c, {{"stride", stride}, {"affine", 0}}), 2 * (k * k * c + c * c));
      }
      for (int k : {3, 5}) {
        const std::string name = "dil_conv_" + std::to_string(k) + "x" + std::to_string(k);
        EXPECT_EQ(params(name, c, {{"stride", stride}}), k * k * c + c * c + 2 * c) << name;
      }
      EXPECT_EQ(params("conv_7x1_1x7", c, {{"stride", stride}}), 14 * c * c + 2 * c);
    }
    EXPECT_EQ(params("relu_conv_bn", c, {{"kernel", 3}, {"channels", 24}}), 9 * c * 24 + 48);
    EXPECT_EQ(params("factorized_reduce", c, {{"channels", 24}}), c * 24 + 48);
    EXPECT_EQ(params("nor_conv_1x1", c), c * c + 2 * c);
    EXPECT_EQ(params("nor_conv_3x3", c), 9 * c * c + 2 * c);
  }
}

TEST(DartsCandidates, AllGiveOneShape) {
  for (int stride : {1, 2})
    for (const char* name :
         {"none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5",
          "sep_conv_7x7", "dil_conv_3x3", "dil_conv_5x5", "conv_7x1_1x7"}) {
      const Attributes attributes{{"stride", stride}, {"affine", 0}, {"normalise", 1}};
      const std::string side = std::to_string(8 / stride);
      EXPECT_EQ(to_string(expanded(name, 6, 8, attributes).shapes.back()),
                "[6, " + side + ", " + side + "]")
          << name;
    }
}

TEST(DartsCandidates, MacsCountTheStridedSize) {
  const auto macs = [](const char* name, int stride) {
    return totals(network(name, 6, 8, {{"stride", stride}})).macs;
  };
  EXPECT_EQ(macs("sep_conv_5x5", 1), 2 * (25 * 6 + 36) * 64);
  EXPECT_EQ(macs("sep_conv_5x5", 2), 2 * (25 * 6 + 36) * 16);
  EXPECT_EQ(macs("dil_conv_3x3", 2), (9 * 6 + 36) * 16);
  EXPECT_EQ(macs("conv_7x1_1x7", 2), 7 * 36 * 32 + 7 * 36 * 16);
  EXPECT_EQ(macs("skip_connect", 2), 36 * 16);
}

TEST(DartsCandidates, OrderOfTheParts) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(
      operations_of(expanded("sep_conv_3x3", 4, 8)),
      (Names{"relu", "conv2d", "conv2d", "batch_norm", "relu", "conv2d", "conv2d", "batch_norm"}));
  EXPECT_EQ(operations_of(expanded("dil_conv_3x3", 4, 8)),
            (Names{"relu", "conv2d", "conv2d", "batch_norm"}));
  EXPECT_EQ(operations_of(expanded("nor_conv_3x3", 4, 8)), (Names{"relu", "conv2d", "batch_norm"}));
  EXPECT_EQ(operations_of(expanded("max_pool_3x3", 4, 8)), (Names{"max_pool"}));
  EXPECT_EQ(operations_of(expanded("avg_pool_3x3", 4, 8, {{"normalise", 1}})),
            (Names{"avg_pool", "batch_norm"}));
  EXPECT_EQ(operations_of(expanded("skip_connect", 4, 8)), (Names{"identity"}));
  EXPECT_EQ(operations_of(expanded("skip_connect", 4, 8, {{"stride", 2}})),
            (Names{"relu", "conv2d", "shift", "conv2d", "concat", "batch_norm"}));
}

TEST(FactorizedReduce, RefusesOddSizesAndWidths) {
  EXPECT_THAT(failure("factorized_reduce", 4, 7), HasSubstr("even heights and widths only; got "
                                                            "[4, 7, 7]"));
  EXPECT_THAT(failure("factorized_reduce", 4, 1), HasSubstr("even heights and widths"));
  EXPECT_THAT(failure("factorized_reduce", 5, 8), HasSubstr("no multiple of [2]"));
  EXPECT_THAT(failure("skip_connect", 4, 7, {{"stride", 2}}), HasSubstr("[node/reduce]"));
}

TEST(MBConv, ParametersFollowTheFormula) {
  const int c = 8, h = 24, o = 12, k = 5;
  const Attributes base{{"channels", o}, {"hidden", h}, {"kernel", k}};
  const double plain = c * h + 2 * h + k * k * h + 2 * h + h * o + 2 * o;
  EXPECT_EQ(params("mbconv", c, base), plain);
  Attributes gated = base;
  gated["squeeze_excitation"] = 1;
  const int r = 8;  // a quarter of 24 in multiples of 4
  EXPECT_EQ(params("mbconv", c, gated), plain + h * r + r + r * h + h);
  EXPECT_EQ(params("mbconv", c, {{"channels", o}, {"kernel", k}}),
            k * k * c + 2 * c + c * o + 2 * o);
}

TEST(MBConv, AddsItsInputWhereAsked) {
  const Attributes same{{"hidden", 24}, {"residual", 1}};
  EXPECT_EQ(count_nodes(expanded("mbconv", 8, 8, same).graph, "sum"), 1);
  EXPECT_EQ(count_nodes(expanded("mbconv", 8, 8, {{"hidden", 24}}).graph, "sum"), 0);
  for (const char* change : {"channels", "stride"}) {
    Attributes other = same;
    other[change] = 2;
    EXPECT_THAT(failure("mbconv", 8, 8, other), HasSubstr("needs stride 1 and equal widths"))
        << change;
  }
}

TEST(SqueezeExcitation, ReducedWidthIsAMultipleOfFour) {
  const auto reduced = [](int width) {
    const ExpandedGraph graph = expanded("squeeze_excitation", width, 4);
    for (int i = 0; i < graph.graph.size(); ++i)
      if (graph.graph.node(i).scope == "node/reduce")
        return graph.shapes[static_cast<std::size_t>(i)][0].constant();
    return -1.0;
  };
  EXPECT_EQ(reduced(4), 4);
  EXPECT_EQ(reduced(16), 4);
  EXPECT_EQ(reduced(23), 4);
  EXPECT_EQ(reduced(24), 8);
  EXPECT_EQ(reduced(64), 16);
  EXPECT_EQ(reduced(72), 20);
}

TEST(Blocks, ParametersFollowTheFormulas) {
  const int c = 16;
  EXPECT_EQ(params("depthwise_separable", c, {{"channels", 24}, {"kernel", 5}}),
            25 * c + 2 * c + 24 * c + 48);
  EXPECT_EQ(params("bottleneck", c, {{"channels", 24}, {"hidden", 8}}),
            8 * c + 16 + 9 * 64 + 16 + 8 * 24 + 48);
  EXPECT_EQ(params("residual", c), 2 * (9 * c * c + 2 * c));
  EXPECT_EQ(params("residual", c, {{"channels", 24}, {"stride", 2}}),
            9 * c * 24 + 48 + 9 * 24 * 24 + 48 + c * 24 + 48);
  // 4 | 3 -> 8 of 6 | 1 -> 2 | 2 of 16 channels, as quarter, half and eighths
  EXPECT_EQ(params("inception", c), (c * 4 + 8) + (c * 6 + 12) + (9 * 6 * 8 + 16) + (c * 1 + 2) +
                                        (25 * 1 * 2 + 4) + (c * 2 + 4));
  EXPECT_EQ(params("self_attention", c), 4 * c * 16 + 2 * c);
  EXPECT_EQ(params("self_attention", c, {{"heads", 4}, {"head_channels", 2}}), 4 * c * 8 + 2 * c);
}

TEST(Blocks, MacsFollowTheFormulas) {
  EXPECT_EQ(totals(network("self_attention", 16, 4)).macs, 4 * 16 * 16 * 16 + 2 * 16 * 16 * 16);
  EXPECT_EQ(totals(network("residual", 8, 8, {{"stride", 2}})).macs, (9 * 64 + 9 * 64 + 64) * 16);
}

TEST(Blocks, ResidualProjectsWhereTheShapeChanges) {
  const auto projects = [](const Attributes& attributes) {
    return count_nodes(expanded("residual", 8, 8, attributes).graph, "conv2d") == 3;
  };
  EXPECT_FALSE(projects({}));
  EXPECT_TRUE(projects({{"stride", 2}}));
  EXPECT_TRUE(projects({{"channels", 12}}));
  EXPECT_TRUE(projects({{"projection", 1}}));
  EXPECT_THAT(failure("residual", 8, 8, {{"channels", 12}, {"projection", 0}}),
              HasSubstr("[node/sum] sum: size 0 of an input differs"));
}

TEST(Blocks, ResidualOfUndecidedWidthAsksForAStatement) {
  GraphBuilder b;
  const int image = b.image("image", 16, 8, 8);
  b.output("y", b.add("residual", "node", {image}, {{"channels", b.value("width", {8, 16})}}));
  EXPECT_THAT(error_text([&] { expand(b.build(), builtin_operations()); }),
              HasSubstr("set projection=1"));
}

TEST(Blocks, RefuseWhatDoesNotFit) {
  EXPECT_THAT(failure("inception", 4, 8), HasSubstr("at least 8; got 4"));
  EXPECT_THAT(failure("conv_bn", 4, 8, {{"activation", "rellu"}}),
              HasSubstr("did you mean 'relu'"));
  EXPECT_THAT(error_text([] {
                expand(network({"mbconv", {TensorShape{{8}}}, {}}), builtin_operations());
              }),
              HasSubstr("[node] mbconv takes an image"));
}

TEST(Blocks, OpenWidthsAreMasked) {
  GraphBuilder b;
  const ChoiceFunction width = b.value("width", {8, 16}), hidden = b.value("hidden", {16, 32});
  int x = b.image("image", 3, 8, 8);
  x = b.add("conv_bn", "stem", {x}, {{"channels", 8}});
  x = b.add("mbconv", "node", {x},
            {{"channels", width}, {"hidden", hidden}, {"squeeze_excitation", 1}});
  b.output("y", x);
  std::vector<std::string> masks;
  const ExpandedGraph open = expand(b.build(), builtin_operations());
  for (const auto& node : open.graph.nodes())
    if (node.operation == "mask") masks.push_back(node.scope);
  EXPECT_EQ(masks, (std::vector<std::string>{"node/expand/mask", "node/depthwise/mask",
                                             "node/squeeze_excitation/mask", "node/project/mask"}));
}

}  // namespace
}  // namespace nasmyth::test
