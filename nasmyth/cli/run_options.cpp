#include "nasmyth/cli/run_options.h"

#include "nasmyth/core/error.h"

namespace nasmyth {
void add_maxima(Arguments arguments, std::vector<std::string>& maxima, const char* help) {
  arguments.add_repeated("--max", maxima, "RESOURCE=N", help);
}

OptionMap split_maxima(const std::vector<std::string>& maxima) {
  OptionMap limits;
  for (const auto& maximum : maxima) {
    const std::size_t equals = maximum.find('=');
    const bool plain =
        maximum.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == equals;
    if (equals == std::string::npos || equals == 0 || !plain)
      throw Error(ErrorKind::kInvalidArgument, "--max",
                  "expected RESOURCE=N; got '" + maximum + "'", "try --max params=20k");
    limits[maximum.substr(0, equals)] = maximum.substr(equals + 1);
  }
  return limits;
}

void RunCommandOptions::add_configuration(Arguments arguments) {
  arguments.add("--config", config_, "FILE",
                "configuration file (YAML); other options win over it");
  arguments.add_repeated("--set", settings_, "KEY=VALUE",
                         "any key of the configuration, such as search.epochs=20; may be repeated");
}

void RunCommandOptions::add_shortcut(Arguments arguments, const char* option, const char* key,
                                     const char* type, const char* help) {
  shortcuts_.push_back({key, option, {}});
  arguments.add(option, shortcuts_.back().value, type, help);
}

void RunCommandOptions::add_common(Arguments arguments) {
  shortcuts_.reserve(16);  // the values must stay where they are
  add_shortcut(arguments, "--space", "space.name", "NAME|FILE",
               "search space (see `nasmyth list spaces`), or a space file (YAML)");
  add_shortcut(arguments, "--data", "data", "SPEC", "data set (see `nasmyth list data_sources`)");
  add_shortcut(arguments, "--seed", "seed", "N", "of all random numbers (default: 1)");
  add_shortcut(arguments, "--objective", "objective", "NAME",
               "metric by which networks are ranked (default: accuracy)");
  add_shortcut(arguments, "--early-stop", "early_stop.rule", "RULE",
               "none, collapse or stable: when a search ends before its last epoch");
  add_shortcut(arguments, "--time-limit", "time_limit", "TIME",
               "of the whole run, such as 90s or 5m: the schedule is fitted to it");
  add_shortcut(arguments, "--executor", "executor", "NAME",
               "what runs networks (default: reference)");
  add_shortcut(arguments, "--device", "device", "cpu|cuda[:N]", "where (default: cpu)");
  add_shortcut(arguments, "--threads", "threads", "N", "of the executor (default: all cores)");
  add_maxima(arguments, maxima_, "a limit, such as params=20k or macs=1M; may be repeated");
}

void RunCommandOptions::add_output(Arguments arguments) {
  arguments.add("--output", output_, "DIR",
                "directory to write, which must not exist (default: a free name below runs/)");
  arguments.add("--resume", resume_, "DIR",
                "directory of a run that was interrupted or killed: go on");
}

std::optional<RunDirectory> RunCommandOptions::resumed() const {
  if (resume_.empty()) return std::nullopt;
  std::string other;
  if (!config_.empty()) other = "--config";
  if (!output_.empty()) other = "--output";
  if (!settings_.empty()) other = "--set";
  if (!maxima_.empty()) other = "--max";
  for (const auto& shortcut : shortcuts_)
    if (!shortcut.value.empty()) other = shortcut.option;
  if (!other.empty())
    throw Error(ErrorKind::kInvalidArgument, "--resume",
                "a run goes on as it began; got " + other + ", too",
                "leave it out, or begin another run with --config " +
                    (std::filesystem::path(resume_) / RunDirectory::kConfiguration).string());
  return RunDirectory::open(resume_);
}

Configuration RunCommandOptions::configuration() const {
  Configuration configuration;
  if (!config_.empty()) configuration = Configuration::load(config_);
  for (const auto& setting : settings_) configuration.set(setting);
  for (const auto& shortcut : shortcuts_)
    if (!shortcut.value.empty())
      configuration.set_value(shortcut.key, shortcut.value, shortcut.option);
  for (const auto& [resource, number] : split_maxima(maxima_))
    configuration.set_value("limits." + resource, number, "--max");
  return configuration;
}

}  // namespace nasmyth
