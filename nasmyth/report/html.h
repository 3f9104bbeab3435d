#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

/// Text as the content of an HTML element or of an attribute in quotes. Bytes that are no UTF-8
/// become U+FFFD, control characters but white space too.
std::string escape_html(std::string_view text);

/// A cell of a table: HTML, with what sets it apart. Made from text by `cell`, from HTML by `raw`.
struct HtmlCell {
  std::string html;
  std::string classes = {};  ///< of its element, separated by blanks; no text of users
  std::string title = {};    ///< shown when the pointer rests on it; plain text
};
HtmlCell cell(std::string_view text, std::string_view classes = {});
HtmlCell raw(std::string html, std::string_view classes = {});

/// A table. Columns are named by plain text; a name that begins with '>' aligns right, as numbers
/// want it.
class HtmlTable {
 public:
  explicit HtmlTable(std::vector<std::string> columns, std::string_view classes = {});
  /// Missing cells stay empty; the first one of a row is its heading.
  void add_row(std::vector<HtmlCell> cells, std::string_view classes = {});
  bool empty() const { return rows_.empty(); }
  std::string to_html() const;

 private:
  struct Row {
    std::vector<HtmlCell> cells;
    std::string classes;
  };
  std::vector<std::string> columns_;
  std::string classes_;
  std::vector<Row> rows_;
};

/// A paragraph of plain text.
std::string paragraph(std::string_view text, std::string_view classes = {});
/// A heading below that of a section.
std::string heading(std::string_view text);
/// A part that is folded up until it is wanted; on paper it is open. `summary` is plain text.
std::string details(std::string_view summary, std::string_view html, bool open = false);
/// A horizontal bar of `share` (in [0, 1]) of its place, `mark` a line in it; negative: none.
/// `classes`: "over" for one beyond its limit.
std::string bar(double share, double mark = -1, std::string_view classes = {});

/// A share of one as "91.50 %", "n/a" where it is no number.
std::string percent_text(double share);
/// A count with thin spaces between groups of three digits: "19 366".
std::string count_text(double value);

}  // namespace nasmyth
