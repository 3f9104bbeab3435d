#include "nasmyth/cli/argument_errors.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace nasmyth {
namespace {

std::string see_help(const std::string& command) { return "try `nasmyth " + command + " --help`"; }

// Subcommands by name, of those that were given only where `given`.
std::vector<CLI::App*> subcommands(CLI::App& app, bool given) {
  return given ? app.get_subcommands() : app.get_subcommands([](CLI::App*) { return true; });
}

// Options that exist, as the user writes them.
std::vector<std::string> option_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  for (CLI::App* subcommand : subcommands(app, true))
    for (auto& name : option_names(*subcommand))
      if (std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
  return names;
}

void check_values(CLI::App& app) {
  for (const auto* option : app.get_options())
    for (const auto& value : option->results())
      if (value.empty())
        throw Error(ErrorKind::kInvalidArgument, option->get_name(), "the value is empty",
                    "give one, or leave it out");
  for (CLI::App* subcommand : subcommands(app, true)) check_values(*subcommand);
}

Error missing_subcommand(CLI::App& app, const std::string& command,
                         std::span<const std::string> arguments) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : subcommands(app, false))
    names.push_back(subcommand->get_name());
  if (!arguments.empty() && !arguments[0].starts_with("-"))
    return unknown_name(command, "subcommand", arguments[0], names);
  return Error(ErrorKind::kInvalidArgument, command, "no subcommand is given",
               "try `nasmyth " + command + " " + (names.empty() ? "--help" : names.front()) + "`");
}

}  // namespace

void refuse_flag_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options())
    if (option->get_expected_max() == 0) option->disable_flag_override();
  for (CLI::App* subcommand : subcommands(app, false)) refuse_flag_values(*subcommand);
}

Error argument_error(const CLI::ParseError& fault, CLI::App& app, const std::string& command,
                     std::span<const std::string> arguments) {
  const std::string text = fault.what();
  std::string option = text.substr(0, text.find_first_of(": "));
  if (!option.starts_with("-")) option.insert(0, "--");
  if (fault.get_name() == "RequiredError") return missing_subcommand(app, command, arguments);
  if (text.find("flag override") != std::string::npos)
    return Error(ErrorKind::kInvalidArgument, option, "it is a flag and takes no value",
                 "leave the value out");
  if (text.ends_with(" missing"))
    return Error(ErrorKind::kInvalidArgument, option, "its value is missing", see_help(command));
  return Error(ErrorKind::kInvalidArgument, command, text, see_help(command));
}

void check_arguments(CLI::App& app, const std::string& command) {
  const auto extras = app.remaining(true);
  for (const auto& extra : extras) {
    if (extra.size() > 1 && extra.front() == '-')
      throw unknown_name(command, "option", extra.substr(0, extra.find('=')), option_names(app));
  }
  if (!extras.empty())
    throw Error(ErrorKind::kInvalidArgument, command,
                "it takes no further argument; got '" + extras.front() + "'", see_help(command));
  check_values(app);
}

}  // namespace nasmyth
