// Warnings of the monitor, changes of plan, and what was decided by the clock.
#include <algorithm>
#include <set>

#include "nasmyth/core/options.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/report/words.h"

namespace nasmyth {
namespace {

constexpr std::string_view kWarning = "warning: ";

std::string list(const std::vector<std::string>& items, std::string_view classes) {
  if (items.empty()) return {};
  std::string html = "<ul class=\"" + std::string(classes) + "\">";
  for (const auto& item : items) html += "<li>" + escape_html(item) + "</li>";
  return html + "</ul>\n";
}

std::string plan_table(const RunRecord& run) {
  if (run.plan.empty()) return {};
  HtmlTable table({"decision", "what was planned"}, "compact");
  for (const auto& [name, numbers] : run.plan) {
    std::string text;
    for (const auto& [key, value] : numbers) {
      char number[32];
      std::snprintf(number, sizeof number, "%.6g", value);
      text += (text.empty() ? "" : ", ") + key + " " + number;
    }
    table.add_row({cell(name), cell(text)});
  }
  return details("What was planned by the clock (decisions.jsonl)", table.to_html());
}

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  std::vector<std::string> warnings, decisions;
  std::set<std::string> known;
  for (const auto& e : run.search)
    for (const auto& warning : e.warnings)
      if (known.insert(warning).second)
        warnings.push_back("epoch " + std::to_string(e.figures.epoch) + ": " + warning);
  for (const auto& decision : run.decisions) {
    const bool warns = decision.starts_with(kWarning);
    const std::string text = warns ? decision.substr(kWarning.size()) : decision;
    if (known.insert(text).second) (warns ? warnings : decisions).push_back(text);
  }
  for (const auto& training : run.trainings)
    for (const auto& e : training.epochs)
      if (!e.decision.empty())
        decisions.push_back("training of the " + arm_title(training.arm) + ", epoch " +
                            std::to_string(e.epoch) + ": " + e.decision);
  std::string html = warnings.empty() ? paragraph("The monitor of the search gave no warning.")
                                      : list(warnings, "warnings");
  if (run.search.empty()) html = list(warnings, "warnings");
  html +=
      decisions.empty() ? paragraph("There was no change of plan.") : list(decisions, "decisions");
  return html + plan_table(run);
}

}  // namespace

ReportSectionEntry decisions_section() {
  return {"Warnings and decisions", "warnings of the monitor, changes of plan", write};
}

}  // namespace nasmyth
