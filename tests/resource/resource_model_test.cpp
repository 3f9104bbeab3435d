// The conformance suite of resource models, and counts by hand.
#include "nasmyth/resource/resource_model.h"

#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/expected_cost.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/space/search_space.h"
#include "tests/resource/random_space.h"

namespace nasmyth::test {
namespace {

double cost(const std::string& model, const NetworkGraph& closed) {
  return make_resource_model(model)->cost(closed, builtin_operations());
}

class Model : public testing::TestWithParam<std::string> {};

TEST_P(Model, IsDescribed) {
  EXPECT_FALSE(resource_models().get(GetParam()).help.empty());
  EXPECT_FALSE(make_resource_model(GetParam())->unit().empty());
}

// More of an ordered value choice (width, kernel, expansion, depth) never costs less.
TEST_P(Model, IsMonotone) {
  const auto space = make_space("compact");
  const NetworkGraph graph = *space->graph(Form{});
  RandomStream random(17);
  const auto model = make_resource_model(GetParam());
  for (int k = 0; k < 15; ++k) {
    const Architecture a = random_architecture(graph.choices(), random);
    const double base = model->cost(graph.bind(a), builtin_operations());
    for (int c = 0; c < graph.choices()->size(); c += 3) {
      const Choice& choice = (*graph.choices())[c];
      if (!choice.ordered || a.option(c) + 1 == choice.size()) continue;
      const Architecture more = a.with(c, a.option(c) + 1);
      EXPECT_GE(model->cost(graph.bind(more), builtin_operations()), base) << choice.name;
    }
  }
}

TEST_P(Model, TermsExpectationAndBoundsEqualBruteForce) {
  RandomStream random(23);
  const NetworkGraph graph = random_space(random, {2, true, true, 600});
  const auto model = make_resource_model(GetParam());
  const SelectionProblem problem(graph, builtin_operations(), {{GetParam(), 1e15}});
  const ExpectedCost expected(graph, builtin_operations(), *model);
  const auto p = random_probabilities(*graph.choices(), random);
  double mean = 0, least = kInfinity, greatest = 0;
  for_each_architecture(graph.choices(), true, [&](const Architecture& a) {
    const double counted = model->cost(graph.deployed().bind(a), builtin_operations());
    EXPECT_EQ(problem.cost(0, a), counted);
    double weight = 1;
    for (std::size_t c = 0; c < p.size(); ++c)
      weight *= p[c][static_cast<std::size_t>(a.options()[c])];
    mean += weight * counted;
    if (!allowed(a)) return;
    least = std::min(least, counted);
    greatest = std::max(greatest, counted);
  });
  EXPECT_NEAR(expected.value(p), mean, 1e-9 * mean);
  EXPECT_EQ(problem.least()[0], least);
  EXPECT_EQ(problem.greatest()[0], greatest);
}

TEST_P(Model, RefusesOpenNetworksAndIgnoresTrainingOnlyOutputs) {
  RandomStream random(29);
  const NetworkGraph graph = random_space(random);
  const auto model = make_resource_model(GetParam());
  EXPECT_THROW(model->cost(graph, builtin_operations()), Error);
  const Architecture a = random_architecture(graph.choices(), random);
  EXPECT_EQ(model->cost(graph.bind(a), builtin_operations()),
            model->cost(graph.deployed().bind(a), builtin_operations()));
}

INSTANTIATE_TEST_SUITE_P(Registered, Model, testing::ValuesIn(resource_models().names()),
                         [](const auto& info) { return info.param; });

TEST(ResourceModel, CountsByHand) {
  GraphBuilder b;
  int x = b.image("image", 3, 8, 8);
  x = b.add("conv2d", "a", {x}, {{"kernel", 3}, {"channels", 4}, {"bias", 1}});
  x = b.add("batch_norm", "bn", {x});
  x = b.add("global_pool", "pool", {x});
  b.output("logits", b.add("linear", "fc", {x}, {{"features", 10}}));
  const NetworkGraph graph = b.build();
  EXPECT_EQ(cost("params", graph), 4 * 3 * 9 + 4 + 2 * 4 + 10 * 4 + 10);
  EXPECT_EQ(cost("conv_macs", graph), 4 * 3 * 9 * 64);
  EXPECT_EQ(cost("macs", graph), 4 * 3 * 9 * 64 + 40);
  EXPECT_EQ(cost("weight_bytes", graph), 4 * cost("params", graph));
}

// Two layers share one weight; it is stored at the greatest size of each dimension.
TEST(ResourceModel, CountsSharedParametersOnce) {
  GraphBuilder b;
  const int x = b.image("image", 4, 8, 8);
  Node node;
  node.operation = "conv2d";
  node.keys[""] = "shared";
  node.inputs = {x};
  node.scope = "a";
  node.attributes = {{"kernel", 3}, {"channels", 2}};
  const int a = b.add(node);
  node.scope = "b";
  node.attributes = {{"kernel", 1}, {"channels", 6}};
  const int c = b.add(node);
  b.output("y", b.add("concat", "join", {a, c}));
  const NetworkGraph graph = b.build();
  EXPECT_EQ(cost("params", graph), 6 * 4 * 3 * 3);
  EXPECT_EQ(cost("macs", graph), (2 * 4 * 9 + 6 * 4) * 64);
}

// Shapes of published networks (arXiv 1806.09055: 3.3 M parameters; 528 M multiply-accumulates).
TEST(ResourceModel, CountsThePublishedDartsNetwork) {
  const auto space = make_space("darts", {{"auxiliary", "true"}});
  const NetworkGraph graph = space->network(space->architecture("DARTS_V2"), Form{});
  EXPECT_EQ(cost("params", graph), 3349342);
  EXPECT_EQ(cost("conv_macs", graph), 528353280);
}

TEST(ResourceModel, UnknownNamesGetASuggestion) {
  try {
    make_resource_model("mac");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("did you mean 'macs'"), std::string::npos);
  }
}

}  // namespace
}  // namespace nasmyth::test
