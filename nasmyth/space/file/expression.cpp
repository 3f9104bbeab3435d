// Values of expressions: the tree of expression_parser over choice functions.
#include <algorithm>
#include <cmath>
#include <map>

#include "nasmyth/core/error.h"
#include "nasmyth/core/options.h"
#include "nasmyth/space/file/expression_parser.h"
#include "nasmyth/space/file/space_value.h"

namespace nasmyth {
namespace {

constexpr std::size_t kGreatestTable = 4096;
constexpr std::size_t kLongestSource = 60;

using Binary = double (*)(double, double);

double modulo(double a, double b) { return a - b * std::floor(a / b); }

const std::map<std::string, Binary, std::less<>>& arithmetic() {
  static const std::map<std::string, Binary, std::less<>> kOperators{
      {"+", [](double a, double b) { return a + b; }},
      {"-", [](double a, double b) { return a - b; }},
      {"*", [](double a, double b) { return a * b; }},
      {"/", [](double a, double b) { return a / b; }},
      {"//", [](double a, double b) { return std::floor(a / b); }},
      {"%", &modulo},
      {"<", [](double a, double b) { return double(a < b); }},
      {"<=", [](double a, double b) { return double(a <= b); }},
      {">", [](double a, double b) { return double(a > b); }},
      {">=", [](double a, double b) { return double(a >= b); }},
      {"==", [](double a, double b) { return double(a == b); }},
      {"!=", [](double a, double b) { return double(a != b); }},
      {"and", [](double a, double b) { return double(a != 0 && b != 0); }},
      {"or", [](double a, double b) { return double(a != 0 || b != 0); }},
      {"max", [](double a, double b) { return std::max(a, b); }},
      {"min", [](double a, double b) { return std::min(a, b); }}};
  return kOperators;
}

// The rounding of mobile networks to a multiple: at least one, and not below 0.9 of the value.
double round_to(double value, double multiple) {
  const double rounded =
      std::max(multiple, multiple * std::floor((value + multiple / 2) / multiple));
  return rounded < 0.9 * value ? rounded + multiple : rounded;
}

const std::vector<std::string>& function_names() {
  static const std::vector<std::string> kNames{"max",    "min",   "round", "round4",
                                               "round8", "floor", "ceil",  "if"};
  return kNames;
}

class Evaluator {
 public:
  Evaluator(const NameTable& names, std::string_view text, const std::string& where)
      : names_(names), text_(text), where_(where) {}

  SpaceValue value(const Expression& e) const {
    switch (e.kind) {
      case Expression::Kind::kNumber:
        return SpaceValue::of(e.number);
      case Expression::Kind::kText:
        return SpaceValue::of_word(e.text);
      case Expression::Kind::kName:
        return name(e.text);
      case Expression::Kind::kIndex:
        return element(value(e.parts[0]), number(e.parts[1]));
      case Expression::Kind::kCall:
        return call(e);
      case Expression::Kind::kUnary: {
        const ChoiceFunction x = number(e.parts[0]);
        return SpaceValue::of(e.text == "-" ? apply(0, x, arithmetic().at("-"))
                                            : apply(x, 0, arithmetic().at("==")));
      }
      case Expression::Kind::kBinary:
        return binary(e);
      case Expression::Kind::kIf:
        return chosen(e);
    }
    return {};
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::string_view remedy = {}) const {
    throw Error(ErrorKind::kInvalidData, where_, "in '" + std::string(text_) + "': " + what,
                remedy);
  }

  SpaceValue name(const std::string& text) const {
    if (auto found = names_.find(text)) return std::move(*found);
    if (names_.is_word(text)) return SpaceValue::of_word(text);
    std::vector<std::string> known = names_.known();
    const std::vector<std::string> words = names_.words();
    if (nearest_name(text, known).empty() && !nearest_name(text, words).empty())
      throw unknown_name(where_, "name", text, words);
    throw unknown_name(where_, "name", text, known);
  }

  ChoiceFunction number(const Expression& e) const { return as_number(value(e)); }

  ChoiceFunction as_number(const SpaceValue& v) const {
    if (!v.is_number()) fail(describe(v, names_.choices()) + " is no number");
    return v.number;
  }

  ChoiceFunction apply(const ChoiceFunction& a, const ChoiceFunction& b, Binary f) const {
    std::map<int, int> dims;
    for (const auto* t : {&a, &b})
      for (std::size_t i = 0; i < t->scope().size(); ++i) dims[t->scope()[i]] = t->dims()[i];
    std::size_t entries = 1;
    for (const auto& [choice, size] : dims) {
      entries *= static_cast<std::size_t>(size);
      if (entries > kGreatestTable)
        fail("it depends on too many choices at once", "let it read fewer choices");
    }
    names_.spend(entries);
    ChoiceFunction result = combine(a.with_source({}), b.with_source({}), f);
    for (double v : result.values())
      if (!std::isfinite(v) || std::abs(v) > 1e12) fail("it gives the number " + print_number(v));
    return result;
  }

  SpaceValue element(const SpaceValue& list, const ChoiceFunction& index) const {
    if (list.kind != SpaceValue::Kind::kList)
      fail(describe(list, names_.choices()) + " is no list");
    if (!index.is_constant()) fail("the index of a list depends on a choice");
    const double i = index.constant();
    if (i != std::floor(i) || i < 0 || i >= static_cast<double>(list.items.size()))
      fail("there is no element " + print_number(i) + "; the list has " +
               std::to_string(list.items.size()),
           "count from 0");
    return list.items[static_cast<std::size_t>(i)];
  }

  SpaceValue binary(const Expression& e) const {
    const SpaceValue a = value(e.parts[0]), b = value(e.parts[1]);
    if (!a.is_number() || !b.is_number()) {
      if (e.text == "==") return SpaceValue::of(same(a, b));
      if (e.text == "!=") return SpaceValue::of(apply(same(a, b), 0, arithmetic().at("==")));
    }
    return SpaceValue::of(apply(as_number(a), as_number(b), arithmetic().at(e.text)));
  }

  // 1 where two words, choices or a choice and a word agree.
  ChoiceFunction same(const SpaceValue& a, const SpaceValue& b) const {
    using Kind = SpaceValue::Kind;
    if (a.kind == Kind::kWord && b.kind == Kind::kWord) return a.word == b.word;
    if (a.kind == Kind::kChoice && b.kind == Kind::kWord) return is_label(a.choice, b.word, true);
    if (a.kind == Kind::kWord && b.kind == Kind::kChoice) return is_label(b.choice, a.word, true);
    if (a.kind == Kind::kChoice && b.kind == Kind::kChoice) {
      ChoiceFunction any = 0;
      for (const auto& label : choice(a.choice).labels())
        any = apply(any,
                    apply(is_label(a.choice, label, false), is_label(b.choice, label, false),
                          arithmetic().at("and")),
                    arithmetic().at("or"));
      return any;
    }
    fail(describe(a, names_.choices()) + " cannot be compared with " +
         describe(b, names_.choices()));
  }

  const Choice& choice(int index) const {
    return names_.choices()[static_cast<std::size_t>(index)];
  }

  ChoiceFunction is_label(int index, const std::string& label, bool must_exist) const {
    const Choice& c = choice(index);
    if (must_exist && c.index_of(label) < 0)
      throw unknown_name(where_, "option of '" + c.name + "'", label, c.labels());
    std::vector<double> values;
    for (const auto& option : c.options) values.push_back(option.label == label);
    return ChoiceFunction::of(index, std::move(values));
  }

  SpaceValue chosen(const Expression& e) const {
    const ChoiceFunction condition = number(e.parts[0]);
    if (condition.is_constant()) return value(e.parts[condition.constant() != 0 ? 1 : 2]);
    const ChoiceFunction yes = apply(condition, 0, arithmetic().at("!="));
    const ChoiceFunction no = apply(condition, 0, arithmetic().at("=="));
    const Binary times = arithmetic().at("*");
    return SpaceValue::of(apply(apply(yes, number(e.parts[1]), times),
                                apply(no, number(e.parts[2]), times), arithmetic().at("+")));
  }

  SpaceValue call(const Expression& e) const {
    const auto need = [&](std::size_t least, std::size_t most) {
      if (e.parts.size() < least || e.parts.size() > most)
        fail(e.text + " takes " + std::to_string(least) +
             (most == least ? ""
              : most > 99   ? " or more"
                            : " to " + std::to_string(most)) +
             " values; got " + std::to_string(e.parts.size()));
    };
    if (e.text == "max" || e.text == "min") {
      need(1, 1000);
      ChoiceFunction x = number(e.parts[0]);
      for (std::size_t i = 1; i < e.parts.size(); ++i)
        x = apply(x, number(e.parts[i]), arithmetic().at(e.text));
      return SpaceValue::of(std::move(x));
    }
    if (e.text == "if") {
      need(3, 3);
      return chosen(e);
    }
    if (e.text == "round") {
      need(1, 2);
      if (e.parts.size() == 2)
        return SpaceValue::of(apply(number(e.parts[0]), number(e.parts[1]), &round_to));
    } else {
      need(1, 1);
    }
    return SpaceValue::of(apply(number(e.parts[0]), 0, rounding(e.text)));
  }

  Binary rounding(const std::string& function) const {
    if (function == "round") return [](double a, double) { return std::floor(a + 0.5); };
    if (function == "round4") return [](double a, double) { return round_to(a, 4); };
    if (function == "round8") return [](double a, double) { return round_to(a, 8); };
    if (function == "floor") return [](double a, double) { return std::floor(a); };
    if (function == "ceil") return [](double a, double) { return std::ceil(a); };
    throw unknown_name(where_, "function", function, function_names());
  }

  const NameTable& names_;
  std::string_view text_;
  const std::string& where_;
};

bool is_lone_word(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::string describe(const SpaceValue& value, const std::vector<Choice>& choices) {
  switch (value.kind) {
    case SpaceValue::Kind::kNumber:
      return value.number.is_constant() ? "the number " + print_number(value.number.constant())
                                        : "a number that depends on a choice";
    case SpaceValue::Kind::kWord:
      return "the word '" + value.word.substr(0, 40) + "'";
    case SpaceValue::Kind::kList:
      return "a list of " + std::to_string(value.items.size());
    case SpaceValue::Kind::kChoice:
      return "the choice '" + choices[static_cast<std::size_t>(value.choice)].name + "'";
  }
  return {};
}

SpaceValue evaluate(std::string_view text, bool quoted, const NameTable& names,
                    const std::string& where) {
  names.spend(1 + text.size() / 16);
  if (quoted && is_lone_word(text) && !names.find(text))
    return SpaceValue::of_word(std::string(text));
  const Expression tree = parse_expression(text, where);
  SpaceValue result = Evaluator(names, text, where).value(tree);
  const bool computed = tree.kind != Expression::Kind::kName;
  if (result.is_number() && computed && !result.number.is_constant())
    result.number = result.number.with_source(
        std::string(text.size() <= kLongestSource ? text : std::string_view()));
  if (computed) result.choice = result.kind == SpaceValue::Kind::kChoice ? result.choice : -1;
  return result;
}

}  // namespace nasmyth
