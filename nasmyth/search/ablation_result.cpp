// The comparisons of an ablation, its text and its JSON.
#include <algorithm>
#include <array>
#include <cstdio>

#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/text.h"
#include "nasmyth/core/version.h"
#include "nasmyth/search/ablation.h"

namespace nasmyth {
namespace {

constexpr double kLevel = 0.05;
constexpr std::array<const char*, 5> kWords{"vital", "helps", "useless", "harmful",
                                            "not distinguishable"};

using Values = std::vector<std::vector<double>>;

// One measure of all networks, the unchanged one first.
template <class F>
Values table_of(const AblationResult& r, F measure) {
  Values values{measure(r.unchanged)};
  for (const auto& row : r.rows) values.push_back(measure(row));
  return values;
}

std::string points(double difference) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.2f", 100 * difference);
  return text;
}

std::string points(const ManyToOneRow& row) {
  char text[48];
  std::snprintf(text, sizeof text, "%+.2f ± %.2f", 100 * row.difference, 100 * row.deviation);
  return text;
}

std::string percent(const std::vector<double>& values) {
  return to_string(summarize(values), 2, 100);
}

std::string list_of(const std::vector<int>& numbers) {
  std::vector<std::string> texts;
  for (int n : numbers) texts.push_back(std::to_string(n));
  return join(texts, ", ");
}

// "12.3 k (-4.1 %)".
std::string cost_text(double cost, double unchanged) {
  std::string text = format_si(cost);
  if (cost == unchanged) return text;
  char change[32] = "";
  if (unchanged > 0)
    std::snprintf(change, sizeof change, " (%+.1f %%)", 100 * (cost / unchanged - 1));
  return text + change;
}

TextTable effects_table(const AblationResult& r) {
  std::vector<TextTable::Column> columns{{"choice"},
                                         {"found"},
                                         {"instead"},
                                         {r.objective + ", %", Align::kRight},
                                         {"difference", Align::kRight},
                                         {"p", Align::kRight},
                                         {"the found option is"}};
  for (const auto& name : r.corruptions) columns.push_back({name, Align::kRight});
  TextTable table(std::move(columns));
  std::vector<std::string> first{"(unchanged)", "", "", percent(r.unchanged.objective), "", "", ""};
  for (const auto& values : r.unchanged.corrupted) first.push_back(percent(values));
  table.add_row(std::move(first));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const AblationVariant& v = r.plan.variants[i];
    const AblationRow& row = r.rows[i];
    const bool diverged = std::any_of(row.trainings.begin(), row.trainings.end(),
                                      [](const AblationTraining& t) { return t.diverged; });
    std::vector<std::string> cells{
        v.choice,          v.found,
        v.instead,         percent(row.objective) + (diverged ? " (diverged)" : ""),
        points(row.clean), p_text(row.p_difference),
        row.words};
    for (std::size_t k = 0; k < row.worse.size(); ++k)
      cells.push_back(points(row.worse[k].difference) + (row.p_worse[k] < kLevel ? " *" : "  "));
    table.add_row(std::move(cells));
  }
  return table;
}

TextTable costs_table(const AblationPlan& plan) {
  std::vector<TextTable::Column> columns{{"choice"}, {"found"}, {"instead"}};
  std::vector<std::string> first{"(unchanged)", "", ""};
  for (const auto& [name, cost] : plan.costs) {
    columns.push_back({name, Align::kRight});
    first.push_back(format_si(cost));
  }
  TextTable table(std::move(columns));
  table.add_row(std::move(first));
  for (const auto& v : plan.variants) {
    std::vector<std::string> cells{v.choice, v.found, v.instead};
    for (std::size_t k = 0; k < v.costs.size(); ++k)
      cells.push_back(cost_text(v.costs[k].second, plan.costs[k].second));
    table.add_row(std::move(cells));
  }
  return table;
}

// "vital: a, b" for each word that occurs.
std::string sums_in_words(const AblationResult& r) {
  std::string text;
  for (const char* word : kWords) {
    std::vector<std::string> changes;
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (r.rows[i].words == word) {
        const AblationVariant& v = r.plan.variants[i];
        changes.push_back(v.choice + "=" + v.found + " (" + v.instead + ": " +
                          points(r.rows[i].clean.difference) + ")");
      }
    if (!changes.empty()) text += std::string(word) + ": " + join(changes, ", ") + "\n";
  }
  return text;
}

std::string explanation(const AblationResult& r) {
  const std::string margin = print_number(100 * r.options.margin);
  std::string text =
      std::to_string(r.options.seeds) + " seeds of " + std::to_string(r.options.epochs) +
      " epochs each, measured on " + std::to_string(r.images) + " images of the " +
      (r.options.part == "test" ? "test set" : "selection part, which no training has read") +
      ". Mean ± deviation over the seeds;\ndifferences are paired by seed, in points, and p is "
      "adjusted for the number of rows.\n" +
      join(r.corruptions, ", ") + ": mean over the severities " + list_of(r.options.severities) +
      "; * where p < 0.05.\nuseless: shown to matter by less than " + margin +
      (margin == "1" ? " point" : " points") + "; vital: " + print_number(500 * r.options.margin) +
      " or more.\n";
  for (const auto& change : r.plan.left_out) text += "left out: " + change + "\n";
  return text;
}

Json costs_json(const Costs& costs) {
  Json json = Json::object();
  for (const auto& [name, cost] : costs) json[name] = cost;
  return json;
}

Json variant_json(const AblationVariant& v) {
  return Json{{"choice", v.choice},
              {"found", v.found},
              {"instead", v.instead},
              {"removes", v.removes},
              {"architecture", v.architecture.to_text()},
              {"costs", costs_json(v.costs)}};
}

Json summary_json(const std::vector<double>& values) {
  const Summary s = summarize(values);
  return Json{{"mean", s.mean}, {"deviation", s.deviation}, {"values", values}};
}

Json comparison_json(const ManyToOneRow& row, double p) {
  return Json{{"difference", row.difference},
              {"deviation", row.deviation},
              {"error", row.error},
              {"freedom", row.freedom},
              {"own_error", row.own_error},
              {"p_value", row.p_value},
              {"p_adjusted", p}};
}

Json measures_json(const AblationResult& r, const AblationRow& row) {
  Json json{{r.objective, summary_json(row.objective)}};
  for (const auto& [name, value] : row.trainings.front().metrics) {
    if (name == r.objective) continue;
    std::vector<double> values;
    for (const auto& t : row.trainings)
      for (const auto& [metric, v] : t.metrics)
        if (metric == name) values.push_back(v);
    json[name] = summary_json(values);
  }
  std::vector<double> losses;
  std::int64_t diverged = 0;
  for (const auto& t : row.trainings) {
    losses.push_back(t.loss);
    diverged += t.diverged;
  }
  json["loss"] = summary_json(losses);
  json["diverged"] = diverged;
  for (std::size_t k = 0; k < r.corruptions.size(); ++k) {
    Json& worse = json["corrupted"][r.corruptions[k]];
    worse = summary_json(row.corrupted[k]);
    for (std::size_t s = 0; s < r.options.severities.size(); ++s) {
      std::vector<double> values;
      for (const auto& t : row.trainings) values.push_back(t.corrupted[k][s]);
      worse["severity"][std::to_string(r.options.severities[s])] = summary_json(values);
    }
  }
  return json;
}

}  // namespace

void compare_rows(AblationResult& r) {
  const auto clean = many_to_one(table_of(r, [](const AblationRow& row) { return row.objective; }));
  std::vector<double> differences, equivalences;
  for (const auto& row : clean) {
    differences.push_back(row.p_value);
    equivalences.push_back(equivalence_p_value(row, r.options.margin));
  }
  differences = holm(differences);
  equivalences = holm(equivalences);
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    AblationRow& row = r.rows[i];
    row.clean = clean[i];
    row.p_difference = differences[i];
    row.p_equivalence = equivalences[i];
    row.words = component_words(row.clean.difference, row.p_difference, row.p_equivalence,
                                r.options.margin);
  }
  std::vector<double> all;
  for (std::size_t k = 0; k < r.corruptions.size(); ++k) {
    const auto worse =
        many_to_one(table_of(r, [&](const AblationRow& row) { return row.corrupted[k]; }));
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      r.rows[i].worse.push_back(worse[i]);
      all.push_back(worse[i].p_value);
    }
  }
  all = holm(all);
  for (std::size_t at = 0; at < all.size(); ++at)
    r.rows[at % r.rows.size()].p_worse.push_back(all[at]);
}

std::string to_text(const AblationPlan& plan) { return costs_table(plan).to_string(); }

std::string to_json(const AblationPlan& plan) {
  Json json{{"architecture", plan.found.to_text()}, {"costs", costs_json(plan.costs)}};
  json["changes"] = Json::array();
  for (const auto& v : plan.variants) json["changes"].push_back(variant_json(v));
  json["left_out"] = plan.left_out;
  return json_text(json);
}

std::string to_text(const AblationResult& r) {
  return effects_table(r).to_string() + "\n" + costs_table(r.plan).to_string() + "\n" +
         explanation(r) + "\n" + sums_in_words(r);
}

std::string to_json(const AblationResult& r) {
  Json json{{"version", std::string(version())},
            {"data", r.data},
            {"space", r.space},
            {"seed", r.seed},
            {"objective", r.objective},
            {"part", r.options.part},
            {"images", r.images},
            {"seeds", r.options.seeds},
            {"epochs", r.options.epochs},
            {"options", r.options.options},
            {"severities", r.options.severities},
            {"margin", r.options.margin},
            {"left_out", r.plan.left_out}};
  json["unchanged"] = {{"architecture", r.plan.found.to_text()},
                       {"costs", costs_json(r.plan.costs)}};
  json["unchanged"].update(measures_json(r, r.unchanged));
  json["changes"] = Json::array();
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const AblationRow& row = r.rows[i];
    Json change = variant_json(r.plan.variants[i]);
    change.update(measures_json(r, row));
    change["effect"] = comparison_json(row.clean, row.p_difference);
    change["effect"]["p_equivalence"] = row.p_equivalence;
    change["found_option_is"] = row.words;
    for (std::size_t k = 0; k < r.corruptions.size(); ++k)
      change["effect_corrupted"][r.corruptions[k]] = comparison_json(row.worse[k], row.p_worse[k]);
    json["changes"].push_back(std::move(change));
  }
  return json_text(json);
}

}  // namespace nasmyth
