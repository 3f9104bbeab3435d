// Every operation, and every way in which networks join them, in OpenVINO against plain loops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "nasmyth/onnx/from_graph.h"
#include "nasmyth/operation/builtin.h"
#include "tests/runtime/openvino_network.h"

namespace nasmyth::test {
namespace {

// Usual: up to 6e-7.
constexpr double kTolerance = 1e-5;

// Greatest relative difference of any output, on inputs between -3 and 3 of two samples.
double difference(const NetworkGraph& graph, bool folded) {
  const ParameterStore parameters =
      random_parameters(graph, builtin_operations(), RandomStream(21));
  OpenVinoNetwork network(
      write_onnx(onnx_from_graph(graph, parameters, builtin_operations(), {}, {false, folded})));
  const ExpandedGraph expanded = expand(graph, builtin_operations());
  std::map<std::string, Values> inputs;
  for (int i : expanded.graph.inputs()) {
    std::vector<std::int64_t> shape{2};
    for (auto d : expanded.shapes[static_cast<std::size_t>(i)].greatest()) shape.push_back(d);
    const std::string& name = expanded.graph.node(i).scope;
    inputs[name] = random_values(shape, -3, 3, RandomStream(22).fork(name));
    for (double& v : inputs[name].data) v = static_cast<float>(v);
  }
  const auto expected = interpret(graph, parameters, builtin_operations(), inputs);
  const auto found = network.run(inputs);
  double greatest = 0;
  for (const auto& [name, values] : expected) {
    EXPECT_EQ(found.at(name).shape, values.shape) << name;
    greatest = std::max(greatest, relative_difference(found.at(name), values));
  }
  return greatest;
}

struct Case {
  std::string operation;
  std::vector<Attributes> attributes;
  std::vector<TensorShape> inputs;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.operation; }

const TensorShape kImage{{8, 7, 9}};
const TensorShape kVector{{6}};

std::vector<Attributes> attributes_of(const std::string& operation) {
  if (operation == "conv2d")
    return {{},
            {{"channels", 5}, {"kernel", 3}, {"bias", 1}},
            {{"kernel", 5}, {"stride", 2}, {"dilation", 2}, {"groups", "depthwise"}},
            {{"channels", 12}, {"kernel", 3}, {"groups", 4}, {"padding", 0}},
            {{"kernel_height", 1}, {"kernel_width", 7}, {"stride_width", 2}},
            {{"kernel", 2}, {"padding", 1}, {"padding_width", 0}},
            {{"kernel", 4}, {"stride_height", 3}}};
  if (operation == "linear") return {{}, {{"features", 3}, {"bias", 0}}};
  if (operation == "batch_norm") return {{}, {{"affine", 0}}, {{"epsilon", 0.1}}};
  if (operation == "max_pool" || operation == "avg_pool")
    return {{},
            {{"stride", 2}},
            {{"kernel", 2}, {"stride", 2}},
            {{"kernel", 5}, {"stride", 3}, {"padding", 0}}};
  if (operation == "zero") return {{}, {{"stride", 2}}};
  if (operation == "slice") return {{{"channels", 3}}, {{"begin", 2}, {"channels", 5}}};
  if (operation == "shuffle") return {{}, {{"groups", 2}}, {{"groups", 4}}};
  if (operation == "attention") return {{}, {{"heads", 4}}};
  const auto& described = builtin_operations().get(operation, "test").attributes();
  const bool strided = std::any_of(described.begin(), described.end(),
                                   [](const auto& a) { return a.name == "stride"; });
  if (strided) return {{}, {{"stride", 2}}};
  return {{}};
}

std::vector<Case> cases() {
  std::vector<Case> cases;
  const auto& operations = builtin_operations();
  for (const auto& name : operations.names()) {
    if (name == "input" || name == "select") continue;
    Case c{name, attributes_of(name), {}};
    const auto [least, most] = operations.get(name, "test").arity();
    c.inputs.assign(static_cast<std::size_t>(most < 0 ? 3 : least), kImage);
    if (name == "linear") c.inputs = {kVector};
    if (!operations.primitive(name)) c.inputs = {TensorShape{{8, 8, 8}}};
    cases.push_back(c);
  }
  for (const char* name : {"batch_norm", "relu", "sum", "concat", "zero", "slice"})
    cases.push_back(
        {name,
         {name == std::string("slice") ? Attributes{{"begin", 1}, {"channels", 4}} : Attributes{}},
         {kVector}});
  cases.push_back({"multiply", {{}}, {kImage, TensorShape{{8}}}});
  cases.push_back({"multiply", {{}}, {kVector, kVector}});
  cases.push_back({"concat", {{}}, {kImage, TensorShape{{3, 7, 9}}}});
  return cases;
}

class OperationsTest : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(All, OperationsTest, testing::ValuesIn(cases()), [](const auto& info) {
  return info.param.operation + "_" + std::to_string(info.index);
});

NetworkGraph network(const Case& c, const Attributes& attributes) {
  GraphBuilder b;
  std::vector<int> inputs;
  for (const auto& shape : c.inputs) {
    const std::string name = "x" + std::to_string(inputs.size());
    inputs.push_back(
        shape.rank() == 3
            ? b.image(name, shape[0], shape[1], shape[2])
            : b.add("input", name, {}, {{"type", std::string("vector")}, {"features", shape[0]}}));
  }
  b.output("y", b.add(c.operation, "node", inputs, attributes));
  return b.build();
}

TEST_P(OperationsTest, RunsAlikeInOpenVino) {
  double greatest = 0;
  for (const Attributes& attributes : GetParam().attributes) {
    const NetworkGraph graph = network(GetParam(), attributes);
    SCOPED_TRACE(graph.to_json());
    const double d = std::max(difference(graph, true), difference(graph, false));
    EXPECT_LT(d, kTolerance);
    greatest = std::max(greatest, d);
  }
  RecordProperty("greatest_difference", testing::PrintToString(greatest));
}

TEST(InterpreterTest, KnowsEveryPrimitive) {
  std::set<std::string> expected{};
  for (const auto& name : builtin_operations().names())
    if (builtin_operations().primitive(name) && name != "input" && name != "select")
      expected.insert(name);
  const auto known = interpreted_primitives();
  EXPECT_EQ(std::set<std::string>(known.begin(), known.end()), expected);
}

// ---- folding ----

using Body = std::function<int(GraphBuilder&, int)>;

void expect_folded_alike(const Body& body) {
  GraphBuilder b;
  b.output("y", body(b, b.image("image", 4, 7, 7)));
  const NetworkGraph graph = b.build();
  EXPECT_LT(difference(graph, true), kTolerance);
  EXPECT_LT(difference(graph, false), kTolerance);
}

TEST(FoldingTest, ChainsWithBiasGroupsAndLinear) {
  expect_folded_alike([](GraphBuilder& b, int x) {
    x = b.add("conv2d", "conv1", {x}, {{"channels", 6}, {"kernel", 3}, {"bias", 1}});
    x = b.add("batch_norm", "norm1", {x});
    x = b.add("conv2d", "conv2", {x}, {{"kernel", 3}, {"groups", "depthwise"}});
    x = b.add("batch_norm", "norm2", {x}, {{"affine", 0}, {"epsilon", 0.01}});
    x = b.add("batch_norm", "norm3", {x});
    x = b.add("global_pool", "pool", {x});
    return b.add("batch_norm", "norm4", {b.add("linear", "linear", {x}, {{"bias", 0}})});
  });
}

TEST(FoldingTest, LayersWithSeveralReaders) {
  expect_folded_alike([](GraphBuilder& b, int x) {
    const int conv = b.add("conv2d", "conv", {x});
    const int first = b.add("batch_norm", "norm1", {conv});
    const int second = b.add("batch_norm", "norm2", {b.add("drop_path", "drop", {conv})});
    return b.add("concat", "all", {conv, first, second});
  });
}

TEST(FoldingTest, FoldedLayerWithSeveralReadersAfterTheNorm) {
  expect_folded_alike([](GraphBuilder& b, int x) {
    const int norm = b.add("batch_norm", "norm", {b.add("conv2d", "conv", {x})});
    const int same = b.add("identity", "same", {norm});
    return b.add("sum", "sum", {same, b.add("relu", "relu", {norm}), norm});
  });
}

TEST(FoldingTest, SharedWeights) {
  expect_folded_alike([](GraphBuilder& b, int x) {
    for (const char* name : {"a", "b"}) {
      Node conv{"conv2d", name, {{"kernel", 3}}, {x}, -1, {{"weight", "shared"}}, {}, {}};
      x = b.add("batch_norm", std::string(name) + "/norm", {b.add(conv)});
    }
    return x;
  });
}

// Kernels of one key and several sizes: the centre of the greatest.
TEST(FoldingTest, PartsOfSharedWeights) {
  expect_folded_alike([](GraphBuilder& b, int x) {
    for (int kernel : {3, 5, 1}) {
      Node conv{"conv2d",
                "k" + std::to_string(kernel),
                {{"kernel", kernel}},
                {x},
                -1,
                {{"weight", "shared"}},
                {},
                {}};
      conv.attributes["channels"] = 4;
      x = b.add(conv);
    }
    return x;
  });
}

TEST(NamesTest, SeveralInputsAndOutputs) {
  GraphBuilder b;
  const int left = b.image("left", 2, 4, 4), right = b.image("right", 2, 4, 4);
  const int sum = b.add("sum", "total", {left, right});
  b.output("total", b.add("relu", "relu", {sum}));
  b.output("raw", sum);
  b.output("again", sum);
  b.output("input", left);
  EXPECT_LT(difference(b.build(), true), kTolerance);
}

TEST(NamesTest, UnrolledRecurrentCell) {
  GraphBuilder b;
  const auto vector = [&](const char* name) {
    return b.add("input", name, {}, {{"type", std::string("vector")}, {"features", 5}});
  };
  const int x = vector("x"), h = vector("h");
  const int sum =
      b.add("sum", "cell/sum", {b.add("linear", "cell/x", {x}), b.add("linear", "cell/h", {h})});
  const int next = b.add("tanh", "cell/next", {sum});
  b.output("h_next", next);
  b.carry("h_next", "h");
  EXPECT_LT(difference(b.build().unroll(3), true), kTolerance);
}

}  // namespace
}  // namespace nasmyth::test
