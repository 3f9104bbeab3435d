// The trainings of the networks, side by side.
#include <algorithm>
#include <cmath>

#include "nasmyth/core/table_text.h"
#include "nasmyth/report/chart.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/report/words.h"

namespace nasmyth {
namespace {

template <class Value>
Chart chart(const RunRecord& run, std::string title, ChartFormat format, const Value& value) {
  std::size_t longest = 0;
  for (const auto& training : run.trainings) longest = std::max(longest, training.epochs.size());
  Chart chart;
  chart.title = std::move(title);
  chart.x_title = "epoch";
  chart.labels = numbers_to(static_cast<std::int64_t>(longest));
  chart.y.format = format;
  if (format == ChartFormat::kNumber) chart.y.minimum = 0;
  for (std::size_t t = 0; t < run.trainings.size(); ++t) {
    ChartSeries s{arm_title(run.trainings[t].arm), {}, static_cast<int>(t)};
    for (const auto& e : run.trainings[t].epochs) s.values.push_back(value(e));
    chart.series.push_back(std::move(s));
  }
  return chart;
}

std::string table(const TrainingRecord& training) {
  HtmlTable table(
      {">epoch", ">loss", ">training accuracy", ">learning rate", ">gradient norm", ">time"},
      "compact");
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return cell(text);
  };
  for (const auto& e : training.epochs)
    table.add_row({cell(std::to_string(e.epoch)), number(e.loss), cell(percent_text(e.accuracy)),
                   number(e.learning_rate), number(e.gradient_norm),
                   cell(e.seconds > 0 ? format_duration(e.seconds) : "")});
  return details("All epochs of the " + arm_title(training.arm) + " as a table", table.to_html());
}

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  if (run.trainings.empty()) return {};
  std::string html = side_by_side(
      {chart(run, "Training loss", ChartFormat::kNumber, [](const auto& e) { return e.loss; }),
       chart(run, "Accuracy on augmented training images", ChartFormat::kPercent,
             [](const auto& e) { return e.accuracy; }),
       chart(run, "Learning rate", ChartFormat::kNumber,
             [](const auto& e) { return e.learning_rate; }),
       chart(run, "Norm of the gradient", ChartFormat::kNumber,
             [](const auto& e) { return e.gradient_norm; })});
  for (const auto& training : run.trainings) html += table(training);
  return html;
}

}  // namespace

ReportSectionEntry retraining_section() {
  return {"Retraining", "losses and accuracies of the trainings of all networks", write};
}

}  // namespace nasmyth
