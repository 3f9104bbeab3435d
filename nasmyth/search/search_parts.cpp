#include "nasmyth/search/search_parts.h"

#include <algorithm>

#include "nasmyth/core/clock.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/supernet/rewrites.h"

namespace nasmyth {
namespace {

constexpr const char* kFallbackData = "planted";

std::vector<std::unique_ptr<ExpectedCost>> expected_costs(const SearchParts& p) {
  std::vector<std::unique_ptr<ExpectedCost>> costs;
  for (const auto& limit : p.configuration.limits)
    costs.push_back(std::make_unique<ExpectedCost>(p.open_target, p.operations,
                                                   *make_resource_model(limit.resource)));
  return costs;
}

std::vector<CostPenalty> penalties(const std::vector<Limit>& limits,
                                   const std::vector<std::unique_ptr<ExpectedCost>>& expected) {
  std::vector<CostPenalty> all;
  for (std::size_t i = 0; i < limits.size(); ++i)
    all.push_back({limits[i].resource, limits[i].at_most, expected[i].get()});
  return all;
}

}  // namespace

std::vector<std::string> data_notes(const DatasetPair& data) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> notes = data.remarks;
  for (std::size_t i = 0; i < std::min(kShown, data.faults.size()); ++i)
    notes.push_back("left out: " + data.faults[i]);
  if (data.faults.size() > kShown)
    notes.push_back("and " + std::to_string(data.faults.size() - kShown) +
                    " more faults, which `nasmyth data inspect` names");
  return notes;
}

SearchParts::SearchParts(SearchConfiguration c, ProgressSink& sink)
    : configuration(std::move(c)),
      begun(SystemClock().now_seconds()),
      progress(sink),
      operations(builtin_operations()),
      space(configuration.build_space()),
      data(load()),
      splits(configuration.make_splits(data.train)),
      target(form_of(data.train, FormRole::kTarget)),
      open_target(open_network(*space, target)),
      problem(open_target, operations, configuration.limits) {
  for (auto& note : data_notes(data)) {
    progress.note(note);
    decisions.push_back(std::move(note));
  }
  if (auto note = configuration.choices_note(); !note.empty()) {
    progress.note(note);
    decisions.push_back(std::move(note));
  }
  const Feasibility feasibility = problem.feasibility();
  if (!feasibility.feasible) throw feasibility.error();
  incumbent = *feasibility.incumbent;
  executor = make_executor(configuration.run.executor, operations,
                           {configuration.run.device, configuration.run.threads});
}

DatasetPair SearchParts::load() {
  const bool given = configuration.run.data != RunOptions{}.data;
  if (given || data_available(configuration.run.data)) return load_data(configuration.run.data);
  decisions.push_back(
      "Fashion-MNIST is not installed (Debian package dataset-fashion-mnist): the built-in task '" +
      std::string(kFallbackData) + "' takes its place");
  progress.note(decisions.back());
  configuration.run.data = kFallbackData;  // the run stays what it was, whatever comes later
  return load_data(kFallbackData);
}

RandomStream SearchParts::stream(std::string_view name) const { return configuration.stream(name); }

ArmParts SearchParts::arm_parts(RunJournal& journal) {
  return {operations, *executor, data, splits, configuration.retrain, journal, planned_epochs};
}

ShortTraining SearchParts::training() {
  return {*space,
          target,
          operations,
          *executor,
          data.train,
          splits,
          configuration.retrain,
          configuration.run.objective};
}

Supernet::Supernet(SearchParts& parts) : Supernet(parts, parts.configuration.gradient) {}

Supernet::Supernet(SearchParts& p, const GradientSearchOptions& options)
    : form(partial_channels(open_network(*p.space, form_of(p.data.train, FormRole::kSearch)),
                            options.partial_channels, p.operations)),
      expected(expected_costs(p)),
      search(form, p.operations, *p.executor,
             {&p.data.train, p.splits.search_train, p.splits.search_validation},
             penalties(p.configuration.limits, expected), options, p.stream("search"),
             prior_logits(p.configuration.choices, *form.choices())) {}

}  // namespace nasmyth
