// Texts, size and structure of the DARTS space.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/space/darts/genotype.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

// Cells with five nodes are networks, but no architectures of the space.
bool searchable(const std::string& name) {
  return name != "NASNet" && name != "AmoebaNet" && name != "ENASNet";
}

TEST(DartsSpace, SizeIsAsPublished) {
  const auto space = make_space("darts");
  for (const char* kind : {"normal", "reduce"}) {
    double size = 1;
    for (const auto& choice : *space->choices()) {
      if (!choice.name.starts_with(kind) || !choice.name.ends_with("/inputs")) continue;
      size *= choice.size() * 7 * 7;  // two inputs, each with one of seven operations
    }
    EXPECT_EQ(size, 1037664180);
  }
  EXPECT_EQ(space->choices()->size(), 2 * (14 + 4));
  for (const auto& choice : *space->choices())
    if (choice.name.find("/edge") != std::string::npos) {
      EXPECT_EQ(choice.size(), 8);
      EXPECT_TRUE(choice.options[0].search_only);
      EXPECT_EQ(choice.options[0].label, "none");
    }
}

TEST(DartsSpace, GenotypeTextsRoundTrip) {
  const auto space = make_space("darts");
  for (const auto& name : space->published()) {
    const Genotype& cell = *find_genotype(name);
    EXPECT_EQ(parse_genotype(print_genotype(cell)), cell) << name;
    if (!searchable(name)) continue;
    const Architecture a = space->architecture(name);
    const std::string text = space->genotype(a);
    EXPECT_EQ(space->architecture(text), a) << name;
    EXPECT_EQ(space->genotype(space->architecture(text)), text) << name;
    EXPECT_EQ(space->architecture(a.to_text()), a) << name;
    EXPECT_EQ(space->architecture(a.to_json()), a) << name;
  }
}

TEST(DartsSpace, BoundArchitecturesAreTheGenotypeNetworks) {
  for (FormRole role : {FormRole::kTarget, FormRole::kSearch}) {
    const auto space = make_space(
        "darts",
        {{"channels", "8"}, {"layers", "5"}, {"search_channels", "8"}, {"search_layers", "5"}});
    const Form form{role, {3, 32, 32}, 10};
    for (const auto& name : space->published())
      if (searchable(name)) {
        EXPECT_EQ(totals(space->network(space->architecture(name), form)),
                  totals(space->network_from_text(name, form)))
            << name;
      }
  }
}

TEST(DartsSpace, PublishedTextIsUnderstood) {
  const std::string text =
      "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
      "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
      "('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), "
      "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
      "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])";
  EXPECT_EQ(parse_genotype(text), *find_genotype("DARTS_V2"));
  EXPECT_EQ(make_space("darts")->architecture(text), make_space("darts")->architecture("DARTS_V2"));
}

TEST(DartsSpace, RefusesWhatIsNoArchitecture) {
  const auto space = make_space("darts");
  const auto failure = [&](const std::string& text) {
    return error_text([&] { space->architecture(text); });
  };
  EXPECT_THAT(failure("DARTS_V3"), HasSubstr("did you mean 'DARTS_V"));
  EXPECT_THAT(failure("NASNet"), HasSubstr("can be counted, trained and exported, not searched"));
  EXPECT_THAT(failure("Genotype(normal=[('sep_conv_3x3', 0"), HasSubstr("[genotype:"));
  EXPECT_THAT(failure("Genotype(normla=[])"), HasSubstr("unknown member 'normla'"));
  EXPECT_THAT(failure("normal/edge0_2=sep_conv_3x4"), HasSubstr("did you mean 'sep_conv_3x3'"));
  EXPECT_THAT(error_text([&] {
                space->network_from_text(
                    "Genotype(normal=[('sep_conv_3x3', 7), ('sep_conv_3x3', 1)], "
                    "normal_concat=[2], reduce=[], reduce_concat=[2])",
                    Form{});
              }),
              HasSubstr("state 7 is read before it exists"));
}

TEST(DartsSpace, ChoicesOfUnusedEdgesDoNotCount) {
  const auto space = make_space("darts");
  const Architecture a = space->architecture("DARTS_V2");
  EXPECT_EQ(space->equivalence_key(a),
            space->equivalence_key(a.with("normal/edge2_3", "sep_conv_5x5")));
  EXPECT_NE(space->equivalence_key(a),
            space->equivalence_key(a.with("normal/edge0_2", "sep_conv_5x5")));
}

TEST(DartsSpace, DropPathFollowsOperationsOfTheTargetForm) {
  const auto drops = [](const OptionMap& options, FormRole role) {
    return count_nodes(
        make_space("darts", options)->network_from_text("DARTS_V2", Form{role, {3, 32, 32}, 10}),
        "drop_path");
  };
  // DARTS_V2: of eight operations two are skips in the normal cell and three, none strided, in the
  // reduction cell.
  EXPECT_EQ(drops({{"layers", "20"}}, FormRole::kTarget), 18 * 6 + 2 * 5);
  EXPECT_EQ(drops({{"drop_path", "false"}}, FormRole::kTarget), 0);
  EXPECT_EQ(drops({}, FormRole::kSearch), 0);
}

}  // namespace
}  // namespace nasmyth::test
