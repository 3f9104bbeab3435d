#include "nasmyth/space/file/expression_parser.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <initializer_list>

#include "nasmyth/core/error.h"
#include "nasmyth/core/options.h"

namespace nasmyth {
namespace {

constexpr std::size_t kLongest = 1000;
constexpr int kGreatestDepth = 40;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

struct Token {
  enum class Kind { kNumber, kText, kName, kSign, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
  std::size_t at = 0;
};

/// Recursive descent, one function a level of precedence, lowest first.
class Parser {
 public:
  Parser(std::string_view text, const std::string& where) : text_(text), where_(where) {
    if (text.size() > kLongest)
      throw Error(ErrorKind::kInvalidData, where,
                  "an expression of " + std::to_string(text.size()) + " characters is too long");
    advance();
  }

  Expression whole() {
    Expression result = conditional(0);
    if (token_.kind != Token::Kind::kEnd) fail("the expression should end here");
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    const std::string found =
        token_.kind == Token::Kind::kEnd ? "the end" : "'" + token_.text + "'";
    throw Error(ErrorKind::kInvalidData, where_,
                "in '" + std::string(text_) + "', character " + std::to_string(token_.at + 1) +
                    ": " + what + "; got " + found,
                "write for instance max(8, 2 * width), within {...} in quotes");
  }

  std::size_t take_while(bool (*wanted)(char)) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
    return at_ - begin;
  }

  void advance() {
    take_while([](char c) { return c == ' ' || c == '\t' || c == '\n'; });
    token_ = {Token::Kind::kEnd, {}, at_};
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
      read_number();
    else if (is_letter(c))
      read_name();
    else if (c == '\'' || c == '"')
      read_text(c);
    else
      read_sign();
  }

  void read_number() {
    take_while([](char c) { return is_digit(c) || c == '.'; });
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
      take_while(is_digit);
    }
    if (at_ < text_.size() && std::string_view("kMG").find(text_[at_]) != std::string_view::npos)
      ++at_;
    take_token(Token::Kind::kNumber);
  }

  void read_name() {
    take_while([](char c) { return is_letter(c) || is_digit(c) || c == '.'; });
    take_token(Token::Kind::kName);
  }

  void read_text(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) {
      token_.text = text_.substr(at_);
      token_.kind = Token::Kind::kSign;
      fail("a quotation mark is not closed");
    }
    token_.kind = Token::Kind::kText;
    token_.text = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
  }

  void read_sign() {
    for (const std::string_view sign : {"//", "<=", ">=", "==", "!="})
      if (text_.substr(at_, 2) == sign) {
        at_ += 2;
        take_token(Token::Kind::kSign);
        return;
      }
    ++at_;
    take_token(Token::Kind::kSign);
  }

  void take_token(Token::Kind kind) {
    token_.kind = kind;
    token_.text = text_.substr(token_.at, at_ - token_.at);
  }

  bool next_is(std::string_view text) const {
    const bool word = is_letter(text.front());
    return token_.kind == (word ? Token::Kind::kName : Token::Kind::kSign) && token_.text == text;
  }

  bool accept(std::string_view text) {
    if (!next_is(text)) return false;
    advance();
    return true;
  }

  void expect(std::string_view text) {
    if (!accept(text)) fail("expected '" + std::string(text) + "'");
  }

  static Expression binary(std::string sign, Expression a, Expression b) {
    Expression e{Expression::Kind::kBinary, 0, std::move(sign), {}};
    e.parts.push_back(std::move(a));
    e.parts.push_back(std::move(b));
    return e;
  }

  static Expression unary(std::string sign, Expression a) {
    Expression e{Expression::Kind::kUnary, 0, std::move(sign), {}};
    e.parts.push_back(std::move(a));
    return e;
  }

  Expression conditional(int depth) {
    if (depth > kGreatestDepth) fail("it is nested too deeply");
    Expression value = any_of(depth + 1);
    if (!accept("if")) return value;
    Expression condition = any_of(depth + 1);
    expect("else");
    Expression other = conditional(depth + 1);
    Expression e{Expression::Kind::kIf, 0, "if", {}};
    e.parts.push_back(std::move(condition));
    e.parts.push_back(std::move(value));
    e.parts.push_back(std::move(other));
    return e;
  }

  template <class Operand>
  Expression chain(std::initializer_list<std::string_view> signs, Operand operand) {
    Expression left = operand();
    for (bool more = true; more;) {
      more = false;
      for (const auto sign : signs)
        if (next_is(sign)) {
          advance();
          left = binary(std::string(sign), std::move(left), operand());
          more = true;
          break;
        }
    }
    return left;
  }

  Expression any_of(int depth) {
    return chain({"or"}, [&] { return all_of(depth); });
  }
  Expression all_of(int depth) {
    return chain({"and"}, [&] { return negated(depth); });
  }
  Expression negated(int depth) {
    if (depth > kGreatestDepth) fail("it is nested too deeply");
    if (accept("not")) return unary("not", negated(depth + 1));
    return compared(depth);
  }
  Expression compared(int depth) {
    Expression left = sum(depth);
    for (const std::string_view sign : {"<=", ">=", "==", "!=", "<", ">"})
      if (accept(sign)) return binary(std::string(sign), std::move(left), sum(depth));
    return left;
  }
  Expression sum(int depth) {
    return chain({"+", "-"}, [&] { return product(depth); });
  }
  Expression product(int depth) {
    return chain({"*", "//", "/", "%"}, [&] { return signed_value(depth); });
  }
  Expression signed_value(int depth) {
    if (depth > kGreatestDepth) fail("it is nested too deeply");
    if (accept("-")) return unary("-", signed_value(depth + 1));
    return indexed(depth);
  }

  Expression indexed(int depth) {
    Expression value = primary(depth);
    while (accept("[")) {
      Expression e{Expression::Kind::kIndex, 0, "[", {}};
      e.parts.push_back(std::move(value));
      e.parts.push_back(conditional(depth + 1));
      expect("]");
      value = std::move(e);
    }
    return value;
  }

  Expression primary(int depth) {
    Expression e;
    e.text = token_.text;
    switch (token_.kind) {
      case Token::Kind::kNumber:
        e.number = parse_number(token_.text, where_);
        advance();
        return e;
      case Token::Kind::kText:
        e.kind = Expression::Kind::kText;
        advance();
        return e;
      case Token::Kind::kName:
        e.kind = Expression::Kind::kName;
        if (is_keyword(e.text) && e.text != "if") fail("expected a value");
        advance();
        return next_is("(") ? call(std::move(e), depth) : e;
      default:
        if (!accept("(")) fail("expected a value");
        e = conditional(depth + 1);
        expect(")");
        return e;
    }
  }

  static bool is_keyword(std::string_view word) {
    return word == "if" || word == "else" || word == "and" || word == "or" || word == "not";
  }

  Expression call(Expression function, int depth) {
    function.kind = Expression::Kind::kCall;
    expect("(");
    while (!next_is(")")) {
      function.parts.push_back(conditional(depth + 1));
      if (!accept(",")) break;
    }
    expect(")");
    return function;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
  Token token_;
};

}  // namespace

Expression parse_expression(std::string_view text, const std::string& where) {
  return Parser(text, where).whole();
}

}  // namespace nasmyth
