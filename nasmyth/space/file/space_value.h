#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nasmyth/graph/choice_set.h"

namespace nasmyth {

/// What a name or an expression of a space file stands for.
struct SpaceValue {
  enum class Kind {
    kNumber,  ///< a number, or a function of choices
    kWord,    ///< a text
    kList,    ///< of values
    kChoice,  ///< a choice between words
  };
  Kind kind = Kind::kNumber;
  ChoiceFunction number;
  std::string word;
  std::vector<SpaceValue> items;
  int choice = -1;  ///< of kChoice, and of a number that is just the value of a choice

  static SpaceValue of(ChoiceFunction number) {
    SpaceValue v;
    v.number = std::move(number);
    return v;
  }
  static SpaceValue of_word(std::string word) {
    SpaceValue v;
    v.kind = Kind::kWord;
    v.word = std::move(word);
    return v;
  }
  static SpaceValue of_list(std::vector<SpaceValue> items) {
    SpaceValue v;
    v.kind = Kind::kList;
    v.items = std::move(items);
    return v;
  }
  bool is_number() const { return kind == Kind::kNumber; }
  bool is_constant() const { return is_number() && number.is_constant(); }
};

/// "the number 3", "the word 'relu'", "a list of 3", "the choice 'op'": for messages.
std::string describe(const SpaceValue& value, const std::vector<Choice>& choices);

/// Where expressions find what names stand for.
class NameTable {
 public:
  virtual ~NameTable() = default;
  virtual std::optional<SpaceValue> find(std::string_view name) const = 0;
  /// Names for suggestions, and words that mean themselves.
  virtual std::vector<std::string> known() const = 0;
  virtual std::vector<std::string> words() const = 0;
  /// A bare word that is no name but means itself: an operation, `none`.
  virtual bool is_word(std::string_view text) const = 0;
  virtual const std::vector<Choice>& choices() const = 0;
  /// Counts `work` table entries against what one file may use; throws beyond it.
  virtual void spend(std::size_t work) const = 0;
};

/// The value of an expression: numbers, names, 'words', + - * / // %, comparisons, and, or, not,
/// `a if c else b`, list[i], max min round round4 round8 floor ceil if. Truth is 1, falsehood 0.
/// A name joined by dots (`stage0.width`) is looked up as it stands. `where` is the place for
/// errors, `quoted` makes a lone word that is no name a word. Throws kUnknownName and
/// kInvalidData.
SpaceValue evaluate(std::string_view expression, bool quoted, const NameTable& names,
                    const std::string& where);

}  // namespace nasmyth
