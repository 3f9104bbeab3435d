#include "nasmyth/graph/architecture.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

ChoiceSetPtr small_set() {
  Choice edge = one_of("edge", {"none", "conv", "pool"});
  edge.options[0].search_only = true;
  return std::make_shared<ChoiceSet>(
      std::vector<Choice>{edge, value_of("width", {8, 16}), subset_of("inputs", 3, 2)});
}

std::string error_text(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Choice, OneOfPicksInputByInput) {
  const Choice c = one_of("edge", {"a", "b"});
  EXPECT_EQ(c.size(), 2);
  EXPECT_EQ(c.options[1].picks, 2u);
  EXPECT_FALSE(c.ordered);
  EXPECT_EQ(c.index_of("b"), 1);
  EXPECT_EQ(c.index_of("c"), -1);
  EXPECT_EQ(c.labels(), (std::vector<std::string>{"a", "b"}));
}

TEST(Choice, SubsetsAreInOrder) {
  EXPECT_EQ(subset_of("s", 4, 2).labels(),
            (std::vector<std::string>{"0+1", "0+2", "1+2", "0+3", "1+3", "2+3"}));
  EXPECT_EQ(subset_of("s", 2, 0).labels(), (std::vector<std::string>{"none"}));
  EXPECT_EQ(subset_of("s", 5, 2).options[2].picks, 0b110u);
  EXPECT_THROW(subset_of("s", 25, 2), Error);
  EXPECT_THROW(subset_of("s", 0, 0), Error);
  EXPECT_THROW(subset_of("s", 3, 4), Error);
}

TEST(Choice, ValuesAreTheirLabels) {
  const Choice c = value_of("expansion", {1.5, 3});
  EXPECT_TRUE(c.ordered);
  EXPECT_EQ(c.labels(), (std::vector<std::string>{"1.5", "3"}));
  EXPECT_EQ(c.options[0].value, 1.5);
}

TEST(ChoiceSet, RejectsWhatIsAmbiguous) {
  EXPECT_THROW(ChoiceSet({one_of("a", {"x"}), one_of("a", {"y"})}), Error);
  EXPECT_THROW(ChoiceSet({one_of("a", {"x", "x"})}), Error);
  EXPECT_THROW(ChoiceSet({one_of("a", {})}), Error);
  EXPECT_THROW(ChoiceSet({one_of("", {"x"})}), Error);
}

TEST(ChoiceSet, HashSeesEveryPart) {
  const ChoiceSet base({one_of("a", {"x", "y"}), value_of("w", {1, 2})});
  std::set<std::uint64_t> hashes{base.hash()};
  auto differs = [&](const ChoiceSet& other) { return hashes.insert(other.hash()).second; };
  EXPECT_EQ(ChoiceSet({one_of("a", {"x", "y"}), value_of("w", {1, 2})}).hash(), base.hash());
  EXPECT_TRUE(differs(ChoiceSet({one_of("b", {"x", "y"}), value_of("w", {1, 2})})));
  EXPECT_TRUE(differs(ChoiceSet({one_of("a", {"x", "z"}), value_of("w", {1, 2})})));
  EXPECT_TRUE(differs(ChoiceSet({one_of("a", {"xy"}), value_of("w", {1, 2})})));
  EXPECT_TRUE(differs(ChoiceSet({one_of("a", {"x", "y"}), value_of("w", {1, 3})})));
  EXPECT_TRUE(differs(ChoiceSet({value_of("w", {1, 2}), one_of("a", {"x", "y"})})));
  EXPECT_TRUE(differs(ChoiceSet({one_of("a", {"x", "y"}), value_of("w", {1, 2})},
                                {ChoiceFunction::of(0, {0, kInfinity})})));
  Choice search_only = one_of("a", {"x", "y"});
  search_only.options[0].search_only = true;
  EXPECT_TRUE(differs(ChoiceSet({search_only, value_of("w", {1, 2})})));
}

TEST(ChoiceSet, UnknownNamesHaveSuggestions) {
  const auto set = small_set();
  EXPECT_EQ(set->find("width"), 1);
  EXPECT_EQ(set->find("depth"), -1);
  EXPECT_NE(error_text([&] { set->index("widht"); }).find("did you mean 'width'?"),
            std::string::npos);
}

TEST(Architecture, TextAndJsonRoundTrip) {
  const auto set = small_set();
  const auto a = Architecture(set).with("edge", "pool").with("inputs", "0+2");
  EXPECT_EQ(a.to_text(), "edge=pool;inputs=0+2");
  EXPECT_FALSE(a.complete());
  EXPECT_EQ(Architecture::parse(set, a.to_text()), a);
  EXPECT_EQ(Architecture::parse(set, " \n" + a.to_json() + "\n"), a);
  EXPECT_EQ(Architecture::from_labels(set, a.to_labels()), a);
  const auto whole = a.with("width", "16");
  EXPECT_TRUE(whole.complete());
  EXPECT_EQ(whole.label(1), "16");
  EXPECT_NE(whole, a);
  EXPECT_NE(whole.hash(), a.hash());
  EXPECT_EQ(whole.with(1, -1), a);
  EXPECT_EQ(whole.with(1, -1).hash(), a.hash());
  EXPECT_EQ(Architecture::parse(set, ""), Architecture(set));
}

TEST(Architecture, EqualSetsGiveEqualArchitectures) {
  EXPECT_EQ(Architecture(small_set()).with("width", "8"),
            Architecture(small_set()).with("width", "8"));
}

TEST(Architecture, BadTextIsAnErrorWithASuggestion) {
  const auto set = small_set();
  auto text_error = [&](const std::string& text) {
    return error_text([&] { Architecture::parse(set, text); });
  };
  EXPECT_NE(text_error("edgee=conv").find("did you mean 'edge'?"), std::string::npos);
  EXPECT_NE(text_error("edge=covn").find("did you mean 'conv'?"), std::string::npos);
  EXPECT_NE(text_error("edge").find("choice=option"), std::string::npos);
  EXPECT_NE(text_error("{\"edge\": 3}").find("no text"), std::string::npos);
  EXPECT_NE(text_error("{\"edge\"").find("[architecture"), std::string::npos);
  EXPECT_NE(text_error("{\"edge\": \"conv\", \"x\": \"y\"}").find("unknown choice 'x'"),
            std::string::npos);
  EXPECT_THROW(Architecture(set, {0, 0}), Error);
  EXPECT_THROW(Architecture(set, {0, 0, 3}), Error);
  EXPECT_THROW(Architecture(set, {0, 0, -2}), Error);
}

TEST(Architecture, AllowedObeysConstraintsAndSearchOnly) {
  const auto base = small_set();
  // Pools only at width 16.
  const auto set = std::make_shared<ChoiceSet>(
      base->choices(), std::vector<ChoiceFunction>{
                           ChoiceFunction::from_table({0, 1}, {3, 2}, {0, 0, 0, 0, kInfinity, 0})});
  const auto a = Architecture(set).with("edge", "conv").with("width", "8");
  EXPECT_TRUE(allowed(a));
  EXPECT_FALSE(allowed(a.with("edge", "pool")));
  EXPECT_TRUE(allowed(a.with("edge", "pool").with("width", "16")));
  EXPECT_TRUE(allowed(a.with("edge", "pool").with(1, -1)));
  EXPECT_FALSE(allowed(a.with("edge", "none")));
}

TEST(Architecture, RandomOnesAreAllowedAndReproducible) {
  const auto base = small_set();
  const auto set = std::make_shared<ChoiceSet>(
      base->choices(), std::vector<ChoiceFunction>{
                           ChoiceFunction::from_table({0, 1}, {3, 2}, {0, 0, 0, 0, kInfinity, 0})});
  RandomStream random(7), again(7);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto a = random_architecture(set, random);
    EXPECT_TRUE(a.complete());
    EXPECT_TRUE(allowed(a));
    EXPECT_EQ(a, random_architecture(set, again));
    seen.insert(a.to_text());
  }
  EXPECT_EQ(seen.size(), 9u);  // conv with either width, pool with one; 3 pairs of inputs
}

TEST(Architecture, ImpossibleConstraintsAreInfeasible) {
  const auto set = std::make_shared<ChoiceSet>(
      std::vector<Choice>{one_of("a", {"x", "y"})},
      std::vector<ChoiceFunction>{ChoiceFunction::of(0, {kInfinity, kInfinity})});
  RandomStream random(1);
  try {
    random_architecture(set, random);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInfeasible);
  }
}

}  // namespace
}  // namespace nasmyth
