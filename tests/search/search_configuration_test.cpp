#include "nasmyth/search/search_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "tests/support/paths.h"

namespace nasmyth {
namespace {

SearchConfiguration read(const char* yaml) {
  return SearchConfiguration::read(Configuration::parse(yaml, "test.yaml"));
}

std::string error_of(const char* yaml) {
  try {
    read(yaml);
  } catch (const Error& e) {
    EXPECT_EQ(exit_code(e.kind()), 2);
    return e.what();
  }
  return "no error";
}

TEST(SearchConfiguration, DefaultsAreComplete) {
  const SearchConfiguration c = read("{}");
  EXPECT_EQ(c.space, "compact");
  EXPECT_EQ(c.strategy, "sampled");
  EXPECT_EQ(c.recipe, "compact");
  EXPECT_EQ(c.run.data, "fashion-mnist");
  EXPECT_TRUE(c.limits.empty());
}

TEST(SearchConfiguration, ReadsATimeLimit) {
  EXPECT_EQ(read("{}").time_limit, 0);
  EXPECT_EQ(read("time_limit: none\n").time_limit, 0);
  const SearchConfiguration c = read("time_limit: 1h30m\n");
  EXPECT_EQ(c.time_limit, 5400);
  EXPECT_EQ(read(c.to_yaml().c_str()).time_limit, 5400);
  EXPECT_THAT(error_of("time_limit: soon\n"), testing::HasSubstr("time_limit"));
}

TEST(SearchConfiguration, ResolvedTextReadsBack) {
  const SearchConfiguration c = read(
      "data: planted\nseed: 7\nspace: {name: darts, search_channels: 4}\nlimits: {params: 20k, "
      "macs: "
      "1M}\nsearch: {strategy: darts, epochs: 3}\nretrain: {epochs: 5}\ncontrols: []\n");
  const std::string text = c.to_yaml();
  const SearchConfiguration again = read(text.c_str());
  EXPECT_EQ(again.to_yaml(), text);
  EXPECT_EQ(again.run.seed, 7);
  EXPECT_EQ(again.space, "darts");
  EXPECT_EQ(again.gradient.epochs, 3);
  EXPECT_EQ(again.gradient.relaxation, "softmax");
  ASSERT_EQ(again.limits.size(), 2u);
  EXPECT_TRUE(again.run.controls.empty());
}

TEST(SearchConfiguration, RandomStrategyHasItsOwnOptions) {
  const SearchConfiguration c = read("search: {strategy: random, candidates: 4}");
  EXPECT_EQ(c.sampling.candidates, 4);
  EXPECT_EQ(read(c.to_yaml().c_str()).sampling.candidates, 4);
}

TEST(SearchConfiguration, RulesForChoicesReadBack) {
  const SearchConfiguration c = read(
      "space: {name: compact, layers: 2}\n"
      "choices:\n"
      "  pin: {\"stage0/*kernel\": 3, stage1.depth: [1, 2]}\n"
      "  forbid: {\"*operation\": [attention, residual]}\n"
      "  prior: {\"stage2/*operation\": {mbconv: 2.0}, stage0/layer0/expansion: {1.5: -1}}\n");
  const std::string text = c.to_yaml();
  const SearchConfiguration again = read(text.c_str());
  EXPECT_EQ(again.to_yaml(), text);
  EXPECT_EQ(again.choices.pin, c.choices.pin);
  EXPECT_EQ(again.choices.forbid, c.choices.forbid);
  EXPECT_EQ(again.choices.prior, c.choices.prior);
  EXPECT_EQ(c.choices.prior.at("stage0/layer0/expansion.1.5"), "-1");
  const auto space = again.build_space();
  const ChoiceSet& choices = *space->choices();
  EXPECT_EQ(choices[choices.index("stage0/layer1/kernel")].size(), 1);
  EXPECT_EQ(choices[choices.index("stage1/layer1/operation")].index_of("attention"), -1);
  EXPECT_THAT(c.choices_note(), testing::HasSubstr("fewer options in"));
  EXPECT_THAT(error_of("choices: {prior: {\"*operation\": {mbconv: 1}}}\n"
                       "search: {strategy: random, candidates: 2}"),
              testing::HasSubstr("has no logits"));
  EXPECT_THAT(error_of("choices: {pin: {\"stage7/*\": 3}}"),
              testing::HasSubstr("unknown choice 'stage7/*'"));
}

TEST(SearchConfiguration, SpaceFilesAreRecordedByTheirHash) {
  const std::string file =
      (test::source_dir() / "examples" / "spaces" / "nasbench201.yaml").string();
  const SearchConfiguration c = read(("space: {name: '" + file + "', cells: 1}").c_str());
  EXPECT_EQ(c.space_content, read_file(file));
  const std::string text = c.to_yaml();
  EXPECT_THAT(text, testing::HasSubstr("hash: " + content_hash(c.space_content)));
  EXPECT_EQ(read(text.c_str()).to_yaml(), text);
  // The content that a run kept takes the place of the file, unless it was changed.
  const Configuration recorded = Configuration::parse(text, "run");
  EXPECT_EQ(SearchConfiguration::read(recorded, c.space_content).build_space()->choices()->size(),
            6);
  EXPECT_THROW(SearchConfiguration::read(recorded, c.space_content + "\n"), Error);
}

TEST(SearchConfiguration, NonsenseIsRefusedWithASuggestion) {
  using testing::HasSubstr;
  EXPECT_THAT(error_of("sede: 1"), HasSubstr("seed"));
  EXPECT_THAT(error_of("search: {epoch: 1}"), HasSubstr("epochs"));
  EXPECT_THAT(error_of("search: {strategy: dart}"), HasSubstr("darts"));
  EXPECT_THAT(error_of("space: {name: compcat}"), HasSubstr("compact"));
  EXPECT_THAT(error_of("space: {name: darts, chanels: 3}"), HasSubstr("channels"));
  EXPECT_THAT(error_of("controls: [randon]"), HasSubstr("random"));
  EXPECT_THAT(error_of("limits: {parms: 20k}"), HasSubstr("params"));
  EXPECT_THAT(error_of("retrain: {recipe: compat}"), HasSubstr("compact"));
  EXPECT_THAT(error_of("executor: refrence"), HasSubstr("reference"));
  EXPECT_THAT(error_of("splits: {selection: 0.9, search_validation: 0.5}"), HasSubstr("splits"));
  EXPECT_THAT(error_of("search: {epochs: 0}"), HasSubstr("epochs"));
}

}  // namespace
}  // namespace nasmyth
