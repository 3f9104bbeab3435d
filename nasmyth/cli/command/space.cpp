// `nasmyth space check`: what a space file describes, and what is wrong with it.
#include <algorithm>
#include <cmath>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/text.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/space_check.h"
#include "nasmyth/space/file/file_space.h"
#include "nasmyth/space/space_source.h"

namespace nasmyth {
namespace {

class SpaceCommand : public Command {
 public:
  std::string help() const override {
    return "Look at a space file: choices, number and costs of networks, faults";
  }
  std::string example() const override { return "space check my_space.yaml --input 1x28x28"; }

  void setup(Arguments arguments) override {
    Arguments check =
        arguments.add_subcommand("check", "What the file describes, and what is odd in it");
    check.add("file", file_, "FILE|NAME", "space file (YAML), or the name of a space");
    check.add_repeated("--set", settings_, "KEY=VALUE", "a parameter of the file; may be repeated");
    check.add("--input", input_, "CxHxW", "channels, height and width (default: the file's own)");
    check.add_number("--classes", classes_, 1, 65536, "N",
                     "number of classes (default: the file's own)");
    check.add_json_flag(json_);
  }

  int run(Context& context) override {
    if (file_.empty())
      throw Error(ErrorKind::kInvalidArgument, "space check", "no space file is given",
                  "try `nasmyth space check my_space.yaml`");
    Configuration settings;
    for (const auto& setting : settings_)
      settings.set(setting.starts_with("space.") ? setting : "space." + setting);
    const auto space = open_space(file_, settings.section("space"), "space check");
    Form form = space->example();
    SpaceCheck known;
    if (const auto* file = dynamic_cast<const FileSpace*>(space.get())) {
      known.description = file->description();
      known.warnings = file->warnings();
    }
    if (!input_.empty()) form.input = parse_image_spec(input_, "--input");
    if (classes_ > 0) form.classes = classes_;
    SpaceCheck check = check_space(*space, form, builtin_operations(), known.warnings);
    check.description = known.description;
    context.out << (json_ ? as_json(*space, check) : as_text(*space, check));
    return 0;
  }

 private:
  static std::string count_text(const std::optional<double>& count, double at_most) {
    char text[32];
    const double shown = count ? *count : at_most;
    if (shown < 1e15) return (count ? "" : "at most ") + print_number(shown);
    std::snprintf(text, sizeof text, "%.3g", shown);
    return (count ? "" : "at most ") + std::string(text);
  }

  static std::string plural(int count, const std::string& word) {
    return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
  }

  std::string as_json(const SearchSpace& space, const SpaceCheck& check) const {
    Json json{{"space", space_label(file_)},
              {"description", check.description},
              {"input", check.input},
              {"output", check.output},
              {"operations", {{"target", check.target_nodes}, {"search", check.search_nodes}}},
              {"assignments", check.summary.assignments},
              {"choices", Json::array()}};
    if (check.architectures) json["architectures"] = *check.architectures;
    json["constraints"] = space.choices()->constraints().size();
    for (const auto& choice : *space.choices()) {
      Json row{{"name", choice.name}, {"ordered", choice.ordered}, {"options", choice.labels()}};
      for (const auto& option : choice.options)
        if (option.search_only) row["search_only"].push_back(option.label);
      json["choices"].push_back(std::move(row));
    }
    for (const auto& r : check.summary.resources)
      json["resources"][r.resource] = {
          {"least", r.least}, {"typical", r.typical}, {"greatest", r.greatest}};
    json["warnings"] = check.warnings;
    return json_text(json);
  }

  std::string as_text(const SearchSpace& space, const SpaceCheck& check) const {
    std::string text =
        space_label(file_) + (check.description.empty() ? "" : ": " + check.description) +
        "\n\ninput " + check.input + ", output " + check.output + ", " +
        plural(space.choices()->size(), "choice") + ", " +
        plural(static_cast<int>(space.choices()->constraints().size()), "constraint") + ", " +
        count_text(check.architectures, check.summary.assignments) + " architectures\n\n";
    if (space.choices()->size() > 0) {
      TextTable choices({{"choice"}, {"options"}});
      for (const auto& choice : *space.choices()) {
        std::vector<std::string> labels;
        for (const auto& option : choice.options)
          labels.push_back(option.label + (option.search_only ? " (search only)" : ""));
        choices.add_row({choice.name, join(labels, ", ")});
      }
      text += choices.to_string() + "\n";
    }
    TextTable costs({{"resource"},
                     {"least", Align::kRight},
                     {"typical", Align::kRight},
                     {"greatest", Align::kRight}});
    for (const auto& r : check.summary.resources)
      costs.add_row({r.resource, format_si(r.least), format_si(r.typical), format_si(r.greatest)});
    text += costs.to_string() + "\n";
    for (const auto& warning : check.warnings) text += "warning: " + warning + "\n";
    if (check.warnings.empty()) text += "No faults found.\n";
    return text;
  }

  std::string file_, input_;
  std::vector<std::string> settings_;
  int classes_ = 0;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> space_command() { return std::make_unique<SpaceCommand>(); }

}  // namespace nasmyth
