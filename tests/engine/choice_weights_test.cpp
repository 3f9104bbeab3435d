#include "nasmyth/engine/choice_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

std::vector<Site> sites_of(const NetworkGraph& graph) {
  return find_sites(expand(graph, builtin_operations()));
}
NetworkGraph finish(GraphBuilder& b, int x) {
  b.output("result", x);
  return b.build();
}
std::string failure(GraphBuilder& b, int x) {
  return error_text([&] { sites_of(finish(b, x)); });
}
std::string text(const Site& site) {
  return std::string(site.kind == Site::Kind::kSelect ? "select " : "value ") + site.scope + " " +
         std::to_string(site.choice) + " " + std::to_string(site.size);
}
std::vector<std::string> texts(const NetworkGraph& graph) {
  std::vector<std::string> list;
  for (const auto& site : sites_of(graph)) list.push_back(text(site));
  return list;
}

TEST(FindSites, ByNodeThenByChoice) {
  GraphBuilder b;
  const ChoiceFunction width = b.value("width", {8, 16}), ratio = b.value("ratio", {1, 2, 3});
  const ChoiceFunction kernel = b.value("kernel", {3, 5, 7});
  int x = b.image("image", 3, 8, 8);
  x = b.add("conv_bn", "first", {x}, {{"channels", width}, {"activation", "relu"}});
  const int y = b.add("mbconv", "layer", {x},
                      {{"hidden", ratio * width}, {"kernel", kernel}, {"residual", 1}});
  x = b.select("depth", {x, y}, b.choice(one_of("depth", {"1", "2"})));
  EXPECT_EQ(
      texts(finish(b, x)),
      (std::vector<std::string>{"value first/mask 0 2", "value layer/expand/mask 0 2",
                                "value layer/expand/mask 1 3", "value layer/depthwise/conv 2 3",
                                "value layer/depthwise/mask 0 2", "value layer/depthwise/mask 1 3",
                                "value layer/project/mask 0 2", "select depth 3 2"}));
}

TEST(FindSites, AMaskWhoseWidthIsClosedIsNone) {
  GraphBuilder b;
  const ChoiceFunction width = b.value("width", {8, 16});
  int x = b.image("image", 3, 8, 8);
  x = b.add("conv_bn", "first", {x}, {{"channels", width}});
  const ExpandedGraph open = expand(finish(b, x), builtin_operations());
  EXPECT_EQ(find_sites(open).size(), 1u);
  const NetworkGraph bound = open.graph.bind(Architecture(open.graph.choices(), {0}));
  EXPECT_TRUE(sites_of(bound).empty());
  EXPECT_EQ(count_nodes(bound, "mask"), 1);
}

TEST(FindSites, ASelectHasOneWeightAnInput) {
  GraphBuilder b;
  const int image = b.image("image", 3, 8, 8);
  std::vector<int> branches{image, b.add("relu", "a", {image}), b.add("tanh", "b", {image})};
  const int x = b.select("node", branches, b.choice(subset_of("inputs", 3, 2)));
  const auto sites = sites_of(finish(b, x));
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_EQ(text(sites[0]), "select node 0 3");
  EXPECT_EQ(sites[0].node, x);
}

TEST(FindSites, OfEverySpaceInBothForms) {
  for (const auto& name : search_spaces().names())
    for (FormRole role : {FormRole::kSearch, FormRole::kTarget}) {
      const NetworkGraph graph = *make_space(name)->graph(Form{role, {3, 32, 32}, 10});
      const ExpandedGraph expanded = expand(graph, builtin_operations());
      const auto sites = find_sites(expanded);
      std::vector<char> seen(static_cast<std::size_t>(graph.choices()->size()), 0);
      for (std::size_t i = 0; i < sites.size(); ++i) {
        seen[static_cast<std::size_t>(sites[i].choice)] = 1;
        EXPECT_EQ(sites[i].scope, expanded.graph.node(sites[i].node).scope);
        if (i > 0) {
          EXPECT_LT(std::pair(sites[i - 1].node, sites[i - 1].choice),
                    std::pair(sites[i].node, sites[i].choice));
        }
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), 0), 0) << name << ": a choice acts nowhere";
    }
}

TEST(FindSites, CountsTheEdgesOfDarts) {
  const NetworkGraph graph = *make_space("darts")->graph(Form{FormRole::kSearch, {3, 32, 32}, 10});
  EXPECT_EQ(sites_of(graph).size(), 8u * (14 + 4));
}

TEST(FindSites, RefusesAttributesThatNothingBlends) {
  for (const char* attribute : {"stride", "groups", "dilation"}) {
    GraphBuilder b;
    const int image = b.image("image", 4, 8, 8);
    const int x =
        b.add("conv2d", "conv", {image}, {{"kernel", 3}, {attribute, b.value("choice", {1, 2})}});
    EXPECT_THAT(failure(b, x), HasSubstr(std::string("[conv] conv2d: the attribute '") + attribute +
                                         "' depends on a choice"));
  }
  GraphBuilder b;
  const int image = b.image("image", 4, 8, 8);
  const int x = b.add("max_pool", "pool", {image}, {{"kernel", b.value("choice", {3, 5})}});
  EXPECT_THAT(failure(b, x), HasSubstr("[pool] max_pool: the attribute 'kernel'"));
}

TEST(FindSites, RefusesOpenSizes) {
  GraphBuilder b;
  const int image = b.image("image", 4, 8, 8);
  const int x = b.add("conv2d", "conv", {image}, {{"kernel", b.value("choice", {2, 3})}});
  EXPECT_THAT(failure(b, x), HasSubstr("size 1 of the result [4, 7..8, 7..8]"));
}

// One open width, then an operation.
std::string failure_after_open_width(const std::string& operation, const Attributes& attributes,
                                     bool masked) {
  GraphBuilder b;
  int x = b.image("image", 4, 8, 8);
  x = b.add(masked ? "conv_bn" : "conv2d", "open", {x}, {{"channels", b.value("width", {8, 16})}});
  std::vector<int> inputs{x};
  if (operation == "concat") inputs.push_back(x);
  if (operation == "attention") inputs = {x, x, x};
  return failure(b, b.add(operation, "node", inputs, attributes));
}

TEST(FindSites, RefusesToMixWhatIsNotMasked) {
  EXPECT_THAT(failure_after_open_width("conv2d", {}, false),
              HasSubstr("[node] conv2d: it mixes the channels of 'open', whose width depends on a "
                        "choice and is not masked"));
  EXPECT_EQ(failure_after_open_width("conv2d", {}, true), "no error");
  EXPECT_EQ(failure_after_open_width("conv2d", {{"groups", "depthwise"}}, false), "no error");
  EXPECT_EQ(failure_after_open_width("batch_norm", {}, false), "no error");
}

TEST(FindSites, ZerosSurviveWhatKeepsThem) {
  for (const auto& [middle, kept] :
       std::vector<std::pair<std::string, bool>>{{"relu", true},
                                                 {"h_swish", true},
                                                 {"max_pool", true},
                                                 {"drop_path", true},
                                                 {"sigmoid", false},
                                                 {"batch_norm", false}}) {
    GraphBuilder b;
    int x = b.image("image", 4, 8, 8);
    x = b.add("conv_bn", "open", {x}, {{"channels", b.value("width", {8, 16})}});
    x = b.add("conv2d", "mix", {b.add(middle, "middle", {x})}, {{"channels", 4}});
    EXPECT_EQ(failure(b, x) == "no error", kept) << middle;
  }
}

TEST(FindSites, RefusesOpenWidthsThatMoveChannels) {
  EXPECT_THAT(failure_after_open_width("concat", {}, true), HasSubstr("[node] concat: where a"));
  EXPECT_THAT(failure_after_open_width("attention", {}, true), HasSubstr("[node] attention:"));
  EXPECT_THAT(failure_after_open_width("shuffle", {{"groups", 2}}, true), HasSubstr("shuffle:"));
  EXPECT_THAT(failure_after_open_width("conv2d", {{"groups", 2}}, true),
              HasSubstr("conv2d: where"));
}

}  // namespace
}  // namespace nasmyth::test
