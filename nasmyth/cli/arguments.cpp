#include "nasmyth/cli/arguments.h"

#include <CLI/CLI.hpp>

namespace nasmyth {

void Arguments::add(const std::string& name, std::string& value, const std::string& type,
                    const std::string& help) {
  app_->add_option(name, value, help)->type_name(type);
}

void Arguments::add_number(const std::string& name, int& value, int least, int greatest,
                           const std::string& type, const std::string& help) {
  app_->add_option(name, value, help)->type_name(type)->check(CLI::Range(least, greatest));
}

void Arguments::add_repeated(const std::string& name, std::vector<std::string>& values,
                             const std::string& type, const std::string& help) {
  app_->add_option(name, values, help)
      ->type_name(type)
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->expected(1, 1 << 16)
      ->allow_extra_args(false);
}

void Arguments::add_list(const std::string& name, std::vector<std::string>& values,
                         const std::string& type, const std::string& help) {
  app_->add_option(name, values, help)
      ->type_name(type)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(-1);
}

void Arguments::add_flag(const std::string& name, bool& value, const std::string& help) {
  app_->add_flag(name, value, help);
}

void Arguments::add_json_flag(bool& json) { add_flag("--json", json, "print the result as JSON"); }

Arguments Arguments::add_subcommand(const std::string& name, const std::string& help) {
  app_->require_subcommand(1);
  return Arguments(*app_->add_subcommand(name, help));
}

}  // namespace nasmyth
