#include "nasmyth/core/table_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

constexpr std::string_view kGap = "  ";

std::string three_digits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

std::string padded(const std::string& text, int width, Align align) {
  const std::string space(static_cast<std::size_t>(std::max(0, width - text_width(text))), ' ');
  return align == Align::kLeft ? text + space : space + text;
}

void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

std::string format_si(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  if (value < 0) return "-" + format_si(-value);
  if (value < 1000 && value == std::floor(value)) return fmt::format("{:.0f}", value);
  struct Prefix {
    double factor;
    std::string_view text;
  };
  constexpr Prefix kPrefixes[] = {{1e-9, " n"}, {1e-6, " u"}, {1e-3, " m"}, {1, ""},
                                  {1e3, " k"},  {1e6, " M"},  {1e9, " G"},  {1e12, " T"}};
  if (value < 1e-9 * 0.9995 || value >= 999.5e12) return fmt::format("{:.2e}", value);
  const Prefix* chosen = &kPrefixes[0];
  // 999.6 prints as "1.00 k", not as "1000".
  for (const Prefix& prefix : kPrefixes)
    if (value >= prefix.factor * 0.9995) chosen = &prefix;
  return three_digits(value / chosen->factor).append(chosen->text);
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  if (seconds < 0) return "-" + format_duration(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 0.0009995) return fmt::format("{} us", three_digits(seconds * 1e6));
  if (seconds < 0.9995) return fmt::format("{} ms", three_digits(seconds * 1e3));
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  if (seconds > 1e12) return fmt::format("{:.2e} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  const std::int64_t minutes = (whole + 30) / 60;
  if (minutes < 24 * 60) return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  const std::int64_t hours = (whole + 1800) / 3600;
  return fmt::format("{} d {:02} h", hours / 24, hours % 24);
}

std::string format_percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f %%", 100 * share);
  return text;
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::add_row(std::vector<std::string> cells) {
  if (cells.size() > columns_.size())
    throw Error(ErrorKind::kInternal, "table",
                std::to_string(cells.size()) + " cells for " + std::to_string(columns_.size()) +
                    " columns");
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::to_string() const {
  std::vector<int> widths;
  for (const Column& column : columns_) widths.push_back(text_width(column.title));
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c)
      widths[c] = std::max(widths[c], text_width(row[c]));

  std::string titles, rule, out;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const std::string_view gap = c == 0 ? std::string_view() : kGap;
    titles.append(gap).append(padded(columns_[c].title, widths[c], columns_[c].align));
    rule.append(gap).append(static_cast<std::size_t>(widths[c]), '-');
  }
  append_line(out, titles);
  append_line(out, rule);
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c)
      line.append(c == 0 ? std::string_view() : kGap)
          .append(padded(row[c], widths[c], columns_[c].align));
    append_line(out, line);
  }
  return out;
}

}  // namespace nasmyth
