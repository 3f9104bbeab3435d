// What a network becomes: names, shapes, metadata, folding, and what is refused.
#include "nasmyth/onnx/from_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "nasmyth/core/json.h"
#include "nasmyth/core/version.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/onnx/model_samples.h"
#include "tests/support/network_totals.h"
#include "tests/support/reference_interpreter.h"

namespace nasmyth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ParameterStore parameters_of(const NetworkGraph& graph) {
  return random_parameters(graph, builtin_operations(), RandomStream(5));
}

OnnxModel to_onnx(const NetworkGraph& graph, const OnnxOptions& options = {},
                  const OnnxDescription& description = {}) {
  return onnx_from_graph(graph, parameters_of(graph), builtin_operations(), description, options);
}

std::string refusal(const NetworkGraph& graph, const OnnxDescription& description = {}) {
  return error_text([&] { to_onnx(graph, {}, description); });
}

int count(const OnnxModel& model, std::string_view operation) {
  return static_cast<int>(
      std::count_if(model.nodes.begin(), model.nodes.end(),
                    [&](const OnnxNode& node) { return node.operation == operation; }));
}

std::vector<std::string> operations_of(const OnnxModel& model) {
  std::vector<std::string> operations;
  for (const auto& node : model.nodes) operations.push_back(node.operation);
  return operations;
}

// image -> conv -> batch norm -> pool -> linear "head" -> logits, with an auxiliary head.
GraphBuilder small_network() {
  GraphBuilder b;
  const int image = b.image("image", 3, 8, 8);
  const int conv = b.add("conv2d", "stem/conv", {image}, {{"channels", 4}, {"kernel", 3}});
  const int norm = b.add("batch_norm", "stem/norm", {conv});
  const int pool = b.add("global_pool", "pool", {norm});
  b.output("logits", b.add("linear", "head", {pool}, {{"features", 2}}));
  b.output("auxiliary", b.add("linear", "auxiliary", {pool}, {{"features", 2}}), true);
  return b;
}

TEST(OnnxFromGraphTest, DescribesItself) {
  const OnnxModel model = to_onnx(small_network().build(), {}, {{}, {"cat", "dog"}, "a=1"});
  EXPECT_EQ(model.opsets, (std::map<std::string, std::int64_t>{{"", 17}}));
  EXPECT_EQ(model.ir_version, 8);
  EXPECT_EQ(model.producer, "nasmyth");
  EXPECT_EQ(model.producer_version, version());
  const std::vector<OnnxDimension> image{{-1, "batch"}, {3, ""}, {8, ""}, {8, ""}};
  const std::vector<OnnxDimension> logits{{-1, "batch"}, {2, ""}};
  ASSERT_EQ(model.inputs.size(), 1u);
  EXPECT_EQ(model.inputs[0], (OnnxValueInfo{"image", OnnxType::kFloat, image}));
  ASSERT_EQ(model.outputs.size(), 1u);
  EXPECT_EQ(model.outputs[0], (OnnxValueInfo{"logits", OnnxType::kFloat, logits}));
  EXPECT_EQ(name_fault(model), "");
}

TEST(OnnxFromGraphTest, MetadataTellsPreprocessingClassesAndArchitecture) {
  const OnnxDescription description{
      {1.0 / 255, {0.25, 0.5, 0.75}, {0.1, 0.2, 0.4}}, {"cat", "d\"og"}, "width=8;depth=2"};
  OnnxModel model = to_onnx(small_network().build(), {}, description);
  EXPECT_EQ(model.metadata.size(), 4u);
  EXPECT_EQ(model.metadata.at("nasmyth.version"), version());
  EXPECT_EQ(model.metadata.at("nasmyth.architecture"), "width=8;depth=2");
  EXPECT_EQ(Json::parse(model.metadata.at("nasmyth.classes")), (Json{"cat", "d\"og"}));
  const Json expected{{"scale", 1.0 / 255},
                      {"mean", {0.25, 0.5, 0.75}},
                      {"deviation", {0.1, 0.2, 0.4}},
                      {"in_model", true}};
  EXPECT_EQ(Json::parse(model.metadata.at("nasmyth.preprocessing")), expected);
  model = to_onnx(small_network().build(), {false, true}, description);
  EXPECT_EQ(Json::parse(model.metadata.at("nasmyth.preprocessing")).at("in_model"), false);
}

TEST(OnnxFromGraphTest, PreprocessingComesFirst) {
  const OnnxDescription description{{0.5, {1, 2, 3}, {2, 4, 8}}, {}, {}};
  const OnnxModel model = to_onnx(small_network().build(), {}, description);
  EXPECT_THAT(operations_of(model),
              ElementsAre("Mul", "Add", "Conv", "GlobalAveragePool", "Flatten", "Gemm"));
  EXPECT_THAT(model.nodes[0].inputs, ElementsAre("image", "image/preprocessing/scale"));
  const OnnxTensor& scale = *model.find_initializer("image/preprocessing/scale");
  EXPECT_THAT(scale.dims, ElementsAre(1, 3, 1, 1));
  EXPECT_THAT(scale.floats(), ElementsAre(0.25f, 0.125f, 0.0625f));
  EXPECT_THAT(model.find_initializer("image/preprocessing/shift")->floats(),
              ElementsAre(-0.5f, -0.5f, -0.375f));
  EXPECT_EQ(count(to_onnx(small_network().build(), {false, true}, description), "Mul"), 0);
}

// A vector is no image: nothing is applied to it, and the metadata says so.
TEST(OnnxFromGraphTest, VectorsAreNotPreprocessed) {
  GraphBuilder b;
  const int x = b.add("input", "x", {}, {{"type", std::string("vector")}, {"features", 5}});
  b.output("y", b.add("relu", "relu", {x}));
  const OnnxModel model = to_onnx(b.build());
  EXPECT_THAT(operations_of(model), ElementsAre("Relu"));
  EXPECT_EQ(Json::parse(model.metadata.at("nasmyth.preprocessing")).at("in_model"), false);
}

TEST(OnnxFromGraphTest, NodesAndParametersKeepTheirNames) {
  const NetworkGraph graph = small_network().build();
  const ParameterStore store = parameters_of(graph);
  const OnnxModel model = onnx_from_graph(graph, store, builtin_operations(), {}, {false, false});
  EXPECT_THAT(operations_of(model),
              ElementsAre("Conv", "BatchNormalization", "GlobalAveragePool", "Flatten", "Gemm"));
  std::vector<std::string> names;
  for (const auto& node : model.nodes) names.push_back(node.name);
  EXPECT_THAT(names, ElementsAre("stem/conv", "stem/norm", "pool/mean", "pool", "head"));
  EXPECT_EQ(model.initializers.size(), 1u + 4 + 2);
  for (const auto& tensor : model.initializers) {
    const int entry = store.find(tensor.name);
    ASSERT_GE(entry, 0) << tensor.name;
    const auto values = store.entry<float>(entry);
    EXPECT_EQ(tensor.floats(), std::vector<float>(values.begin(), values.end())) << tensor.name;
    EXPECT_EQ(tensor.dims, store.entries()[static_cast<std::size_t>(entry)].shape);
  }
}

TEST(OnnxFromGraphTest, SharedParametersAreWrittenOnce) {
  GraphBuilder b;
  int x = b.image("image", 4, 8, 8);
  for (const char* name : {"first", "second"}) {
    Node conv{"conv2d", name, {{"kernel", 3}}, {x}, -1, {{"", "shared"}}, {}, {}};
    x = b.add(conv);
  }
  b.output("y", x);
  const OnnxModel model = to_onnx(b.build(), {false, true});
  ASSERT_EQ(model.initializers.size(), 1u);
  EXPECT_EQ(model.initializers[0].name, "shared/weight");
  EXPECT_EQ(model.nodes[1].inputs[1], "shared/weight");
}

TEST(OnnxFromGraphTest, OutputsMayShareNodesAndBeInputs) {
  GraphBuilder b;
  const int x = b.image("image", 2, 4, 4);
  const int y = b.add("relu", "a", {x});
  b.output("a", y);
  b.output("again", y);
  b.output("same", b.add("identity", "nothing", {x}));
  const OnnxModel model = to_onnx(b.build(), {false, true});
  EXPECT_EQ(name_fault(model), "");
  ASSERT_EQ(model.outputs.size(), 3u);
  EXPECT_EQ(count(model, "Identity"), 2);
}

// ---- folding ----

struct Folding {
  OnnxModel model;
  int norms() const { return count(model, "BatchNormalization"); }
};

Folding fold(const std::function<int(GraphBuilder&, int)>& body) {
  GraphBuilder b;
  b.output("y", body(b, b.image("image", 4, 8, 8)));
  return {to_onnx(b.build(), {false, true})};
}

TEST(OnnxFoldingTest, NormBecomesPartOfTheLayerBeforeIt) {
  const Folding f = fold([](GraphBuilder& b, int x) {
    x = b.add("batch_norm", "norm1", {b.add("conv2d", "conv", {x}, {{"bias", 1}})});
    x = b.add("global_pool", "pool", {b.add("relu", "relu", {x})});
    return b.add("batch_norm", "norm2", {b.add("linear", "linear", {x})});
  });
  EXPECT_EQ(f.norms(), 0);
  EXPECT_NE(f.model.find_initializer("conv/bias"), nullptr);
}

TEST(OnnxFoldingTest, WhatIsNothingInEvaluationDoesNotStandBetween) {
  const Folding f = fold([](GraphBuilder& b, int x) {
    x = b.add("drop_path", "drop", {b.add("conv2d", "conv", {x})});
    return b.add("batch_norm", "norm", {b.add("identity", "same", {x})});
  });
  EXPECT_THAT(operations_of(f.model), ElementsAre("Conv"));
}

TEST(OnnxFoldingTest, LayerWithAnotherReaderKeepsItsNorm) {
  EXPECT_EQ(fold([](GraphBuilder& b, int x) {
              const int conv = b.add("conv2d", "conv", {x});
              return b.add("sum", "sum", {conv, b.add("batch_norm", "norm", {conv})});
            }).norms(),
            1);
  GraphBuilder b;
  const int conv = b.add("conv2d", "conv", {b.image("image", 4, 8, 8)});
  b.output("before", conv);
  b.output("after", b.add("batch_norm", "norm", {conv}));
  EXPECT_EQ(count(to_onnx(b.build()), "BatchNormalization"), 1);
}

TEST(OnnxFoldingTest, NormWithoutLayerStays) {
  EXPECT_EQ(fold([](GraphBuilder& b, int x) {
              return b.add("batch_norm", "norm", {b.add("avg_pool", "pool", {x})});
            }).norms(),
            1);
  EXPECT_EQ(fold([](GraphBuilder& b, int x) {
              x = b.add("batch_norm", "norm1", {b.add("conv2d", "conv", {x})});
              return b.add("batch_norm", "norm2", {x});
            }).norms(),
            1);
}

// Two layers that share a weight but not the normalisation need a weight each.
TEST(OnnxFoldingTest, SharedWeightsAreFoldedApart) {
  GraphBuilder b;
  int x = b.image("image", 4, 8, 8);
  for (const char* name : {"a", "b"}) {
    Node conv{"conv2d", name, {{"kernel", 3}}, {x}, -1, {{"weight", "shared"}}, {}, {}};
    x = b.add("batch_norm", std::string(name) + "/norm", {b.add(conv)});
  }
  b.output("y", x);
  const OnnxModel model = to_onnx(b.build(), {false, true});
  EXPECT_EQ(name_fault(model), "");
  EXPECT_EQ(model.initializers.size(), 4u);
  EXPECT_NE(model.nodes[0].inputs[1], model.nodes[1].inputs[1]);
}

// ---- refusals ----

TEST(OnnxRefusalTest, OpenNetwork) {
  const auto space = make_space("nasbench201");
  const NetworkGraph graph = *space->graph({});
  try {
    to_onnx(graph);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInvalidArgument);
    EXPECT_THAT(e.what(), HasSubstr("choices are open; bind"));
  }
}

class Mystery : public Primitive {
 public:
  std::string help() const override { return "no exporter knows it"; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
  TensorShape shape(const Node&, std::span<const TensorShape> inputs) const override {
    return inputs[0];
  }
};

TEST(OnnxRefusalTest, OperationWithoutForm) {
  OperationSet operations = builtin_operations();
  operations.add("mystery", std::make_unique<Mystery>());
  GraphBuilder b;
  b.output("y", b.add("mystery", "cell/mystery", {b.image("image", 1, 2, 2)}));
  const NetworkGraph graph = b.build();
  try {
    onnx_from_graph(graph, ParameterStore(), operations);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUnsupported);
    EXPECT_EQ(e.where(), "cell/mystery");
    EXPECT_THAT(e.what(), HasSubstr("'mystery' has no ONNX form"));
  }
}

TEST(OnnxRefusalTest, InputsThatAreNoArrays) {
  for (const char* type : {"tokens", "scalar", "sparse_graph"}) {
    GraphBuilder b;
    b.output("y", b.add("identity", "same", {b.add("input", "x", {}, {{"type", type}})}));
    EXPECT_THAT(refusal(b.build()), HasSubstr("[x] an input of type '" + std::string(type)));
  }
}

TEST(OnnxRefusalTest, ParametersOfAnotherNetwork) {
  const NetworkGraph graph = small_network().build();
  EXPECT_THAT(error_text([&] { onnx_from_graph(graph, {}, builtin_operations()); }),
              HasSubstr("[stem/conv] the parameters given have no 'stem/conv/weight'"));
  GraphBuilder b;
  b.output("y", b.add("conv2d", "stem/conv", {b.image("image", 3, 8, 8)}, {{"channels", 2}}));
  const ParameterStore narrow = parameters_of(b.build());
  EXPECT_THAT(error_text([&] { onnx_from_graph(graph, narrow, builtin_operations()); }),
              HasSubstr("needs the shape [4, 3, 3, 3]; got [2, 3, 1, 1]"));
}

TEST(OnnxRefusalTest, DescriptionsThatDoNotFit) {
  const NetworkGraph graph = small_network().build();
  EXPECT_THAT(refusal(graph, {{1, {0.5}, {0.5}}, {}, {}}), HasSubstr("each of 3 channels"));
  EXPECT_THAT(refusal(graph, {{1, {0, 0, 0}, {1, 1}}, {}, {}}), HasSubstr("each of 3 channels"));
  EXPECT_THAT(refusal(graph, {{1, {0, 0, 0}, {1, 0, 1}}, {}, {}}), HasSubstr("positive"));
  EXPECT_THAT(refusal(graph, {{}, {"a", "b", "c"}, {}}), HasSubstr("3 class labels"));
}

// ---- all operations and spaces ----

TEST(OnnxFormTest, EveryPrimitiveHasAForm) {
  for (const auto& name : builtin_operations().names())
    if (builtin_operations().primitive(name)) {
      EXPECT_EQ(has_onnx_form(name), name != "input" && name != "select") << name;
    }
}

TEST(OnnxFormTest, NetworksOfAllSpacesAreWrittenAndReadBack) {
  RandomStream random = RandomStream(9).fork("architectures");
  for (const auto& [name, entry] : search_spaces()) {
    const auto space = make_space(name);
    const NetworkGraph graph =
        space->network(random_architecture(space->choices(), random), Form{});
    for (bool folded : {true, false}) {
      const OnnxModel model = to_onnx(graph, {true, folded});
      EXPECT_EQ(name_fault(model), "") << name;
      const std::string bytes = write_onnx(model);
      EXPECT_TRUE(read_onnx(bytes, name) == model) << name;
      EXPECT_EQ(write_onnx(to_onnx(graph, {true, folded})), bytes) << name;
    }
  }
}

}  // namespace
}  // namespace nasmyth::test
