// `nasmyth check`: whether limits can be met, before anything is trained.
#include <algorithm>
#include <cmath>
#include <optional>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_options.h"
#include "nasmyth/core/environment.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/forecast.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/search_run.h"
#include "nasmyth/search/space_summary.h"

namespace nasmyth {
namespace {

class CheckCommand : public Command {
 public:
  std::string help() const override {
    return "Check a configuration: size and costs of the space, whether the limits can be met, "
           "time "
           "and memory of the run";
  }
  std::string example() const override {
    return "check --space compact --data planted --max params=20k --max macs=1M";
  }

  void setup(Arguments arguments) override {
    options_.add_configuration(arguments);
    options_.add_common(arguments);
    arguments.add_flag("--no-forecast", no_forecast_,
                       "time no steps: no forecast of time and memory");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    const SearchConfiguration c = SearchConfiguration::read(options_.configuration());
    const auto space = c.build_space();
    const DatasetPair data = load_data(c.run.data);
    const SpaceSummary summary = summarize(*space, form_of(data.train, FormRole::kTarget),
                                           builtin_operations(), c.limits, c.stream("check"));
    std::optional<RunForecast> forecast;
    if (summary.feasibility.feasible && !no_forecast_) forecast = forecast_run(c);
    context.out << (json_ ? as_json(c, summary, forecast)
                          : as_text(c, data.train, summary) + as_text(c, forecast));
    return summary.feasibility.feasible ? 0 : exit_code(ErrorKind::kInfeasible);
  }

 private:
  struct RunForecast {
    SearchConfiguration configuration;  // with the schedule that fits a time limit
    PieceTimes times;
    double memory = 0;
  };

  static RunForecast forecast_run(const SearchConfiguration& c) {
    ProgressSink silent;
    SearchRun run(c, silent);
    RunForecast forecast{c, run.time_pieces(measuring_seconds(c.time_limit)), peak_memory_bytes()};
    if (c.time_limit > 0)
      forecast.configuration =
          fit_schedule(c, forecast.times, c.time_limit - forecast.times.measuring);
    return forecast;
  }

  static std::string as_text(const SearchConfiguration& c, const std::optional<RunForecast>& f) {
    if (!f) return {};
    TextTable table({{"stage"}, {"time", Align::kRight}, {"of which"}});
    const auto stages = forecast_stages(f->configuration, f->times);
    for (const auto& stage : stages)
      table.add_row({stage.name, format_duration(stage.seconds), stage.basis});
    table.add_row({"all", format_duration(total_seconds(stages))});
    std::string text = "\n" + table.to_string() + "\nForecast from steps timed for " +
                       format_duration(f->times.measuring) + "; memory " + format_si(f->memory) +
                       "B.\n";
    if (c.time_limit > 0)
      text +=
          "The schedule is fitted to the time limit of " + format_duration(c.time_limit) + ".\n";
    return text;
  }

  static Json forecast_json(const RunForecast& f) {
    const auto stages = forecast_stages(f.configuration, f.times);
    Json json{{"seconds", total_seconds(stages)}, {"memory_bytes", f.memory}};
    for (const auto& stage : stages)
      json["stages"].push_back({{"stage", stage.name}, {"seconds", stage.seconds}});
    return json;
  }

  static std::string size_text(const SpaceSummary& s) {
    if (s.assignments < 1e15) return print_number(s.assignments);
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", s.assignments);
    return text;
  }

  static std::string as_json(const SearchConfiguration& c, const SpaceSummary& s,
                             const std::optional<RunForecast>& forecast) {
    Json json{{"space", c.space}, {"choices", s.choices}, {"assignments", s.assignments}};
    for (const auto& r : s.resources)
      json["resources"][r.resource] = {
          {"least", r.least}, {"typical", r.typical}, {"greatest", r.greatest}};
    json["feasible"] = s.feasibility.feasible;
    json["limits"] = Json::array();
    for (std::size_t i = 0; i < c.limits.size(); ++i) {
      Json row{{"resource", c.limits[i].resource},
               {"at_most", c.limits[i].at_most},
               {"least_alone", s.feasibility.least_alone[i]}};
      if (std::isfinite(s.feasibility.least_under_others[i]))
        row["least_under_others"] = s.feasibility.least_under_others[i];
      json["limits"].push_back(std::move(row));
    }
    const Architecture& a =
        s.feasibility.feasible ? s.feasibility.incumbent->architecture : s.feasibility.nearest;
    json[s.feasibility.feasible ? "incumbent" : "nearest"] =
        parse_json(a.to_json(), "architecture");
    if (forecast) json["forecast"] = forecast_json(*forecast);
    return json_text(json);
  }

  static std::string as_text(const SearchConfiguration& c, const Dataset& data,
                             const SpaceSummary& s) {
    std::string text = "space " + c.space + ": " + std::to_string(s.choices) + " choices, " +
                       size_text(s) + " assignments\ndata " + data.name + ": " +
                       std::to_string(data.count) + " training images of " +
                       std::to_string(data.channels) + "x" + std::to_string(data.height) + "x" +
                       std::to_string(data.width) + ", " + std::to_string(data.classes.size()) +
                       " classes\n\n";
    if (const auto note = c.choices_note(); !note.empty()) text += note + "\n\n";
    TextTable table({{"resource"},
                     {"least", Align::kRight},
                     {"typical", Align::kRight},
                     {"greatest", Align::kRight},
                     {"limit", Align::kRight}});
    for (const auto& r : s.resources) {
      std::string limit;
      for (const auto& l : c.limits)
        if (l.resource == r.resource) limit = format_si(l.at_most);
      table.add_row(
          {r.resource, format_si(r.least), format_si(r.typical), format_si(r.greatest), limit});
    }
    text += table.to_string() + "\n";
    if (!s.feasibility.feasible) return text + s.feasibility.to_text() + "\n";
    if (c.limits.empty()) return text + "No limits are given.\n";
    text += "The limits can be met, for instance with";
    for (std::size_t i = 0; i < c.limits.size(); ++i)
      text += (i ? ", " : " ") + format_si(s.feasibility.incumbent->costs[i]) + " " +
              c.limits[i].resource;
    return text + ".\n";
  }

  RunCommandOptions options_;
  bool no_forecast_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace nasmyth
