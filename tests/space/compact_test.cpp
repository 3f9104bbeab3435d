// The compact space: options and structure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

TEST(CompactSpace, WithOneValueEachItHasNoChoices) {
  const auto space = make_space("compact", {{"widths", "[8]"},
                                            {"strides", "[1]"},
                                            {"layers", "1"},
                                            {"kernels", "[3]"},
                                            {"expansions", "[2]"},
                                            {"operations", "[mbconv]"},
                                            {"stem", "4"},
                                            {"stem_stride", "1"}});
  EXPECT_EQ(space->choices()->size(), 0);
  const NetworkTotals t = totals(*space->graph(Form{FormRole::kTarget, {1, 8, 8}, 3}));
  // stem, 1x1 to 8, depthwise, 1x1 to 8, shortcut, classifier
  EXPECT_EQ(t.params,
            (9 * 4 + 8) + (4 * 8 + 16) + (9 * 8 + 16) + (8 * 8 + 16) + (4 * 8 + 16) + (8 * 3 + 3));
  EXPECT_EQ(t.macs, (9 * 4 + 4 * 8 + 9 * 8 + 8 * 8 + 4 * 8) * 64 + 24);
}

TEST(CompactSpace, FirstLayersOnlyOfferWhatCanChangeTheShape) {
  const auto space = make_space("compact");
  for (const auto& choice : *space->choices()) {
    if (!choice.name.ends_with("/operation")) continue;
    const bool first = choice.name.find("/layer0/") != std::string::npos;
    EXPECT_EQ(choice.index_of("skip") < 0, first) << choice.name;
    EXPECT_EQ(choice.index_of("attention") < 0, first) << choice.name;
    EXPECT_GE(choice.index_of("mbconv"), 0) << choice.name;
  }
}

TEST(CompactSpace, LayersBeyondTheDepthDoNotAct) {
  const auto space = make_space("compact");
  RandomStream random(3);
  const NetworkGraph graph = *space->graph(Form{});
  for (int i = 0; i < 20; ++i) {
    const Architecture a = random_architecture(space->choices(), random).with("stage1/depth", "1");
    const Architecture canonical = graph.canonical(a);
    for (const auto& [name, label] : canonical.to_labels())
      EXPECT_FALSE(name.starts_with("stage1/layer1") || name.starts_with("stage1/layer2")) << name;
  }
}

TEST(CompactSpace, WiderDeeperAndLargerCostsMore) {
  const auto space = make_space("compact", {{"operations", "[mbconv]"}});
  const OpenTotals open(*space->graph(Form{}));
  std::vector<int> least(static_cast<std::size_t>(space->choices()->size()), 0);
  for (int c = 0; c < space->choices()->size(); ++c) {
    if (!(*space->choices())[c].ordered) continue;
    double before = 0;
    for (int o = 0; o < (*space->choices())[c].size(); ++o) {
      auto options = least;
      // Deep enough that every layer acts.
      for (int d = 0; d < space->choices()->size(); ++d)
        if (d != c && (*space->choices())[d].name.ends_with("/depth"))
          options[static_cast<std::size_t>(d)] = (*space->choices())[d].size() - 1;
      options[static_cast<std::size_t>(c)] = o;
      const double macs = open.at(Architecture(space->choices(), options)).macs;
      EXPECT_GT(macs, before) << (*space->choices())[c].name << " option " << o;
      before = macs;
    }
  }
}

TEST(CompactSpace, EqualWidthsOfNeighboursStayProjected) {
  // The widths of both stages meet at 16: the open network decides, not the bound one.
  const auto space = make_space("compact", {{"widths", "[8:16, 16:24]"},
                                            {"strides", "[1, 1]"},
                                            {"operations", "[residual, mbconv]"},
                                            {"layers", "2"}});
  const NetworkGraph graph = *space->graph(Form{});
  const OpenTotals open(graph);
  RandomStream random(5);
  for (int i = 0; i < 10; ++i) {
    const Architecture a = random_architecture(space->choices(), random)
                               .with("stage0/width", "16")
                               .with("stage1/width", "16")
                               .with("stage1/layer0/operation", "residual");
    EXPECT_EQ(open.at(a), totals(graph.bind(a))) << a.to_text();
  }
}

TEST(CompactSpace, RefusesOptionsThatDoNotFit) {
  const auto failure = [](const OptionMap& options) {
    return error_text([&] { make_space("compact", options); });
  };
  EXPECT_THAT(failure({{"widths", "[8:16]"}}), HasSubstr("3 strides for 1 stages"));
  EXPECT_THAT(failure({{"widths", "[16:8, 16, 32]"}}), HasSubstr("no ascending list of widths"));
  EXPECT_THAT(failure({{"kernels", "[3, 4]"}}), HasSubstr("the even kernel 4"));
  EXPECT_THAT(failure({{"operations", "[skip]"}}), HasSubstr("must not be empty"));
  EXPECT_THAT(failure({{"operations", "[mbconf]"}}), HasSubstr("mbconv"));
}

}  // namespace
}  // namespace nasmyth::test
