#include "nasmyth/supernet/rewrites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/engine/choice_weights.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/operation/sample.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

NetworkGraph search_form(const std::string& space, OptionMap options = {}) {
  return *make_space(space, std::move(options))->graph(Form{FormRole::kSearch, {3, 32, 32}, 10});
}
NetworkGraph partial(const NetworkGraph& graph, int parts) {
  return partial_channels(graph, parts, builtin_operations());
}

// The published supernet: 16 channels, 8 cells, a quarter of the channels.
TEST(PartialChannels, CountsAsPublished) {
  EXPECT_EQ(totals(partial(search_form("darts"), 4)).params, 299578);
}

TEST(PartialChannels, KeepsChoicesSitesAndShapes) {
  const NetworkGraph full = search_form("darts");
  for (int parts : {2, 4, 8}) {
    const NetworkGraph graph = partial(full, parts);
    EXPECT_EQ(graph.choices(), full.choices());
    const auto a = find_sites(expand(full, builtin_operations()));
    const auto b = find_sites(expand(graph, builtin_operations()));
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t s = 0; s < a.size(); ++s) {
      EXPECT_EQ(a[s].scope, b[s].scope);
      EXPECT_EQ(a[s].choice, b[s].choice);
    }
  }
}

TEST(PartialChannels, OnePartChangesNothing) {
  const NetworkGraph full = search_form("darts");
  EXPECT_EQ(partial(full, 1).to_json(), full.to_json());
}

TEST(PartialChannels, KnowsNoSpace) {
  const NetworkGraph full = search_form("nasbench201", {{"cells", "1"}});
  EXPECT_LT(totals(partial(full, 4)).params, totals(full).params / 4);
}

// The length of a signal is halved, its one row is not.
TEST(PartialChannels, TakesSignals) {
  const NetworkGraph full =
      *make_space("darts", {{"layers", "3"}})->graph(Form{FormRole::kSearch, {2, 1, 64}, 3});
  const ExpandedGraph expanded = expand(partial(full, 2), builtin_operations());
  EXPECT_EQ(to_string(expanded.shapes.back()), "[3]");
}

TEST(PartialChannels, RefusesWhatItCannotDo) {
  EXPECT_THAT(error_text([] {
                partial(search_form("darts", {{"search_channels", "6"}}), 4);
              }),
              testing::HasSubstr("6 channels are no multiple of 4"));
  EXPECT_THAT(error_text([] { partial(search_form("compact"), 2); }),
              testing::HasSubstr("keep its width"));
}

}  // namespace
}  // namespace nasmyth::test
