// The text and JSON of a finished run.
#include <cmath>

#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/version.h"
#include "nasmyth/search/search_run.h"
#include "nasmyth/search/train_run.h"

namespace nasmyth {
namespace {

std::string whole(double value) { return print_number(std::floor(value)); }

double cost_of(const ArmResult& arm, const std::string& resource) {
  for (const auto& [name, cost] : arm.costs)
    if (name == resource) return cost;
  return 0;
}

Json arm_json(const ArmResult& arm) {
  Json json{{"name", arm.name}};
  if (!arm.architecture.empty())
    json["architecture"] = parse_json(arm.architecture, "architecture");
  for (const auto& [name, cost] : arm.costs) json["costs"][name] = cost;
  json["test_accuracy"] = arm.test_accuracy;
  json["test_loss"] = arm.test_loss;
  for (const auto& [name, value] : arm.test_metrics)
    if (name != "accuracy") json["test_" + name] = value;
  json["selection_accuracy"] = arm.selection_accuracy;
  json["epochs"] = arm.epochs;
  if (arm.candidates > 0) json["candidates"] = arm.candidates;
  json["confusion"] = arm.confusion;
  json["search_seconds"] = arm.search_seconds;
  json["retrain_seconds"] = arm.retrain_seconds;
  return json;
}

Json derivation_json(const Derivation& d) {
  Json json{{"score", d.selection.score},
            {"upper_bound", d.selection.upper_bound},
            {"proven", d.selection.proven},
            {"gap", d.selection.gap}};
  for (const auto& c : d.candidates) {
    Json row{{"score", c.score}};
    if (c.validation >= 0) row["validation"] = c.validation;
    if (c.short_training >= 0) row["short_training"] = c.short_training;
    row["architecture"] = c.architecture.to_text();
    json["candidates"].push_back(std::move(row));
  }
  return json;
}

Json comparison_json(const ArmComparison& c) {
  return Json{{"control", c.control},
              {"result", c.words},
              {"p_value", c.test.p_value},
              {"only_search_right", c.test.first_only},
              {"only_control_right", c.test.second_only}};
}

}  // namespace

std::string to_json(const ArmResult& arm) { return json_text(arm_json(arm)); }

std::string to_json(const SearchResult& r, const SearchConfiguration& c) {
  Json json{{"version", std::string(version())},
            {"data", r.data},
            {"space", c.space},
            {"strategy", c.strategy},
            {"seed", c.run.seed},
            {"objective", c.run.objective},
            {"limits", Json::array()}};
  for (const auto& limit : r.limits)
    json["limits"].push_back({{"resource", limit.resource},
                              {"at_most", limit.at_most},
                              {"cost", cost_of(r.arms.front(), limit.resource)}});
  if (r.derivation) json["derivation"] = derivation_json(*r.derivation);
  for (const auto& arm : r.arms) json["arms"].push_back(arm_json(arm));
  for (const auto& comparison : r.comparisons)
    json["comparisons"].push_back(comparison_json(comparison));
  json["decisions"] = r.decisions;
  json["executor"] = {
      {"name", c.run.executor}, {"device", c.run.device}, {"threads", c.run.threads}};
  return json_text(json);
}

void write_result(const RunDirectory& directory, const SearchResult& r,
                  const SearchConfiguration& c, const Dataset& test) {
  write_predictions(directory, test, r.arms);
  directory.write(RunDirectory::kResult, to_json(r, c));
}

std::string to_text(const SearchResult& r) {
  TextTable table({{"network"},
                   {"test accuracy", Align::kRight},
                   {"params", Align::kRight},
                   {"macs", Align::kRight},
                   {"search", Align::kRight},
                   {"retraining", Align::kRight},
                   {"search is"}});
  for (const auto& arm : r.arms) {
    std::string words;
    for (const auto& c : r.comparisons)
      if (c.control == arm.name) {
        char p[32];
        std::snprintf(p, sizeof p, " (p = %.2g)", c.test.p_value);
        words = c.words + p;
      }
    table.add_row({arm.name, format_percent(arm.test_accuracy), whole(cost_of(arm, "params")),
                   whole(cost_of(arm, "macs")), format_duration(arm.search_seconds),
                   format_duration(arm.retrain_seconds), words});
  }
  std::string text = table.to_string() + "\n";
  for (const auto& limit : r.limits)
    text += "limit " + limit.resource + " <= " + print_number(limit.at_most) + ": " +
            (within(cost_of(r.arms.front(), limit.resource), limit) ? "kept, " : "exceeded, ") +
            print_number(cost_of(r.arms.front(), limit.resource)) + "\n";
  for (const auto& decision : r.decisions) text += "note: " + decision + "\n";
  return text;
}

}  // namespace nasmyth
