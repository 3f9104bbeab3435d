// `nasmyth check`: whether limits can be met, before anything is trained.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/space_summary.h"

namespace nasmyth {
namespace {

class CheckCommand : public Command {
 public:
  std::string help() const override {
    return "Check a configuration: the space's size and costs, whether the limits can be met";
  }
  std::string example() const override {
    return "check --space compact --data planted --max params=20k --max macs=1M";
  }

  void setup(CLI::App& app) override {
    options_.add_configuration(app);
    options_.add_common(app);
    add_json_flag(app, json_);
  }

  int run(Context& context) override {
    const SearchConfiguration c = SearchConfiguration::read(options_.configuration());
    const auto space = make_space(c.space, c.space_options);
    const DatasetPair data = load_data(c.run.data);
    const SpaceSummary summary =
        summarize(*space, form_of(data.train, FormRole::kTarget), builtin_operations(), c.limits,
                  RandomStream(static_cast<std::uint64_t>(c.run.seed)).fork("check"));
    context.out << (json_ ? as_json(c, summary) : as_text(c, data.train, summary));
    return summary.feasibility.feasible ? 0 : exit_code(ErrorKind::kInfeasible);
  }

 private:
  static std::string size_text(const SpaceSummary& s) {
    if (s.assignments < 1e15) return print_number(s.assignments);
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", s.assignments);
    return text;
  }

  static std::string as_json(const SearchConfiguration& c, const SpaceSummary& s) {
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
    json[s.feasibility.feasible ? "incumbent" : "nearest"] = Json::parse(a.to_json());
    return json.dump(2) + "\n";
  }

  static std::string as_text(const SearchConfiguration& c, const Dataset& data,
                             const SpaceSummary& s) {
    std::string text = "space " + c.space + ": " + std::to_string(s.choices) + " choices, " +
                       size_text(s) + " assignments\ndata " + data.name + ": " +
                       std::to_string(data.count) + " training images of " +
                       std::to_string(data.channels) + "x" + std::to_string(data.height) + "x" +
                       std::to_string(data.width) + ", " + std::to_string(data.classes.size()) +
                       " classes\n\n";
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
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace nasmyth
