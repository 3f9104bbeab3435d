// What every space of the registry keeps to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

constexpr FormRole kRoles[] = {FormRole::kSearch, FormRole::kTarget};
constexpr int kArchitectures = 12;

class SpaceTest : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<SearchSpace> space_ = make_space(GetParam());
  RandomStream random_{11};

  Architecture architecture() { return random_architecture(space_->choices(), random_); }
  static Form form(FormRole role) { return Form{role, {3, 32, 32}, 10}; }
};

INSTANTIATE_TEST_SUITE_P(All, SpaceTest, testing::ValuesIn(search_spaces().names()),
                         [](const auto& info) { return info.param; });

TEST_P(SpaceTest, FormsAgreeOnTheChoices) {
  for (FormRole role : kRoles) {
    const auto graph = space_->graph(form(role));
    if (!graph) continue;
    EXPECT_EQ(graph->choices()->hash(), space_->choices()->hash());
    EXPECT_EQ(graph->choices()->choices(), space_->choices()->choices());
  }
}

TEST_P(SpaceTest, ArchitecturesCloseEitherForm) {
  for (int i = 0; i < kArchitectures; ++i) {
    const Architecture a = architecture();
    for (FormRole role : kRoles) {
      const NetworkGraph network = space_->network(a, form(role));
      EXPECT_TRUE(network.closed());
      const ExpandedGraph expanded = expand(network.deployed(), builtin_operations());
      EXPECT_EQ(
          to_string(
              expanded.shapes[static_cast<std::size_t>(expanded.graph.outputs().front().node)]),
          "[10]");
      EXPECT_EQ(count_nodes(expanded.graph, "select"), 0);
    }
  }
}

// On images of one row every window has one row, open or closed.
TEST_P(SpaceTest, SignalsGetKernelsOfOneRow) {
  for (FormRole role : kRoles) {
    const Form form{role, {2, 1, 64}, 5};
    std::vector<NetworkGraph> networks{space_->network(architecture(), form)};
    if (auto open = space_->graph(form)) networks.push_back(std::move(*open));
    for (const auto& network : networks) {
      const ExpandedGraph expanded = expand(network, builtin_operations());
      for (int i = 0; i < expanded.graph.size(); ++i) {
        const Node& node = expanded.graph.node(i);
        const TensorShape& shape = expanded.shapes[static_cast<std::size_t>(i)];
        if (shape.rank() == 3) {
          EXPECT_TRUE(shape[1] == ChoiceFunction(1)) << node.scope;
        }
        if (node.operation != "conv2d") continue;
        const auto weight = builtin_operations().primitive("conv2d")->parameters(
            node, expanded.input_shapes(node), shape);
        EXPECT_TRUE(weight.front().shape[2] == ChoiceFunction(1)) << node.scope;
      }
    }
  }
}

TEST_P(SpaceTest, OpenCostsAreThoseOfBoundNetworks) {
  for (FormRole role : kRoles) {
    const auto graph = space_->graph(form(role));
    if (!graph) continue;
    const OpenTotals open(*graph);
    for (int i = 0; i < kArchitectures; ++i) {
      const Architecture a = architecture();
      EXPECT_EQ(open.at(a), totals(graph->bind(a))) << a.to_text();
    }
  }
}

TEST_P(SpaceTest, BindingCommutesWithExpansion) {
  const auto graph = space_->graph(form(FormRole::kTarget));
  if (!graph) return;
  const ExpandedGraph expanded = expand(*graph, builtin_operations());
  for (int i = 0; i < kArchitectures; ++i) {
    const Architecture a = architecture();
    EXPECT_EQ(totals(expanded.graph.bind(a)), totals(graph->bind(a))) << a.to_text();
  }
}

TEST_P(SpaceTest, ArchitecturesRoundTripAsTextAndJson) {
  for (int i = 0; i < kArchitectures; ++i) {
    const Architecture a = architecture();
    EXPECT_EQ(space_->architecture(a.to_text()), a);
    EXPECT_EQ(space_->architecture(a.to_json()), a);
    EXPECT_EQ(space_->architecture(a.to_text()).hash(), a.hash());
    EXPECT_TRUE(allowed(a));
  }
}

TEST_P(SpaceTest, GraphsRoundTripAsJson) {
  for (FormRole role : kRoles) {
    const auto graph = space_->graph(form(role));
    if (!graph) continue;
    const NetworkGraph read = NetworkGraph::from_json(graph->to_json(), "test");
    EXPECT_EQ(read.structural_hash(), graph->structural_hash());
    EXPECT_EQ(read.choices()->hash(), graph->choices()->hash());
    EXPECT_EQ(read.to_json(), graph->to_json());
    const Architecture a = architecture();
    const NetworkGraph bound = graph->bind(a);
    EXPECT_EQ(totals(NetworkGraph::from_json(bound.to_json(), "test")), totals(bound));
  }
}

TEST_P(SpaceTest, CanonicalArchitecturesBindToTheSameNetwork) {
  const auto graph = space_->graph(form(FormRole::kTarget));
  if (!graph) return;
  for (int i = 0; i < kArchitectures; ++i) {
    const Architecture a = architecture();
    const Architecture canonical = graph->canonical(a);
    EXPECT_EQ(graph->canonical(canonical), canonical);
    EXPECT_EQ(graph->bind(canonical).structural_hash(), graph->bind(a).structural_hash());
    EXPECT_EQ(space_->equivalence_key(canonical.complete() ? canonical : a),
              space_->equivalence_key(a));
  }
}

// A choice that canonical() drops has no effect; one that it keeps changes the network.
TEST_P(SpaceTest, CanonicalDropsExactlyWhatDoesNotAct) {
  const auto graph = space_->graph(form(FormRole::kTarget));
  if (!graph) return;
  const Architecture a = architecture();
  const Architecture canonical = graph->canonical(a);
  const std::uint64_t hash = graph->bind(a).structural_hash();
  for (int c = 0; c < space_->choices()->size(); ++c) {
    if ((*space_->choices())[c].size() == 1) continue;
    const int other = (a.option(c) + 1) % (*space_->choices())[c].size();
    const std::uint64_t changed = graph->bind(a.with(c, other)).structural_hash();
    EXPECT_EQ(changed == hash, canonical.option(c) < 0) << (*space_->choices())[c].name;
  }
}

TEST_P(SpaceTest, RestrictedToOneArchitectureItCostsThat) {
  const auto graph = space_->graph(form(FormRole::kTarget));
  if (!graph) return;
  for (int i = 0; i < 3; ++i) {
    const Architecture a = architecture();
    Restriction only;
    for (int c = 0; c < space_->choices()->size(); ++c)
      only[(*space_->choices())[c].name] = {a.label(c)};
    const NetworkGraph restricted = graph->restrict(only);
    const NetworkTotals bound = totals(graph->bind(a)), rest = totals(restricted);
    EXPECT_EQ(rest, bound) << a.to_text();
    const Architecture same(restricted.choices(),
                            std::vector<int>(static_cast<std::size_t>(a.choices()->size()), 0));
    EXPECT_EQ(totals(restricted.bind(same)), bound);
  }
}

TEST_P(SpaceTest, NodesHaveDescribedAttributes) {
  for (FormRole role : kRoles) {
    const auto graph = space_->graph(form(role));
    if (!graph) continue;
    std::set<std::string> unknown;
    auto check = [&](const NetworkGraph& g) {
      for (const auto& node : g.nodes()) {
        std::set<std::string> known;
        for (const auto& a : builtin_operations().get(node.operation, node.scope).attributes())
          known.insert(a.name);
        for (const auto& [name, value] : node.attributes)
          if (!known.contains(name)) unknown.insert(node.operation + " " + name);
      }
    };
    check(*graph);
    check(expand(*graph, builtin_operations()).graph);
    EXPECT_THAT(unknown, testing::IsEmpty());
  }
}

TEST_P(SpaceTest, UnknownOptionsAndArchitecturesAreErrorsWithASuggestion) {
  EXPECT_THROW(make_space(GetParam(), {{"no_such_option", "1"}}), Error);
  EXPECT_THROW(space_->architecture("no such architecture"), Error);
  for (const auto& option : search_spaces().get(GetParam()).options())
    EXPECT_FALSE(option.help.empty()) << option.name;
}

TEST(Spaces, SuggestNames) {
  EXPECT_THAT(error_text([] { make_space("drats"); }), testing::HasSubstr("did you mean 'darts'"));
  EXPECT_THAT(error_text([] {
                make_space("darts", {{"chanels", "8"}});
              }),
              testing::HasSubstr("did you mean 'channels'"));
  EXPECT_THAT(error_text([] {
                make_space("darts", {{"channels", "0"}});
              }),
              testing::HasSubstr("channels"));
}

}  // namespace
}  // namespace nasmyth::test
