#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include "nasmyth/cli/arguments.h"
#include "nasmyth/core/registry.h"

namespace nasmyth {

/// Where a command writes: results to `out`, progress and remarks to `err`.
struct Context {
  std::ostream& out;
  std::ostream& err;
};

/// One command of the program. Lives for one invocation: setup, then run.
class Command {
 public:
  virtual ~Command() = default;
  /// One line.
  virtual std::string help() const = 0;
  /// A command line that works, without the program's name: "count --space darts".
  virtual std::string example() const = 0;
  /// Declares options; their values are members of the command.
  virtual void setup(Arguments arguments) = 0;
  /// Does the work; returns the exit code. What goes wrong is thrown as Error.
  virtual int run(Context& context) = 0;
};

/// How a command is made.
using CommandFactory = std::unique_ptr<Command> (*)();

/// The commands, in the order of `commands.def`. Filled on first use; add before use.
Registry<CommandFactory>& commands();

}  // namespace nasmyth
