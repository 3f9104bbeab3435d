#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nasmyth/cli/arguments.h"
#include "nasmyth/core/configuration.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth {

/// --max, which may be repeated.
void add_maxima(Arguments arguments, std::vector<std::string>& maxima, const char* help);
/// `params=20k` of each --max as resource and number. Throws kInvalidArgument for another form.
OptionMap split_maxima(const std::vector<std::string>& maxima);

/// The options of commands that run something: a configuration file and, above it, the command
/// line.
class RunCommandOptions {
 public:
  /// --config and --set.
  void add_configuration(Arguments arguments);
  /// --space, --data, --max, --seed, --objective, --early-stop, --time-limit,
  /// --executor, --device, --threads.
  void add_common(Arguments arguments);
  /// --output and --resume.
  void add_output(Arguments arguments);

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
  void add_shortcut(Arguments arguments, const char* option, const char* key, const char* type,
                    const char* help);

  std::string config_, output_, resume_;
  std::vector<std::string> settings_, maxima_;
  std::vector<Shortcut> shortcuts_;
};

}  // namespace nasmyth
