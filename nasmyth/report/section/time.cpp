// Where the time went.
#include <algorithm>

#include "nasmyth/core/table_text.h"
#include "nasmyth/report/chart.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/report/words.h"

namespace nasmyth {
namespace {

struct Stage {
  std::string name;
  double seconds;
};

double training_seconds(const RunRecord& run, const std::string& arm) {
  const TrainingRecord* training = run.training(arm);
  return training && !training->epochs.empty() ? training->epochs.back().elapsed_seconds : 0;
}

std::vector<Stage> stages(const RunRecord& run) {
  std::vector<Stage> stages;
  const auto add = [&](std::string name, double seconds) {
    if (seconds > 0) stages.push_back({std::move(name), seconds});
  };
  const double epochs = run.search.empty() ? 0 : run.search.back().figures.seconds;
  if (epochs > 0) add("search: epochs", epochs);
  if (const ArmRecord* own = run.own())
    add(epochs > 0 ? "search: derivation and ranking" : "search", own->search_seconds - epochs);
  std::vector<std::string> names;
  for (const auto& arm : run.arms) names.push_back(arm.name);
  for (const auto& training : run.trainings)
    if (std::find(names.begin(), names.end(), training.arm) == names.end())
      names.push_back(training.arm);
  for (const auto& name : names) {
    const auto arm = std::find_if(run.arms.begin(), run.arms.end(),
                                  [&](const ArmRecord& a) { return a.name == name; });
    if (arm != run.arms.end() && arm != run.arms.begin())
      add(arm_title(name) + ": search", arm->search_seconds);
    add(arm_title(name) + ": training",
        arm != run.arms.end() ? arm->retrain_seconds : training_seconds(run, name));
  }
  return stages;
}

std::string write(const ReportInput& input) {
  const std::vector<Stage> all = stages(input.run);
  if (all.empty()) return {};
  double sum = 0;
  for (const auto& stage : all) sum += stage.seconds;
  HtmlTable table({"stage", ">time", ">share", ""});
  for (const auto& stage : all)
    table.add_row({cell(stage.name), cell(format_duration(stage.seconds)),
                   cell(percent_text(stage.seconds / sum)), raw(bar(stage.seconds / sum))});
  table.add_row({cell("all of these"), cell(format_duration(sum))}, "total");
  return table.to_html() +
         paragraph("Reading data, testing and writing files are not among them.", "note");
}

}  // namespace

ReportSectionEntry time_section() { return {"Time", "time by stage", write}; }

}  // namespace nasmyth
