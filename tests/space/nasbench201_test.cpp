// NAS-Bench-201 (arXiv 2001.00326): all 15,625 architectures against the closed form of their
// costs, which agrees with the published tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

const char* const kAll3x3 =
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~"
    "2|";

// Calls f for every architecture.
template <class F>
void for_each_architecture(const ChoiceSetPtr& choices, F f) {
  std::vector<int> options(6, 0);
  for (int i = 0; i < 15625; ++i) {
    for (int c = 0, rest = i; c < 6; ++c, rest /= 5)
      options[static_cast<std::size_t>(c)] = rest % 5;
    f(Architecture(choices, options));
  }
}

int edges_with(const Architecture& a, const char* operation) {
  int n = 0;
  for (int c = 0; c < 6; ++c) n += a.label(c) == operation;
  return n;
}

NetworkTotals totals_of(const SearchSpace& space, const std::string& text, const Form& form = {}) {
  return totals(space.network_from_text(text, form));
}
// The published figure counts the bias of the classifier as one operation a class.
double published_flops(const NetworkTotals& t, int classes) { return t.macs + classes; }

TEST(NasBench201, EveryArchitectureFollowsTheClosedForm) {
  const auto space = make_space("nasbench201");
  const OpenTotals open(*space->graph(Form{}));
  int wrong = 0;
  for_each_architecture(space->choices(), [&](const Architecture& a) {
    const int n1 = edges_with(a, "nor_conv_1x1"), n3 = edges_with(a, "nor_conv_3x3");
    const NetworkTotals t = open.at(a);
    wrong += t.params != 73306 + 28000.0 * n1 + 243040.0 * n3;
    wrong += published_flops(t, 10) != 7783050 + 3932160.0 * n1 + 35389440.0 * n3;
  });
  EXPECT_EQ(wrong, 0);
}

TEST(NasBench201, BoundNetworksCostTheSame) {
  const auto space = make_space("nasbench201");
  const NetworkGraph graph = *space->graph(Form{});
  const OpenTotals open(graph);
  RandomStream random(7);
  for (int i = 0; i < 25; ++i) {
    const Architecture a = random_architecture(space->choices(), random);
    EXPECT_EQ(open.at(a), totals(graph.bind(a))) << space->genotype(a);
  }
}

TEST(NasBench201, PublishedArchitectures) {
  const auto space = make_space("nasbench201");
  struct Row {
    std::string text;
    double params, flops;
  };
  std::string all1x1 = kAll3x3;
  for (std::size_t at; (at = all1x1.find("3x3")) != std::string::npos;)
    all1x1.replace(at, 3, "1x1");
  const Row kRows[] = {
      {kAll3x3, 1531546, 220119690},
      {all1x1, 241306, 31376010},
      {"|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|"
       "nor_conv_3x3~2|",
       1288506, 184730250},
      {"|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|"
       "skip_connect~2|",
       129306, 15647370}};
  for (const auto& row : kRows) {
    const NetworkTotals t = totals_of(*space, row.text);
    EXPECT_EQ(t.params, row.params) << row.text;
    EXPECT_EQ(published_flops(t, 10), row.flops) << row.text;
  }
}

TEST(NasBench201, OtherClassesAndSizes) {
  const auto space = make_space("nasbench201");
  std::string none = kAll3x3;
  for (std::size_t at; (at = none.find("nor_conv_3x3")) != std::string::npos;)
    none.replace(at, 12, "none");
  EXPECT_EQ(totals_of(*space, none, {FormRole::kTarget, {3, 32, 32}, 100}).params, 79156);
  const Form imagenet{FormRole::kTarget, {3, 16, 16}, 120};
  EXPECT_EQ(totals_of(*space, none, imagenet).params, 80456);
  EXPECT_EQ(published_flops(totals_of(*space, none, imagenet), 120), 1953400);
  EXPECT_EQ(published_flops(totals_of(*space, kAll3x3, imagenet), 120), 55037560);
}

TEST(NasBench201, SizeAndClassesOfEquivalence) {
  const auto space = make_space("nasbench201");
  double size = 1;
  for (const auto& choice : *space->choices()) size *= choice.size();
  EXPECT_EQ(size, 15625);
  std::set<std::string> classes;
  for_each_architecture(space->choices(),
                        [&](const Architecture& a) { classes.insert(space->equivalence_key(a)); });
  EXPECT_EQ(classes.size(), 6466u);
}

TEST(NasBench201, TextsRoundTrip) {
  const auto space = make_space("nasbench201");
  int wrong = 0;
  for_each_architecture(space->choices(), [&](const Architecture& a) {
    wrong += !(space->architecture(space->genotype(a)) == a);
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(space->genotype(space->architecture(kAll3x3)), kAll3x3);
}

TEST(NasBench201, RefusesDamagedTexts) {
  const auto space = make_space("nasbench201");
  const auto failure = [&](const std::string& text) {
    return error_text([&] { space->architecture(text); });
  };
  EXPECT_THAT(failure("|nor_conv_3x3~0|+|"), testing::HasSubstr("[genotype:"));
  EXPECT_THAT(failure("|nor_conv_3x3~1|"), testing::HasSubstr("expected an operation and '~0'"));
  EXPECT_THAT(failure(std::string(kAll3x3) + "x"), testing::HasSubstr("text follows"));
  EXPECT_THAT(failure("|nor_conv_3x5~0|"), testing::HasSubstr("did you mean 'nor_conv_3x3'"));
}

TEST(NasBench201, SearchFormHasNoAffineInCells) {
  const auto space = make_space("nasbench201");
  const double target = totals_of(*space, kAll3x3).params;
  const double search = totals_of(*space, kAll3x3, {FormRole::kSearch, {3, 32, 32}, 10}).params;
  EXPECT_EQ(target - search, 5 * 6 * 2 * (16 + 32 + 64));
}

}  // namespace
}  // namespace nasmyth::test
