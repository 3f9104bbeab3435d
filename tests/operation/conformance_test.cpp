// What every operation of the registry keeps to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/core/options.h"
#include "nasmyth/operation/builtin.h"
#include "tests/operation/sample.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

ExpandedGraph expanded(const NetworkGraph& graph) { return expand(graph, builtin_operations()); }

class OperationTest : public testing::TestWithParam<std::string> {
 protected:
  const Operation& operation() const { return builtin_operations().get(GetParam(), "test"); }
  bool primitive() const { return builtin_operations().primitive(GetParam()) != nullptr; }
};

INSTANTIATE_TEST_SUITE_P(All, OperationTest, testing::ValuesIn(builtin_operations().names()),
                         [](const auto& info) { return info.param; });

TEST_P(OperationTest, IsDescribed) {
  EXPECT_FALSE(operation().help().empty());
  EXPECT_FALSE(operation().help().ends_with("."));
  std::set<std::string> names;
  for (const auto& attribute : operation().attributes()) {
    EXPECT_TRUE(names.insert(attribute.name).second) << attribute.name;
    EXPECT_FALSE(attribute.help.empty()) << attribute.name;
  }
}

TEST_P(OperationTest, ExpandsToDescribedPrimitives) {
  const ExpandedGraph graph = expanded(network(sample_of(GetParam())));
  for (int i = 0; i < graph.graph.size(); ++i) {
    const Node& node = graph.graph.node(i);
    const Primitive* found = builtin_operations().primitive(node.operation);
    ASSERT_NE(found, nullptr) << node.operation;
    std::set<std::string> known;
    for (const auto& attribute : found->attributes()) known.insert(attribute.name);
    for (const auto& [name, value] : node.attributes)
      EXPECT_TRUE(known.contains(name)) << node.scope << ": " << node.operation << " " << name;
    if (node.operation == "input") continue;
    EXPECT_EQ(node.composite, primitive() ? "" : GetParam());
    EXPECT_TRUE(node.scope.starts_with("node")) << node.scope;
  }
}

TEST_P(OperationTest, ScopesAndParametersAreDistinct) {
  const ExpandedGraph graph = expanded(network(sample_of(GetParam())));
  std::set<std::string> scopes, keys;
  for (int i = 0; i < graph.graph.size(); ++i) {
    const Node& node = graph.graph.node(i);
    EXPECT_TRUE(scopes.insert(node.scope).second) << node.scope;
    const Primitive& p = *builtin_operations().primitive(node.operation);
    const auto inputs = input_shapes(graph, i);
    const auto& output = graph.shapes[static_cast<std::size_t>(i)];
    for (const auto& spec : p.parameters(node, inputs, output)) {
      EXPECT_TRUE(keys.insert(node.key(spec.role)).second) << node.key(spec.role);
      EXPECT_EQ(spec.shape.size(), spec.slices.size()) << spec.role;
      for (const auto& d : spec.shape) EXPECT_GE(d.minimum(), 1) << spec.role;
    }
    EXPECT_GE(p.macs(node, inputs, output).minimum(), 0);
  }
}

TEST_P(OperationTest, RefusesTooFewAndTooManyInputs) {
  const auto [least, most] = operation().arity();
  Sample sample = sample_of(GetParam());
  if (least > 0) {
    Sample fewer = sample;
    fewer.inputs.resize(static_cast<std::size_t>(least) - 1, TensorShape{{16, 8, 8}});
    EXPECT_THAT(error_text([&] { expanded(network(fewer)); }),
                testing::HasSubstr(GetParam() == "select" ? "no options" : "[node]"));
  }
  if (most >= 0) {
    sample.inputs.resize(static_cast<std::size_t>(most) + 1, TensorShape{{16, 8, 8}});
    const std::string text = error_text([&] { expanded(network(sample)); });
    EXPECT_THAT(text, testing::HasSubstr("[node] " + GetParam() + " takes"));
    EXPECT_THAT(text, testing::HasSubstr("got " + std::to_string(most + 1)));
  }
}

// The documented default, written out, changes nothing.
TEST_P(OperationTest, DefaultsAreAsDescribed) {
  Sample sample = sample_of(GetParam());
  const ExpandedGraph plain = expanded(network(sample));
  for (const auto& attribute : operation().attributes()) {
    if (attribute.fallback.empty()) {
      EXPECT_TRUE(sample.attributes.contains(attribute.name)) << attribute.name;
      Sample without = sample;
      without.attributes.erase(attribute.name);
      EXPECT_THAT(error_text([&] { expanded(network(without)); }),
                  testing::HasSubstr(attribute.name));
      continue;
    }
    if (attribute.fallback.find(' ') != std::string::npos) continue;  // depends on the input
    const bool number = attribute.fallback.find_first_not_of("0123456789.e-") == std::string::npos;
    const auto& all = operation().attributes();
    if (!number && std::any_of(all.begin(), all.end(),
                               [&](const auto& a) { return a.name == attribute.fallback; }))
      continue;  // the value of another attribute
    Sample stated = sample;
    stated.attributes[attribute.name] =
        number ? Attribute(ChoiceFunction(parse_number(attribute.fallback, "default")))
               : Attribute(attribute.fallback);
    const ExpandedGraph same = expanded(network(stated));
    EXPECT_EQ(same.shapes, plain.shapes) << attribute.name;
    EXPECT_EQ(totals(same), totals(plain)) << attribute.name;
    if (!primitive()) {
      EXPECT_EQ(same.graph.to_json(), plain.graph.to_json()) << attribute.name;
    }
  }
}

// Read by executors only, or there so that all candidates of a cell take the same attributes.
bool has_no_effect_here(const std::string& operation, const std::string& attribute) {
  static const std::set<std::string> kExecutors{"epsilon", "momentum", "rate", "heads"};
  static const std::set<std::string> kWithoutNorm{"none", "noise", "max_pool_3x3", "avg_pool_3x3"};
  if (kExecutors.contains(attribute)) return true;
  if (attribute == "normalise") return !operation.ends_with("_pool_3x3");
  if (attribute == "begin") return operation == "slice";
  if (operation == "input") return attribute != "type";
  if (operation == "shuffle") return true;
  return attribute == "affine" && kWithoutNorm.contains(operation);
}

// Each described attribute is read: another value gives another network or an error.
TEST_P(OperationTest, AttributesAreRead) {
  Sample sample = sample_of(GetParam());
  if (GetParam() == "skip_connect") sample.attributes["stride"] = 2;
  for (const auto& attribute : operation().attributes()) {
    if (has_no_effect_here(GetParam(), attribute.name)) continue;
    std::set<std::string> outcomes;
    for (const Attribute& value :
         std::vector<Attribute>{0, 1, 2, 3, 8, "relu", "h_swish", "vector"}) {
      Sample changed = sample;
      changed.attributes[attribute.name] = value;
      std::string text;
      try {
        const ExpandedGraph graph = expanded(network(changed));
        text = primitive() ? to_string(graph.shapes.back()) + testing::PrintToString(totals(graph))
                           : graph.graph.to_json();
      } catch (const Error& e) {
        text = e.what();
      }
      outcomes.insert(text);
    }
    EXPECT_GT(outcomes.size(), 1u) << attribute.name;
  }
}

// Which numbers of an operation may depend on choices.
Attributes open_attributes(GraphBuilder& b, const Operation& operation) {
  Attributes open;
  for (const auto& attribute : operation.attributes()) {
    if (attribute.help.find("may be open") == std::string::npos) continue;
    const bool kernel = attribute.name.starts_with("kernel");
    open[attribute.name] = b.value("choice_" + attribute.name, kernel ? std::vector<double>{1, 3, 5}
                                                                      : std::vector<double>{8, 16});
  }
  return open;
}

// The open network costs in every architecture what the bound network costs.
void expect_open_equals_bound(const NetworkGraph& graph) {
  const OpenTotals open(graph);
  const auto& choices = graph.choices();
  std::vector<int> options(static_cast<std::size_t>(choices->size()), 0);
  for (bool more = true; more;) {
    const Architecture a(choices, options);
    EXPECT_EQ(open.at(a), totals(graph.bind(a))) << a.to_text();
    more = false;
    for (std::size_t c = 0; c < options.size() && !more; ++c) {
      options[c] = (options[c] + 1) % (*choices)[static_cast<int>(c)].size();
      more = options[c] != 0;
    }
  }
}

TEST_P(OperationTest, OpenCostsAreThoseOfBoundNetworks) {
  GraphBuilder b;
  const int image = b.image("image", 3, 8, 8);
  Attributes open = open_attributes(b, operation());
  if (open.empty()) return;
  if (GetParam() == "residual") open["projection"] = 1;
  int x = image;
  if (GetParam() == "linear") x = b.add("global_pool", "pool", {image});
  b.output("result", b.add(GetParam(), "node", {x}, open));
  expect_open_equals_bound(b.build());
}

// The input's width is open and the operation keeps it.
TEST_P(OperationTest, FollowsAnOpenInput) {
  static const std::set<std::string> kClosedOnly{"inception"};
  Sample sample = sample_of(GetParam());
  if (sample.inputs.size() != 1 || sample.inputs[0].rank() != 3) return;
  GraphBuilder b;
  const ChoiceFunction width = b.value("width", {8, 12, 16});
  const int image = b.image("image", 3, 8, 8);
  const int x = b.add("conv_bn", "before", {image}, {{"channels", width}});
  b.output("result", b.add(GetParam(), "node", {x}, sample.attributes));
  const NetworkGraph graph = b.build();
  if (kClosedOnly.contains(GetParam()) || GetParam() == "factorized_reduce") {
    EXPECT_THAT(error_text([&] { expanded(graph); }), testing::HasSubstr("depends on a choice"));
    return;
  }
  expect_open_equals_bound(graph);
  const TensorShape result = expanded(graph).shapes.back();
  if (GetParam() != "slice") {
    EXPECT_EQ(result.channels(), width) << to_string(result);
  }
}

}  // namespace
}  // namespace nasmyth::test
