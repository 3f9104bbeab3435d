// `nasmyth describe`: one thing with its options.
#include <cmath>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/kind.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

std::string range_text(const OptionInfo& option) {
  if (!option.choices.empty()) return join(option.choices, ", ");
  if (std::isinf(option.minimum) && std::isinf(option.maximum)) return "";
  if (std::isinf(option.maximum)) return "from " + print_number(option.minimum);
  if (std::isinf(option.minimum)) return "to " + print_number(option.maximum);
  return print_number(option.minimum) + " to " + print_number(option.maximum);
}

Json option_json(const OptionInfo& option) {
  Json json{{"name", option.name}, {"type", option.type}, {"default", option.default_value}};
  if (!option.unit.empty()) json["unit"] = option.unit;
  if (!std::isinf(option.minimum)) json["minimum"] = option.minimum;
  if (!std::isinf(option.maximum)) json["maximum"] = option.maximum;
  if (!option.choices.empty()) json["choices"] = option.choices;
  json["help"] = option.help;
  return json;
}

class DescribeCommand : public Command {
 public:
  std::string help() const override { return "Describe one thing: its options, ranges, defaults"; }
  std::string example() const override { return "describe space darts"; }

  void setup(Arguments arguments) override {
    arguments.add("kind", kind_, "KIND", "space, operation, ... (see `nasmyth list`)");
    arguments.add("name", name_, "NAME", "which one");
    arguments.add_repeated("--set", settings_, "KEY=VALUE",
                           "an option of the thing described; may be repeated");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    if (kind_.empty())
      throw Error(ErrorKind::kInvalidArgument, "describe", "no kind is given",
                  "try one of: " + join(kinds().names(), ", "));
    const Kind& kind = find_kind(kind_, "describe");
    if (name_.empty())
      throw Error(ErrorKind::kInvalidArgument, "describe", "no " + kind.singular() + " is named",
                  "try one of: " + join(names_of(kind.entries()), ", "));
    Configuration settings;
    for (const auto& setting : settings_) {
      const std::string prefix = kind.singular() + ".";
      settings.set(setting.starts_with(prefix) ? setting : prefix + setting);
    }
    const KindDescription d = kind.describe(name_, settings.section(kind.singular()));
    context.out << (json_ ? as_json(d) : as_text(d));
    return 0;
  }

 private:
  static std::string as_json(const KindDescription& d) {
    Json object{{"name", d.name}, {"help", d.help}};
    for (const auto& option : d.options) object["options"].push_back(option_json(option));
    for (const auto& attribute : d.attributes)
      object["attributes"].push_back({{"name", attribute.name},
                                      {"default", attribute.fallback},
                                      {"required", attribute.fallback.empty()},
                                      {"help", attribute.help}});
    for (const auto& [name, text] : d.facts) object["facts"][name] = text;
    return json_text(object);
  }

  static std::string as_text(const KindDescription& d) {
    std::string text = d.name + ": " + d.help + "\n";
    if (!d.options.empty()) {
      TextTable table({{"option"}, {"default"}, {"range"}, {"unit"}, {"what it is"}});
      for (const auto& o : d.options)
        table.add_row({o.name, o.default_value, range_text(o), o.unit, o.help});
      text += "\n" + table.to_string();
    }
    if (!d.attributes.empty()) {
      TextTable table({{"attribute"}, {"default"}, {"what it is"}});
      for (const auto& a : d.attributes)
        table.add_row({a.name, a.fallback.empty() ? "(required)" : a.fallback, a.help});
      text += "\n" + table.to_string();
    }
    if (!d.facts.empty()) text += "\n";
    for (const auto& [name, value] : d.facts) text += name + ": " + value + "\n";
    return text;
  }

  std::string kind_, name_;
  std::vector<std::string> settings_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> describe_command() { return std::make_unique<DescribeCommand>(); }

}  // namespace nasmyth
