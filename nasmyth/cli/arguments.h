#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nasmyth {

/// What a command takes: options, flags, arguments by position, subcommands. The parser behind it
/// is header-only and slow to compile, so that commands see this instead. A handle: copies declare
/// for the same command. Values are written when the command line is parsed and must outlive that;
/// one that was not given keeps what it had.
class Arguments {
 public:
  explicit Arguments(CLI::App& app) : app_(&app) {}

  /// `--name VALUE`, or an argument by position where `name` has no dashes. `type` names the value
  /// in the help.
  void add(const std::string& name, std::string& value, const std::string& type,
           const std::string& help);
  /// A whole number within [least, greatest].
  void add_number(const std::string& name, int& value, int least, int greatest,
                  const std::string& type, const std::string& help);
  /// An option that may be repeated, one value each time.
  void add_repeated(const std::string& name, std::vector<std::string>& values,
                    const std::string& type, const std::string& help);
  /// Any number of arguments by position.
  void add_list(const std::string& name, std::vector<std::string>& values, const std::string& type,
                const std::string& help);
  /// `--name`, without a value.
  void add_flag(const std::string& name, bool& value, const std::string& help);
  /// --json.
  void add_json_flag(bool& json);
  /// One of them must be given.
  Arguments add_subcommand(const std::string& name, const std::string& help);

 private:
  CLI::App* app_;
};

}  // namespace nasmyth
