#pragma once

#include <span>
#include <string>

#include "nasmyth/core/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace nasmyth {

/// Makes `--json=5` an error: flags take no value.
void refuse_flag_values(CLI::App& app);

/// What the parser found wrong with the arguments of `command`, in the program's own words.
Error argument_error(const CLI::ParseError& fault, CLI::App& app, const std::string& command,
                     std::span<const std::string> arguments);

/// Throws for options and arguments that nothing has taken, with a suggestion, and for empty values
/// (`--seed "$SEED"`), which are slips.
void check_arguments(CLI::App& app, const std::string& command);

}  // namespace nasmyth
