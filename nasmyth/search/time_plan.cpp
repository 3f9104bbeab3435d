#include "nasmyth/search/time_plan.h"

#include <algorithm>
#include <cmath>

#include "nasmyth/core/table_text.h"
#include "nasmyth/search/hand_made.h"

namespace nasmyth {
namespace {

constexpr const char* kSchedule = "schedule";
constexpr const char* kRetraining = "retraining";
constexpr double kSearchRoom = 1.1;   // a search that is slower than forecast is shortened
constexpr double kEpochsRoom = 1.25;  // a training that is faster than forecast is lengthened

// The lengths that a plan may change, by name; one list for both directions.
template <class C, class F>
void each_length(C& c, const F& f) {
  f("search.epochs", c.gradient.epochs);
  f("search.warmup_epochs", c.gradient.warmup_epochs);
  f("search.seconds", c.gradient.seconds);
  f("derive.candidates", c.derive.candidates);
  f("derive.finalists", c.derive.finalists);
  f("derive.finalist_epochs", c.derive.finalist_epochs);
  f("sampling.candidates", c.sampling.candidates);
  f("sampling.seconds", c.sampling.seconds);
  f("random.candidates", c.random.candidates);
  f("random.seconds", c.random.seconds);
  f("retrain.epochs", c.retrain.epochs);
  f("retrain.warmup_epochs", c.retrain.warmup_epochs);
  f("retrain.seconds", c.retrain.seconds);
}

PlanLog::Numbers lengths(const SearchConfiguration& c) {
  PlanLog::Numbers numbers;
  each_length(c, [&](const char* name, auto value) { numbers[name] = static_cast<double>(value); });
  return numbers;
}

void set_lengths(SearchConfiguration& c, const PlanLog::Numbers& numbers) {
  each_length(c, [&](const char* name, auto& value) {
    if (const auto it = numbers.find(name); it != numbers.end())
      value = static_cast<std::decay_t<decltype(value)>>(it->second);
  });
}

PlanLog::Numbers fitted_lengths(SearchParts& p, RunJournal& journal) {
  const double limit = p.configuration.time_limit;
  const PieceTimes times = time_pieces(p, measuring_seconds(limit));
  SearchConfiguration fitted =
      fit_schedule(p.configuration, times, limit - journal.run_seconds() + times.startup);
  if (!fitted.samples()) {
    double search = 0;
    for (const auto& stage : forecast_stages(fitted, times))
      if (stage.name == "search") search = stage.seconds;
    if (fitted.gradient.seconds <= 0) fitted.gradient.seconds = kSearchRoom * search;
  }
  PlanLog::Numbers numbers = lengths(fitted);
  numbers["hand_made_epoch"] = times.hand_made_epoch;
  numbers["retrain_epoch"] = times.retrain_epoch;
  numbers["arm_end"] = times.arm_end;
  return numbers;
}

std::string change(const char* what, std::int64_t before, std::int64_t after) {
  if (before == after) return {};
  return std::string(", ") + what + " " + std::to_string(after) + " instead of " +
         std::to_string(before);
}

bool has_control(const SearchConfiguration& c, const char* name) {
  return std::find(c.run.controls.begin(), c.run.controls.end(), name) != c.run.controls.end();
}

double hand_made_seconds(SearchParts& p, const Costs& costs, double effort) {
  if (!has_control(p.configuration, "hand_made")) return 0;
  const auto network =
      hand_made_within(p.target, p.operations, comparable_limits(costs, p.configuration.limits));
  return network ? time_training_step(*network, p, effort) : 0;
}

// Seconds that are left for all trainings of `epochs` epochs, of which one epoch of each takes
// `each`.
PlanLog::Numbers retraining(SearchParts& p, RunJournal& journal, const NetworkGraph& network,
                            const Costs& costs) {
  const auto& c = p.configuration;
  const PlanLog::Numbers& plan = journal.plan().at(kSchedule);
  const double effort = 0.3 * measuring_seconds(c.time_limit);
  const auto steps = static_cast<double>(std::max<std::int64_t>(
      static_cast<std::int64_t>(p.splits.retrain().size()) / c.retrain.batch_size, 1));
  const double own = steps * time_training_step(network, p, effort);
  const double hand_made = steps * hand_made_seconds(p, costs, 0.5 * effort);
  const double arm_end = plan.at("arm_end");
  double left = c.time_limit - journal.run_seconds() - arm_end;
  double others = hand_made;
  if (has_control(c, "hand_made")) left -= arm_end;
  if (has_control(c, "random")) {
    others += own;
    left -= arm_end + journal.seconds("search time");
  }
  const std::int64_t epochs =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(left / (own + others))));
  const double seconds = std::max(left - static_cast<double>(epochs) * others, own);
  return {{"epochs", static_cast<double>(epochs)},
          {"seconds", seconds},
          {"epoch", own},
          {"hand_made_epoch", hand_made}};
}

}  // namespace

std::string plan_search(SearchParts& p, RunJournal& journal) {
  if (p.configuration.time_limit <= 0) return {};
  const SearchConfiguration before = p.configuration;
  set_lengths(p.configuration,
              journal.plan().decide(kSchedule, [&] { return fitted_lengths(p, journal); }));
  const auto& c = p.configuration;
  std::string text = "schedule for a time limit of " + format_duration(c.time_limit);
  if (!c.samples()) {
    text += change("search.epochs", before.gradient.epochs, c.gradient.epochs);
    text += change("derive.candidates", before.derive.candidates, c.derive.candidates);
    text += change("derive.finalists", before.derive.finalists, c.derive.finalists);
  }
  return text + change("retrain.epochs", before.retrain.epochs, c.retrain.epochs);
}

void apply_plan(SearchConfiguration& configuration, const PlanLog& log) {
  if (log.has(kSchedule)) set_lengths(configuration, log.at(kSchedule));
}

std::string plan_retraining(SearchParts& p, RunJournal& journal, const NetworkGraph& network,
                            const Costs& costs) {
  if (p.configuration.time_limit <= 0) return {};
  const PlanLog::Numbers plan =
      journal.plan().decide(kRetraining, [&] { return retraining(p, journal, network, costs); });
  RecipeOptions& recipe = p.configuration.retrain;
  const std::int64_t before = recipe.epochs;
  const auto epochs = static_cast<std::int64_t>(plan.at("epochs"));
  recipe.epochs = static_cast<std::int64_t>(std::ceil(kEpochsRoom * plan.at("epochs")));
  recipe.warmup_epochs = std::min(recipe.warmup_epochs, 0.5 * plan.at("epochs"));
  recipe.seconds = plan.at("seconds");
  p.planned_epochs = epochs;
  const std::string changed = change("retrain.epochs", before, epochs);
  return changed.empty() ? changed : "retraining, by the time that is left" + changed;
}

void plan_controls(SearchParts& p, const ArmResult& search) {
  if (p.configuration.time_limit <= 0) return;
  p.configuration.retrain.epochs = search.epochs;
  p.configuration.retrain.seconds = 0;
  p.planned_epochs = 0;
}

double plan_random_control(SearchParts& p, RunJournal& journal, double search_seconds) {
  if (p.configuration.time_limit <= 0) return search_seconds;
  const PlanLog::Numbers plan = journal.plan().decide("random control", [&] {
    const PlanLog::Numbers& schedule = journal.plan().at(kSchedule);
    const PlanLog::Numbers& retraining = journal.plan().at(kRetraining);
    double left = p.configuration.time_limit - journal.run_seconds();
    const auto epochs = static_cast<double>(p.configuration.retrain.epochs);
    left -= epochs * retraining.at("epoch") + schedule.at("arm_end");
    if (has_control(p.configuration, "hand_made") && !journal.has("arm:hand_made"))
      left -= epochs * retraining.at("hand_made_epoch") + schedule.at("arm_end");
    return PlanLog::Numbers{{"seconds", std::clamp(left, 1e-3, search_seconds)}};
  });
  return plan.at("seconds");
}

}  // namespace nasmyth
