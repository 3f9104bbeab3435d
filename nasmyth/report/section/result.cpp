// What came out: accuracy, costs against the limits, comparison with the controls.
#include <cmath>
#include <cstdio>

#include "nasmyth/core/table_text.h"
#include "nasmyth/report/chart.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/report/words.h"

namespace nasmyth {
namespace {

std::string card(std::string_view title, const std::string& value, const std::string& below) {
  return "<div class=\"card\"><span>" + escape_html(title) + "</span><strong>" + value +
         "</strong>" + below + "</div>\n";
}

std::string note(std::string_view text) { return "<small>" + escape_html(text) + "</small>"; }

std::string limit_card(const ArmRecord& arm, const Limit& limit) {
  const double cost = arm.cost(limit.resource);
  if (!std::isfinite(cost)) return {};
  const bool kept = within(cost, limit);
  return card(
      resource_title(limit.resource), escape_html(format_si(cost)),
      bar(cost / limit.at_most, -1, kept ? "" : "over") +
          note((kept ? "within the limit of " : "above the limit of ") + format_si(limit.at_most)));
}

std::string cards(const RunRecord& run) {
  const ArmRecord& own = *run.own();
  std::string html = "<div class=\"cards\">\n";
  const std::int64_t images = own.test_images();
  html += card("test accuracy", percent_text(own.test_accuracy()),
               note(images > 0 ? "on " + count_text(static_cast<double>(images)) + " images" : ""));
  for (const auto& [name, value] : own.test_metrics)
    if (name == run.objective && name != "accuracy")
      html += card(metric_title(name), percent_text(value), note("the objective"));
  for (const auto& limit : run.limits) html += limit_card(own, limit);
  for (const auto& c : run.comparisons)
    html += card("against " + arm_title(c.control), escape_html(c.words),
                 note("McNemar's test, " + p_phrase(c.p_value)));
  return html + "</div>\n";
}

std::string comparison_text(const RunRecord& run, const std::string& arm) {
  for (const auto& c : run.comparisons)
    if (c.control == arm)
      return escape_html(c.words) + "<small>" + escape_html(p_phrase(c.p_value)) +
             "; right alone " + count_text(static_cast<double>(c.only_search)) + " : " +
             count_text(static_cast<double>(c.only_control)) + "</small>";
  return {};
}

std::string arms_table(const RunRecord& run) {
  std::vector<std::string> columns{"network", ">test accuracy (95 %)"};
  for (const auto& limit : run.limits)
    columns.push_back(">" + resource_title(limit.resource) + " of " + format_si(limit.at_most));
  columns.insert(columns.end(), {">search", ">training", "found network is"});
  HtmlTable table(columns, "wide");
  for (const auto& arm : run.arms) {
    std::vector<HtmlCell> row{cell(arm_title(arm.name)), raw(accuracy_html(arm))};
    for (const auto& limit : run.limits)
      row.push_back(raw(cost_html(arm.cost(limit.resource), limit)));
    row.push_back(cell(arm.search_seconds > 0 ? format_duration(arm.search_seconds) : ""));
    row.push_back(raw(escape_html(format_duration(arm.retrain_seconds)) + "<small>" +
                      std::to_string(arm.epochs) + " epochs</small>"));
    row.push_back(raw(comparison_text(run, arm.name)));
    table.add_row(std::move(row), &arm == run.own() ? "own" : "");
  }
  return table.to_html();
}

// All figures of merit and all costs.
std::string figures_table(const RunRecord& run) {
  std::vector<std::string> columns{""};
  for (const auto& arm : run.arms) columns.push_back(">" + arm_title(arm.name));
  HtmlTable table(columns, "compact");
  const auto row = [&](const std::string& name, const auto& value) {
    std::vector<HtmlCell> cells{cell(name)};
    for (const auto& arm : run.arms) cells.push_back(cell(value(arm)));
    table.add_row(std::move(cells));
  };
  for (const auto& [metric, ignored] : run.own()->test_metrics)
    row("test " + metric_title(metric),
        [&metric = metric](const ArmRecord& arm) { return percent_text(arm.metric(metric)); });
  row("test cross-entropy", [](const ArmRecord& arm) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", arm.test_loss);
    return std::string(std::isfinite(arm.test_loss) ? text : "n/a");
  });
  row("accuracy on the selection part",
      [](const ArmRecord& arm) { return percent_text(arm.selection_accuracy); });
  for (const auto& [resource, ignored] : run.own()->costs)
    row(resource_title(resource),
        [&resource = resource](const ArmRecord& arm) { return count_text(arm.cost(resource)); });
  row("candidates trained to find it", [](const ArmRecord& arm) {
    return arm.candidates > 0 ? std::to_string(arm.candidates) : "";
  });
  return details("All figures", table.to_html());
}

std::vector<Chart> charts(const RunRecord& run) {
  Chart accuracy, costs;
  accuracy.title = "Test accuracy";
  accuracy.kind = ChartKind::kHorizontalBar;
  accuracy.y.format = ChartFormat::kPercent;
  costs.title = "Costs as a share of their limits";
  costs.kind = ChartKind::kHorizontalBar;
  costs.y.format = ChartFormat::kPercent;
  costs.y.minimum = 0;
  ChartSeries values{"test accuracy", {}, 0};
  for (const auto& arm : run.arms) {
    accuracy.labels.push_back(arm_title(arm.name));
    values.values.push_back(arm.test_accuracy());
  }
  accuracy.y.minimum = axis_start(values.values);
  accuracy.series.push_back(std::move(values));
  for (const auto& limit : run.limits) {
    costs.labels.push_back(resource_title(limit.resource));
  }
  for (std::size_t a = 0; a < run.arms.size(); ++a) {
    ChartSeries shares{arm_title(run.arms[a].name), {}, static_cast<int>(a)};
    for (const auto& limit : run.limits)
      shares.values.push_back(run.arms[a].cost(limit.resource) / limit.at_most);
    costs.series.push_back(std::move(shares));
  }
  costs.limits = {{"limit", 1}};
  std::vector<Chart> both;
  if (run.arms.size() > 1) both.push_back(std::move(accuracy));
  if (!run.limits.empty()) both.push_back(std::move(costs));
  return both;
}

// Where a run stands that was not finished.
std::string state(const RunRecord& run) {
  if (run.finished()) return {};
  std::string text = "This run is not finished: ";
  if (run.arms.size() > 1) {
    text += "a control is missing.";
  } else if (!run.arms.empty()) {
    text += "the found network is trained and tested; the controls are missing.";
  } else if (!run.trainings.empty()) {
    const auto& training = run.trainings.front();
    text += "the network is being trained, " + std::to_string(training.epochs.size()) + " of " +
            std::to_string(training.epochs.empty() ? 0 : training.epochs.back().epochs) +
            " epochs are done.";
  } else if (!run.search.empty()) {
    text += "the search has done " + std::to_string(run.search.size()) + " epochs.";
  } else {
    text += "it has not finished an epoch yet.";
  }
  const std::string command = run.strategy.empty() ? "train" : "search";
  return "<p class=\"warning\">" + escape_html(text) + " This page shows what there is; " +
         "<code>nasmyth " + command + " --resume " + escape_html(run.path) +
         "</code> goes on.</p>\n";
}

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  std::string html = state(run);
  for (const auto& fault : run.faults)
    html += paragraph("A file of the run could not be read: " + fault, "warning");
  if (!run.own()) return html + paragraph("No network was tested yet.");
  html += cards(run) + arms_table(run) + figures_table(run) + side_by_side(charts(run));
  if (!run.comparisons.empty())
    html += paragraph(
        "Networks are compared on the same test images by McNemar's test: \"better\" and \"worse\" "
        "where p < 0.05, else \"not distinguishable\". All were trained by the same recipe.",
        "note");
  return html;
}

}  // namespace

ReportSectionEntry result_section() {
  return {"Result", "accuracy and costs against limits and controls", write};
}

}  // namespace nasmyth
