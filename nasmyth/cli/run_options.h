#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nasmyth/core/configuration.h"
#include "nasmyth/search/run_directory.h"

namespace CLI {
class App;
}

namespace nasmyth {

/// --max, which may be repeated.
void add_maxima(CLI::App& app, std::vector<std::string>& maxima, const char* help);
/// `params=20k` of each --max as resource and number. Throws kInvalidArgument for another form.
OptionMap split_maxima(const std::vector<std::string>& maxima);

/// The options of commands that run something: a configuration file and, above it, the command
/// line.
class RunCommandOptions {
 public:
  /// --config and --set.
  void add_configuration(CLI::App& app);
  /// --space, --data, --max, --seed, --objective, --early-stop, --time-limit,
  /// --executor, --device, --threads.
  void add_common(CLI::App& app);
  /// --output and --resume.
  void add_output(CLI::App& app);

  /// The configuration file with the command line on top. `resources=20k` of --max become
  /// `limits.resources`.
  Configuration configuration() const;
  const std::string& output() const { return output_; }
  /// The run of --resume; empty for a new one. Throws kInvalidArgument beside an option that would
  /// change it.
  std::optional<RunDirectory> resumed() const;

 private:
  struct Shortcut {
    std::string key;
    std::string option;
    std::string value;
  };
  void add_shortcut(CLI::App& app, const char* option, const char* key, const char* type,
                    const char* help);

  std::string config_, output_, resume_;
  std::vector<std::string> settings_, maxima_;
  std::vector<Shortcut> shortcuts_;
};

}  // namespace nasmyth
