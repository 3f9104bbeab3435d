#pragma once

#include <ostream>
#include <span>
#include <string>

namespace nasmyth {

/// The program without its process: runs the command that `arguments` (without the program's name)
/// ask for and returns the exit code: 0 done, 2 user error, 1 fault. Errors are printed on `err` as
/// `nasmyth: error: ...`, nothing is thrown.
int run_program(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace nasmyth
