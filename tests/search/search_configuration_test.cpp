#include "nasmyth/search/search_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"

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
