// The executor against plain loops in double precision that share no code with it, on random
// networks of every space. (tests/runtime compares the same loops with exported networks.)
#include <gtest/gtest.h>

#include <algorithm>

#include "nasmyth/space/search_space.h"
#include "tests/support/reference_interpreter.h"
#include "tests/torch/network_runner.h"

namespace nasmyth::test {
namespace {

constexpr int kArchitectures = 20;

struct Case {
  std::string space;
  OptionMap options;
  ImageSpec input;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.space; }

class InterpreterTest : public testing::TestWithParam<Case> {
 protected:
  // Greatest difference of any output over that output's scale.
  static double difference(const NetworkGraph& graph, ElementType type,
                           const RandomStream& random) {
    ParameterStore parameters = random_parameters(graph, builtin_operations(), random, type);
    const auto& input = graph.node(graph.inputs().at(0));
    const ExpandedGraph expanded = expand(graph, builtin_operations());
    std::vector<std::int64_t> shape{3};
    for (auto d :
         expanded.shapes[static_cast<std::size_t>(expanded.graph.inputs().at(0))].greatest())
      shape.push_back(d);
    Values x = random_values(shape, -2, 2, random.fork("x"));
    for (double& v : x.data) v = static_cast<float>(v);
    const std::vector<float> pixels(x.data.begin(), x.data.end());

    StepSpec spec;
    spec.loss = false;
    spec.type = type;
    Batch batch;
    batch.inputs[input.scope] = {pixels.data(), shape};
    batch.size = shape[0];
    const auto executor = make_reference_executor(builtin_operations(), {"cpu", 1});
    const StepResult result =
        executor->prepare(graph, spec)->run(batch, {}, {&parameters, nullptr}, {}, RandomStream(1));
    const auto expected = interpret(graph, parameters, builtin_operations(), {{input.scope, x}});
    EXPECT_EQ(result.outputs.size(), expected.size());
    double greatest = 0;
    for (const auto& [name, values] : expected)
      greatest = std::max(greatest, relative_difference(result.outputs.at(name), values));
    return greatest;
  }
};

INSTANTIATE_TEST_SUITE_P(
    Spaces, InterpreterTest,
    testing::Values(
        Case{"compact", {{"activation", "h_swish"}}, {1, 28, 28}},
        Case{"darts", {{"channels", "4"}, {"layers", "4"}, {"auxiliary", "true"}}, {3, 32, 32}},
        Case{"nasbench201", {{"cells", "1"}}, {3, 16, 16}},
        Case{"compact", {{"kernels", "[3, 9]"}}, {6, 1, 64}},
        Case{"darts", {{"channels", "4"}, {"layers", "4"}, {"auxiliary", "true"}}, {2, 1, 64}}),
    [](const auto& info) {
      return info.param.space + (info.param.input.height == 1 ? "_signals" : "");
    });

TEST_P(InterpreterTest, RandomNetworksRunAlike) {
  const Case& c = GetParam();
  const auto space = make_space(c.space, c.options);
  std::vector<double> greatest(2);
  for (int a = 0; a < kArchitectures; ++a) {
    const RandomStream random = RandomStream(8).fork(c.space).fork(static_cast<std::uint64_t>(a));
    RandomStream draws = random.fork("architecture");
    const Architecture architecture = random_architecture(space->choices(), draws);
    SCOPED_TRACE(architecture.to_text());
    const NetworkGraph graph = space->network(architecture, {FormRole::kTarget, c.input, 10});
    // Outputs are float32 in either type. Usual: 2e-6 and 6e-8.
    const double single_precision = difference(graph, ElementType::kFloat32, random);
    const double double_precision = difference(graph, ElementType::kFloat64, random);
    EXPECT_LT(single_precision, 1e-4);
    EXPECT_LT(double_precision, 2e-7);
    greatest[0] = std::max(greatest[0], single_precision);
    greatest[1] = std::max(greatest[1], double_precision);
  }
  RecordProperty("greatest_difference", testing::PrintToString(greatest));
}

}  // namespace
}  // namespace nasmyth::test
