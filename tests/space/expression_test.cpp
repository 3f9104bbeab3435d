// Expressions of space files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/space/file/space_value.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

// One width, one choice between words, a number, a list.
class Names : public NameTable {
 public:
  std::optional<SpaceValue> find(std::string_view name) const override {
    if (name == "width" || name == "stage.width") {
      SpaceValue v = SpaceValue::of(ChoiceFunction::of(0, {8, 16}, "width"));
      v.choice = 0;
      return v;
    }
    if (name == "op") {
      SpaceValue v;
      v.kind = SpaceValue::Kind::kChoice;
      v.choice = 1;
      return v;
    }
    if (name == "three") return SpaceValue::of(3);
    if (name == "list")
      return SpaceValue::of_list({SpaceValue::of(5), SpaceValue::of_word("relu")});
    return std::nullopt;
  }
  std::vector<std::string> known() const override { return {"width", "op", "three", "list"}; }
  std::vector<std::string> words() const override { return {"relu"}; }
  bool is_word(std::string_view text) const override { return text == "relu"; }
  const std::vector<Choice>& choices() const override { return choices_; }
  void spend(std::size_t) const override {}

 private:
  std::vector<Choice> choices_{value_of("width", {8, 16}), one_of("op", {"skip", "conv"})};
};

SpaceValue value(std::string_view text, bool quoted = false) {
  return evaluate(text, quoted, Names(), "f.yaml:1:1");
}
double number(std::string_view text) { return value(text).number.constant(); }
std::string failure(std::string_view text) {
  return error_text([&] { value(text); });
}

TEST(Expression, ComputesNumbers) {
  EXPECT_EQ(number("1 + 2 * three"), 7);
  EXPECT_EQ(number("-(1 - 3) * 2"), 4);
  EXPECT_EQ(number("7 // 2 + 7 % 4 + 1 / 2"), 6.5);
  EXPECT_EQ(number("max(1, three, 2) + min(4, 5)"), 7);
  EXPECT_EQ(number("round8(20) + round4(5) + round(2.6) + floor(2.6) + ceil(2.1)"),
            24 + 8 + 3 + 2 + 3);
  EXPECT_EQ(number("round(100, 12)"), 96);
  EXPECT_EQ(number("20k"), 20000);
  EXPECT_EQ(number("1 if three > 2 and not three == 4 else 0"), 1);
  EXPECT_EQ(number("if(three < 2 or three != 3, 1, 2)"), 2);
  EXPECT_EQ(number("list[0]"), 5);
  EXPECT_EQ(value("list[1]").word, "relu");
}

TEST(Expression, OnlyTheBranchThatIsTakenIsRead) {
  EXPECT_EQ(number("list[three] if three < 2 else 9"), 9);
}

TEST(Expression, FollowsChoices) {
  EXPECT_EQ(value("2 * width + 1").number, ChoiceFunction::of(0, {17, 33}));
  EXPECT_EQ(value("stage.width >= 16").number, ChoiceFunction::of(0, {0, 1}));
  EXPECT_EQ(value("op == 'conv'").number, ChoiceFunction::of(1, {0, 1}));
  EXPECT_EQ(value("op != 'conv' or width == 8").number,
            ChoiceFunction::from_table({0, 1}, {2, 2}, {1, 1, 1, 0}));
  EXPECT_EQ(value("width if op == 'skip' else 4").number,
            ChoiceFunction::from_table({0, 1}, {2, 2}, {8, 4, 16, 4}));
  EXPECT_EQ(value("width").choice, 0);
  EXPECT_EQ(value("width + 0").choice, -1);
}

TEST(Expression, WordsAreOperationsOrQuoted) {
  EXPECT_EQ(value("relu").word, "relu");
  EXPECT_EQ(value("anything", true).word, "anything");
  EXPECT_EQ(value("three", true).number.constant(), 3);
  EXPECT_THAT(failure("anything"), HasSubstr("unknown name 'anything'"));
  EXPECT_THAT(failure("relo"), HasSubstr("did you mean 'relu'?"));
  EXPECT_THAT(failure("widht * 2"), HasSubstr("did you mean 'width'?"));
}

TEST(Expression, RefusesNonsenseWithItsPlace) {
  EXPECT_EQ(failure("1 +"),
            "[f.yaml:1:1] in '1 +', character 4: expected a value; got the end; write for instance "
            "max(8, 2 * width), within {...} in quotes");
  EXPECT_THAT(failure("2 * (1 + 3"), HasSubstr("expected ')'"));
  EXPECT_THAT(failure("1 2"), HasSubstr("character 3: the expression should end here; got '2'"));
  EXPECT_THAT(failure("'open"), HasSubstr("quotation mark"));
  EXPECT_THAT(failure("relu + 1"), HasSubstr("the word 'relu' is no number"));
  EXPECT_THAT(failure("op + 1"), HasSubstr("the choice 'op' is no number"));
  EXPECT_THAT(failure("op == 'konv'"), HasSubstr("did you mean 'conv'?"));
  EXPECT_THAT(failure("list[2]"), HasSubstr("there is no element 2; the list has 2"));
  EXPECT_THAT(failure("list[width]"), HasSubstr("depends on a choice"));
  EXPECT_THAT(failure("rond8(3)"), HasSubstr("did you mean 'round8'?"));
  EXPECT_THAT(failure("round8(3, 4)"), HasSubstr("round8 takes 1 values; got 2"));
  EXPECT_THAT(failure("1 / 0"), HasSubstr("it gives the number"));
  EXPECT_THAT(failure("width / (width - 8)"), HasSubstr("it gives the number"));
  EXPECT_THAT(failure(""), HasSubstr("expected a value"));
  EXPECT_THAT(failure(std::string(2000, '1')), HasSubstr("too long"));
  EXPECT_THAT(failure(std::string(500, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(failure(std::string(500, '-') + "1"), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace nasmyth::test
