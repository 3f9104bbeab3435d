#include "nasmyth/report/network_drawing.h"

#include <gtest/gtest.h>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/report/well_formed.h"

namespace nasmyth {
namespace {

Form form() {
  Form form;
  form.role = FormRole::kTarget;
  form.input = {3, 32, 32};
  form.classes = 10;
  return form;
}

std::string drawn(const NetworkGraph& graph) {
  const CountedNetwork counted = count_network(graph, builtin_operations());
  const std::string html = draw_network(graph, &counted);
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_EQ(html.find("nan"), std::string::npos);
  return html;
}

int count(const std::string& text, const std::string& word) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size()) ++n;
  return n;
}

TEST(NetworkDrawing, ShapesForPeople) {
  EXPECT_EQ(shape_text("[12, 28, 28]"),
            "12\xc3\x97"
            "28\xc3\x97"
            "28");
  EXPECT_EQ(shape_text("[10]"), "10");
  EXPECT_EQ(shape_text(""), "");
}

// A random network of every space of the registry can be drawn.
class EverySpace : public ::testing::TestWithParam<std::string> {};

TEST_P(EverySpace, IsDrawn) {
  const auto space = make_space(GetParam(), {});
  RandomStream random(1);
  const std::string html =
      drawn(space->network(random_architecture(space->choices(), random), form()));
  EXPECT_NE(html.find("<svg"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Registry, EverySpace, ::testing::ValuesIn(search_spaces().names()),
                         [](const auto& info) { return info.param; });

TEST(NetworkDrawing, ASmallNetworkIsDrawnWhole) {
  const auto space = make_space("compact", {});
  RandomStream random(1);
  const std::string html =
      drawn(space->network(random_architecture(space->choices(), random), form()));
  EXPECT_EQ(count(html, "<figure class=\"network\">"), 1);
  for (const char* word : {">image \xc2\xb7 3", "conv_bn", "linear", "logits", "stage0"})
    EXPECT_NE(html.find(word), std::string::npos) << word;
}

TEST(NetworkDrawing, OfManyLayersEachKindOfBlockIsDrawnOnce) {
  const auto space = make_space("darts", {});
  const NetworkGraph graph = space->network_from_text("DARTS_V2", form());
  const std::string html = drawn(graph.deployed());
  EXPECT_NE(html.find("The network by its blocks"), std::string::npos);
  // The overview, normal cells, those behind a reduction, reduction cells.
  EXPECT_EQ(count(html, "<figure class=\"network\">"), 4);
  EXPECT_NE(html.find("sep_conv_3x3"), std::string::npos);
}

TEST(NetworkDrawing, WithoutCountsThereAreNoShapes) {
  const auto space = make_space("compact", {});
  RandomStream random(1);
  const NetworkGraph graph = space->network(random_architecture(space->choices(), random), form());
  const std::string html = draw_network(graph, nullptr);
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_EQ(html.find("params"), std::string::npos);
}

}  // namespace
}  // namespace nasmyth
