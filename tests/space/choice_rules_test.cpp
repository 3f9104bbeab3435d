// Pinned and forbidden options, and priors.
#include "nasmyth/space/choice_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<SearchSpace> restricted(const char* space, ChoiceRules rules) {
  return restrict_space(make_space(space), rules);
}

std::string failure(const char* space, const ChoiceRules& rules) {
  return error_text([&] { restrict_space(make_space(space), rules); });
}

TEST(ChoiceRules, PatternsMatchNames) {
  EXPECT_TRUE(matches("stage1/depth", "stage1/depth"));
  EXPECT_TRUE(matches("stage1.depth", "stage1/depth"));
  EXPECT_TRUE(matches("stage*/depth", "stage12/depth"));
  EXPECT_TRUE(matches("*", "anything"));
  EXPECT_TRUE(matches("*kernel*", "stage0/layer1/kernel"));
  EXPECT_TRUE(matches("s*1*el", "stage0/layer1/kernel"));
  EXPECT_FALSE(matches("stage1/depth", "stage1/depths"));
  EXPECT_FALSE(matches("stage*/depth", "stage1/width"));
  EXPECT_FALSE(matches("", "x"));
  EXPECT_FALSE(matches(std::string(64, '*') + "b", std::string(64, 'a')));
}

TEST(ChoiceRules, LeaveFewerOptionsInBothForms) {
  const auto space = restricted("compact", {{{"stage*kernel", "5"}, {"stage0/width", "[8, 12]"}},
                                            {{"*operation", "[attention, residual]"}},
                                            {}});
  const ChoiceSet& choices = *space->choices();
  EXPECT_EQ(choices.size(), make_space("compact")->choices()->size());
  for (const auto& choice : choices) {
    if (choice.name.ends_with("kernel")) {
      EXPECT_THAT(choice.labels(), ElementsAre("5"));
    }
    EXPECT_EQ(choice.index_of("attention"), -1) << choice.name;
  }
  EXPECT_THAT(choices[choices.index("stage0/width")].labels(), ElementsAre("8", "12"));
  for (FormRole role : {FormRole::kSearch, FormRole::kTarget}) {
    const NetworkGraph graph = *space->graph(Form{role, {3, 32, 32}, 10});
    EXPECT_EQ(graph.choices()->hash(), choices.hash());
    EXPECT_EQ(count_nodes(graph, "self_attention"), 0);
    for (int c : graph.open_choices()) EXPECT_GT(choices[c].size(), 1) << choices[c].name;
  }
}

TEST(ChoiceRules, NetworksAreThoseOfTheWholeSpace) {
  const auto whole = make_space("compact");
  const auto space =
      restricted("compact", {{{"*expansion", "2"}}, {{"*operation", "mbconv_se"}}, {}});
  RandomStream random(3);
  for (int i = 0; i < 8; ++i) {
    const Architecture a = random_architecture(space->choices(), random);
    const Architecture same = whole->architecture(a.to_text());
    const Form form;
    EXPECT_EQ(space->network(a, form).structural_hash(),
              whole->network(same, form).structural_hash());
    EXPECT_EQ(totals(space->graph(form)->bind(a)), totals(whole->network(same, form)));
    EXPECT_EQ(space->architecture(same.to_json()), a);
  }
}

TEST(ChoiceRules, GenotypesStayThoseOfTheField) {
  const auto space =
      restricted("nasbench201", {{{"edge0_1", "nor_conv_3x3"}}, {{"*", "none"}}, {}});
  RandomStream random(4);
  const Architecture a = random_architecture(space->choices(), random);
  EXPECT_TRUE(space->genotype(a).starts_with("|nor_conv_3x3~0|"));
  EXPECT_EQ(space->architecture(space->genotype(a)), a);
  EXPECT_THAT(error_text([&] { space->architecture("edge0_1=none"); }),
              HasSubstr("left out by choices"));
}

TEST(ChoiceRules, NothingRestrictedIsTheSpaceItself) {
  auto space = make_space("compact");
  const SearchSpace* before = space.get();
  EXPECT_EQ(restrict_space(std::move(space), {{}, {}, {{"*operation.mbconv", "1"}}}).get(), before);
}

TEST(ChoiceRules, RefuseWhatDoesNotExist) {
  EXPECT_THAT(failure("nasbench201", {{{"edge0_4", "none"}}, {}, {}}),
              HasSubstr("[choices.pin.edge0_4] unknown choice 'edge0_4'; did you mean 'edge0_"));
  EXPECT_THAT(failure("nasbench201", {{}, {{"node*", "none"}}, {}}),
              HasSubstr("[choices.forbid.node*] unknown choice 'node*'"));
  EXPECT_THAT(failure("nasbench201", {{{"*", "nor_conv_3x5"}}, {}, {}}),
              HasSubstr("did you mean 'nor_conv_3x3'?"));
  EXPECT_THAT(failure("nasbench201", {{{"edge0_1", "[]"}}, {}, {}}),
              HasSubstr("no option is named"));
  EXPECT_THAT(failure("darts", {{{"normal/edge0_2", "none"}}, {}, {}}),
              HasSubstr("leaves no option of 'normal/edge0_2' to derive"));
  EXPECT_THAT(failure("nasbench201", {{{"edge0_1", "none"}}, {{"*", "none"}}, {}}),
              HasSubstr("leaves no option of 'edge0_1'"));
  EXPECT_THAT(failure("compact", {{{"*operation", "attention"}}, {}, {}}),
              HasSubstr("leaves no option of 'stage0/layer0/operation'"));
}

TEST(ChoiceRules, PriorsAreLogOddsOfOptions) {
  const auto space = make_space("compact");
  const ChoiceSet& choices = *space->choices();
  EXPECT_TRUE(prior_logits({}, choices).empty());
  const auto priors = prior_logits({{},
                                    {},
                                    {{"stage1/*operation.mbconv", "2"},
                                     {"stage0/layer0/expansion.1.5", "-1"},
                                     {"stage2.*kernel.5", "0.5"}}},
                                   choices);
  ASSERT_EQ(priors.size(), static_cast<std::size_t>(choices.size()));
  const auto at = [&](const char* choice, const char* option) {
    const int c = choices.index(choice);
    return priors[static_cast<std::size_t>(c)]
                 [static_cast<std::size_t>(choices[c].index_of(option))];
  };
  EXPECT_EQ(at("stage1/layer2/operation", "mbconv"), 2);
  EXPECT_EQ(at("stage1/layer2/operation", "skip"), 0);
  EXPECT_EQ(at("stage0/layer1/operation", "mbconv"), 0);
  EXPECT_EQ(at("stage0/layer0/expansion", "1.5"), -1);
  EXPECT_EQ(at("stage2/layer1/kernel", "5"), 0.5);
  const auto refused = [&](const char* key, const char* value) {
    return error_text([&] { prior_logits({{}, {}, {{key, value}}}, choices); });
  };
  EXPECT_THAT(refused("stage9/depth.1", "1"), HasSubstr("unknown choice 'stage9/depth'"));
  EXPECT_THAT(refused("*operation.mbconf", "1"), HasSubstr("did you mean 'mbconv'?"));
  EXPECT_THAT(refused("*operation.mbconv", "99"), HasSubstr("from -50 to 50"));
  EXPECT_THAT(refused("*operation.mbconv", "much"), HasSubstr("much"));
  EXPECT_THAT(refused("*operation", "1"), HasSubstr("no option is named"));
}

}  // namespace
}  // namespace nasmyth::test
