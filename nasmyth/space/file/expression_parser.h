#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

/// The syntax tree of an expression of a space file.
struct Expression {
  enum class Kind { kNumber, kText, kName, kIndex, kCall, kUnary, kBinary, kIf };
  Kind kind = Kind::kNumber;
  double number = 0;
  std::string text;               ///< of a text, name, function or operator
  std::vector<Expression> parts;  ///< operands; of `if`: condition, then, else
};

/// Throws kInvalidData at `where` with the character at which it stopped.
Expression parse_expression(std::string_view text, const std::string& where);

}  // namespace nasmyth
