// The search, epoch by epoch: losses, accuracies, how much is decided, expected costs.
#include <algorithm>
#include <cmath>

#include "nasmyth/report/chart.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/report/words.h"

namespace nasmyth {
namespace {

using Epochs = std::vector<SearchEpochRecord>;

Chart chart_of(const Epochs& epochs, std::string title, ChartFormat format) {
  Chart chart;
  chart.title = std::move(title);
  for (const auto& e : epochs) chart.labels.push_back(std::to_string(e.figures.epoch));
  chart.x_title = "epoch";
  chart.y.format = format;
  return chart;
}

template <class Value>
ChartSeries series(const Epochs& epochs, std::string name, int color, const Value& value) {
  ChartSeries s{std::move(name), {}, color};
  for (const auto& e : epochs) s.values.push_back(value(e));
  return s;
}

Chart losses(const Epochs& epochs) {
  Chart chart = chart_of(epochs, "Loss of the supernet", ChartFormat::kNumber);
  chart.series = {
      series(epochs, "search-train", 0, [](const auto& e) { return e.figures.train_loss; }),
      series(epochs, "search-validation", 1,
             [](const auto& e) { return e.figures.validation_loss; })};
  return chart;
}

Chart accuracies(const Epochs& epochs) {
  Chart chart = chart_of(epochs, "Accuracy of the supernet", ChartFormat::kPercent);
  chart.series = {
      series(epochs, "search-train", 0, [](const auto& e) { return e.figures.train_accuracy; }),
      series(epochs, "search-validation", 1,
             [](const auto& e) { return e.figures.validation_accuracy; })};
  return chart;
}

Chart decidedness(const Epochs& epochs) {
  Chart chart = chart_of(epochs, "How much is decided", ChartFormat::kPercent);
  chart.y.minimum = 0;
  chart.y.maximum = 1;
  chart.series = {
      series(epochs, "entropy of the choices", 0, [](const auto& e) { return e.figures.entropy; }),
      series(epochs, "choices led by a skip", 3, [](const auto& e) { return e.skip_share; })};
  return chart;
}

Chart changes(const Epochs& epochs) {
  Chart chart = chart_of(epochs, "Choices whose leading option changed", ChartFormat::kNumber);
  chart.kind = ChartKind::kBar;
  chart.y.minimum = 0;
  chart.series = {series(epochs, "changed leaders", 2, [](const auto& e) {
    return std::isfinite(e.skip_share) ? static_cast<double>(e.changed_leaders) : std::nan("");
  })};
  return chart;
}

Chart schedule(const Epochs& epochs) {
  Chart chart = chart_of(epochs, "Schedules", ChartFormat::kNumber);
  chart.y.title = "learning rate";
  chart.right.title = "temperature";
  chart.y.minimum = chart.right.minimum = 0;
  ChartSeries rate =
      series(epochs, "learning rate", 0, [](const auto& e) { return e.figures.learning_rate; });
  ChartSeries temperature =
      series(epochs, "temperature", 1, [](const auto& e) { return e.figures.temperature; });
  temperature.right = true;
  chart.series = {std::move(rate), std::move(temperature)};
  return chart;
}

Chart expected_costs(const RunRecord& run) {
  Chart chart =
      chart_of(run.search, "Expected costs as a share of their limits", ChartFormat::kPercent);
  chart.y.minimum = 0;
  int color = 0;
  for (const auto& limit : run.limits)
    chart.series.push_back(
        series(run.search, resource_title(limit.resource), color++, [&](const auto& e) {
          for (const auto& [resource, cost] : e.figures.expected_costs)
            if (resource == limit.resource) return cost / limit.at_most;
          return std::nan("");
        }));
  chart.limits = {{"limit", 1}};
  return chart;
}

std::string table(const RunRecord& run) {
  std::vector<std::string> columns{">epoch",           ">train loss",          ">train accuracy",
                                   ">validation loss", ">validation accuracy", ">entropy",
                                   ">led by a skip",   ">changed leaders"};
  for (const auto& limit : run.limits)
    columns.push_back(">expected " + resource_title(limit.resource));
  HtmlTable table(columns, "compact");
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", value);
    return cell(std::isfinite(value) ? text : "");
  };
  const auto share = [](double value) {
    return cell(std::isfinite(value) ? percent_text(value) : "");
  };
  for (const auto& e : run.search) {
    const SearchEpoch& f = e.figures;
    std::vector<HtmlCell> row{
        cell(std::to_string(f.epoch)), number(f.train_loss),
        share(f.train_accuracy),       number(f.validation_loss),
        share(f.validation_accuracy),  share(f.entropy),
        share(e.skip_share),           cell(std::to_string(e.changed_leaders))};
    for (const auto& limit : run.limits) {
      double expected = std::nan("");
      for (const auto& [resource, cost] : f.expected_costs)
        if (resource == limit.resource) expected = cost;
      row.push_back(cell(std::isfinite(expected) ? count_text(expected) : ""));
    }
    table.add_row(std::move(row));
  }
  return details("All epochs as a table", table.to_html());
}

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  if (run.search.empty()) return {};
  std::vector<Chart> charts{losses(run.search), accuracies(run.search)};
  if (!run.limits.empty()) charts.push_back(expected_costs(run));
  charts.push_back(decidedness(run.search));
  charts.push_back(changes(run.search));
  charts.push_back(schedule(run.search));
  return side_by_side(charts) + table(run);
}

}  // namespace

ReportSectionEntry search_section() {
  return {"Search", "losses, accuracies, entropy, skips and expected costs, epoch by epoch", write};
}

}  // namespace nasmyth
