// How the architecture was taken from the search: exact selection, ranking, finalists.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "nasmyth/core/options.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"

namespace nasmyth {
namespace {

constexpr std::size_t kShown = 10;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return std::isfinite(value) ? text : "n/a";
}

// "a=1;b=2" as its parts.
std::vector<std::string> parts(const std::string& architecture) {
  std::vector<std::string> parts;
  std::istringstream text(architecture);
  for (std::string part; std::getline(text, part, ';');) parts.push_back(part);
  return parts;
}

// What a candidate has that the first one has not.
std::string differences(const std::string& first, const std::string& other) {
  const std::vector<std::string> own = parts(first);
  std::string text;
  for (const auto& part : parts(other))
    if (std::find(own.begin(), own.end(), part) == own.end())
      text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string table(const DerivationRecord& d, std::size_t first, std::size_t last) {
  const bool finalists =
      std::any_of(d.candidates.begin(), d.candidates.end(),
                  [](const CandidateRecord& c) { return c.short_training >= 0; });
  std::vector<std::string> columns{">rank", ">score", ">validation, shared weights"};
  if (finalists) columns.emplace_back(">short training");
  columns.emplace_back("choices that differ from the first");
  HtmlTable table(std::move(columns), "compact");
  const auto share = [](double value) { return cell(value >= 0 ? percent_text(value) : ""); };
  for (std::size_t i = first; i < last; ++i) {
    const CandidateRecord& c = d.candidates[i];
    std::vector<HtmlCell> row{cell(std::to_string(i + 1)), cell(number(c.score)),
                              share(c.validation)};
    if (finalists) row.push_back(share(c.short_training));
    row.push_back(cell(i == 0 ? "the one that was taken"
                              : differences(d.candidates.front().architecture, c.architecture),
                       "long"));
    table.add_row(std::move(row), i == 0 ? "own" : "");
  }
  return table.to_html();
}

std::string write(const ReportInput& input) {
  if (!input.run.derivation) return {};
  const DerivationRecord& d = *input.run.derivation;
  std::string text =
      "The best architecture within the limits by the architecture parameters has the "
      "score " +
      number(d.score);
  text += d.proven
              ? ", which is proved to be the greatest."
              : "; none has more than " + number(d.upper_bound) + " (gap " + number(d.gap) + ").";
  if (d.candidates.size() > 1)
    text += " " + std::to_string(d.candidates.size()) +
            " candidates within the limits were ranked; the first one was taken.";
  std::string html = paragraph(text);
  const std::size_t n = d.candidates.size();
  if (n == 0) return html;
  html += table(d, 0, std::min(n, kShown));
  if (n > kShown) html += details("The other " + std::to_string(n - kShown), table(d, kShown, n));
  return html;
}

}  // namespace

ReportSectionEntry derivation_section() {
  return {"Derivation", "the candidates that were ranked, and why the first was taken", write};
}

}  // namespace nasmyth
