#include "nasmyth/report/html.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "nasmyth/core/error.h"
#include "nasmyth/core/table_text.h"

namespace nasmyth {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kThinSpace = "\xe2\x80\xaf";    // U+202F, does not break

// Bytes of the UTF-8 character at `i`; 0 where there is none.
std::size_t character_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char first = byte(i);
  const std::size_t length = first < 0x80                     ? 1
                             : first >= 0xc2 && first <= 0xdf ? 2
                             : (first & 0xf0) == 0xe0         ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((byte(i + k) & 0xc0) != 0x80) return 0;
  if (length == 3) {  // no overlong form, no surrogate
    if (first == 0xe0 && byte(i + 1) < 0xa0) return 0;
    if (first == 0xed && byte(i + 1) > 0x9f) return 0;
  }
  if (length == 4 &&
      ((first == 0xf0 && byte(i + 1) < 0x90) || (first == 0xf4 && byte(i + 1) > 0x8f)))
    return 0;
  return length;
}

std::string class_attribute(std::string_view classes) {
  return classes.empty() ? std::string() : " class=\"" + std::string(classes) + "\"";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    const char c = text[i];
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    if (length == 0 || control || c == 0x7f) {
      out += kReplacement;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

HtmlCell cell(std::string_view text, std::string_view classes) {
  return {escape_html(text), std::string(classes)};
}

HtmlCell raw(std::string html, std::string_view classes) {
  return {std::move(html), std::string(classes)};
}

HtmlTable::HtmlTable(std::vector<std::string> columns, std::string_view classes)
    : columns_(std::move(columns)), classes_(classes) {}

void HtmlTable::add_row(std::vector<HtmlCell> cells, std::string_view classes) {
  if (cells.size() > columns_.size())
    throw Error(ErrorKind::kInternal, "HtmlTable", "a row has more cells than there are columns");
  rows_.push_back({std::move(cells), std::string(classes)});
}

std::string HtmlTable::to_html() const {
  std::string html = "<div class=\"scroll\"><table" + class_attribute(classes_) + ">\n<thead><tr>";
  const auto right = [&](std::size_t c) { return columns_[c].starts_with(">"); };
  for (std::size_t c = 0; c < columns_.size(); ++c)
    html += std::string("<th scope=\"col\"") + (right(c) ? " class=\"number\">" : ">") +
            escape_html(std::string_view(columns_[c]).substr(right(c) ? 1 : 0)) + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : rows_) {
    html += "<tr" + class_attribute(row.classes) + ">";
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const HtmlCell empty;
      const HtmlCell& cell = c < row.cells.size() ? row.cells[c] : empty;
      const std::string tag = c == 0 ? "th scope=\"row\"" : "td";
      std::string classes = cell.classes;
      if (right(c)) classes += classes.empty() ? "number" : " number";
      html += "<" + tag + class_attribute(classes) +
              (cell.title.empty() ? "" : " title=\"" + escape_html(cell.title) + "\"") + ">" +
              cell.html + (c == 0 ? "</th>" : "</td>");
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string paragraph(std::string_view text, std::string_view classes) {
  return "<p" + class_attribute(classes) + ">" + escape_html(text) + "</p>\n";
}

std::string heading(std::string_view text) { return "<h3>" + escape_html(text) + "</h3>\n"; }

std::string details(std::string_view summary, std::string_view html, bool open) {
  return std::string("<details") + (open ? " open" : "") + "><summary>" + escape_html(summary) +
         "</summary>\n" + std::string(html) + "</details>\n";
}

std::string bar(double share, double mark, std::string_view classes) {
  const auto width = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f%%", 100 * std::clamp(value, 0.0, 1.0));
    return std::string(text);
  };
  std::string html = "<span class=\"bar" + (classes.empty() ? "" : " " + std::string(classes)) +
                     "\"><i style=\"width:" + width(std::isfinite(share) ? share : 0) + "\"></i>";
  if (mark >= 0) html += "<b style=\"left:" + width(mark) + "\"></b>";
  return html + "</span>";
}

std::string percent_text(double share) {
  return std::isfinite(share) ? format_percent(share) : "n/a";
}

std::string count_text(double value) {
  if (!std::isfinite(value)) return "n/a";
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.0f", value);
  const std::string plain = digits;
  const std::size_t sign = plain.starts_with("-") ? 1 : 0;
  std::string text = plain.substr(0, sign);
  for (std::size_t i = sign; i < plain.size(); ++i) {
    if (i > sign && (plain.size() - i) % 3 == 0) text += kThinSpace;
    text += plain[i];
  }
  return text;
}

}  // namespace nasmyth
