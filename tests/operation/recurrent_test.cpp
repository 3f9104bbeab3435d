// A recurrent network as a graph with carried outputs: weights are shared by all time steps.
#include <gtest/gtest.h>

#include "nasmyth/operation/builtin.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

// The DARTS recurrent cell (arXiv 1806.09055) without the elementwise arithmetic that costs
// nothing: one 2e x 2e product of input and state, then one e x 2e product a node; the decoder is
// tied to the embedding, so that its weight is counted once.
NetworkGraph language_model(int words, int width, int nodes) {
  GraphBuilder b;
  auto vector = [&](const char* name) {
    return b.add("input", name, {}, {{"type", std::string("vector")}, {"features", width}});
  };
  const int x = vector("x"), state = vector("state");
  // Highway connection: state + gate * (candidate of the state).
  auto node = [&](const std::string& scope, int previous, int product) {
    const int gate = b.add("slice", scope + "/gate", {product}, {{"channels", width}});
    const int part =
        b.add("slice", scope + "/part", {product}, {{"begin", width}, {"channels", width}});
    const int update = b.add(
        "multiply", scope + "/update",
        {b.add("sigmoid", scope + "/sigmoid", {gate}), b.add("tanh", scope + "/tanh", {part})});
    return b.add("sum", scope, {previous, update});
  };
  auto product = [&](const std::string& scope, int input) {
    return b.add("linear", scope + "/product", {input}, {{"features", 2 * width}, {"bias", 0}});
  };
  const int both = b.add("concat", "both", {x, state});
  std::vector<int> states{node("node0", state, product("node0", both))};
  for (int i = 1; i <= nodes; ++i) {
    const std::string scope = "node" + std::to_string(i);
    states.push_back(node(scope, states.back(), product(scope, states.back())));
  }
  const int next = b.add("sum", "next", {states.begin() + 1, states.end()});
  b.output("state", next);
  b.output("logits", b.add("linear", "decoder", {next}, {{"features", words}}));
  b.carry("state", "state");
  return b.build();
}

TEST(RecurrentNetwork, ParametersFollowTheClosedForm) {
  EXPECT_EQ(totals(language_model(10000, 850, 8)).params, 22960000);
  EXPECT_EQ(totals(language_model(10000, 300, 8)).params, 4810000);
  EXPECT_EQ(totals(language_model(33278, 700, 8)).params, 33127878);
}

TEST(RecurrentNetwork, StepsShareTheirWeights) {
  const NetworkGraph cell = language_model(100, 8, 2);
  const NetworkTotals one = totals(cell);
  const NetworkTotals five = totals(cell.unroll(5));
  EXPECT_EQ(five.params, one.params);
  EXPECT_EQ(five.parameter_tensors, one.parameter_tensors);
  EXPECT_EQ(five.macs, 5 * one.macs);
}

}  // namespace
}  // namespace nasmyth::test
