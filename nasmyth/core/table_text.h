#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

/// A number with three significant digits and a decimal prefix, for people: "20.0 k", "1.00 M",
/// "25.0 m"; whole numbers below 1000 are printed as they are: "20".
std::string format_si(double value);

/// A length of time for people: "250 ms", "12.3 s", "4 min 05 s", "2 h 03 min", "3 d 04 h".
std::string format_duration(double seconds);

/// A share of one in per cent with two decimals: "91.50 %".
std::string format_percent(double share);

enum class Align { kLeft, kRight };

/// Rows of text in aligned columns, with a line under the titles.
class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns);

  /// Adds a row; cells that are missing stay empty. Throws kInternal for too many cells.
  void add_row(std::vector<std::string> cells);

  /// The table; each line ends with a line feed and holds no trailing spaces.
  std::string to_string() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace nasmyth
