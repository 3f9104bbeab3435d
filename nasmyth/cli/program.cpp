#include "nasmyth/cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <new>
#include <vector>

#include "nasmyth/cli/argument_errors.h"
#include "nasmyth/cli/command.h"
#include "nasmyth/core/error.h"
#include "nasmyth/core/plugin.h"
#include "nasmyth/core/version.h"

namespace nasmyth {

#define NASMYTH_COMMAND(name, factory) std::unique_ptr<Command> factory();
#include "nasmyth/cli/commands.def"
#undef NASMYTH_COMMAND

Registry<CommandFactory>& commands() {
  static Registry<CommandFactory>& registry = *[] {
    auto* r = new Registry<CommandFactory>("command");  // never destroyed: used until the end
#define NASMYTH_COMMAND(name, factory) r->add(#name, factory);
#include "nasmyth/cli/commands.def"
#undef NASMYTH_COMMAND
    return r;
  }();
  return registry;
}

namespace {

std::string overview() {
  std::string text = "Nasmyth " + std::string(version()) +
                     ": neural-architecture search under stated resource limits.\n\n"
                     "Usage: nasmyth COMMAND [OPTIONS]\n\nCommands:\n";
  std::size_t width = 0;
  for (const auto& [name, make] : commands()) width = std::max(width, name.size());
  for (const auto& [name, make] : commands())
    text += "  " + name + std::string(width - name.size() + 2, ' ') + make()->help() + "\n";
  return text +
         "\n`nasmyth COMMAND --help` describes a command, `nasmyth --version` prints the version.\n"
         "`--plugin FILE`, with any command, loads a library that adds operations, strategies ...\n"
         "Results go to standard output, progress and errors to standard error.\n"
         "Exit codes: 0 done, 2 user error, 1 fault of the program, 130 interrupted.\n";
}

std::string usage(const CLI::App& app, const std::string& name, const Command& command) {
  std::string text = app.help("nasmyth " + name);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text + "\n\nExample:\n  nasmyth " + command.example() + "\n";
}

int run_command(const std::string& name, std::span<const std::string> arguments, Context& context) {
  const auto command = commands().get(name, "nasmyth")();
  CLI::App app(command->help());
  // Unknown options are told apart from arguments here, for the sake of a suggestion.
  app.allow_extras();
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command->setup(Arguments(app));
  refuse_flag_values(app);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    context.out << usage(app, name, *command);
    return 0;
  } catch (const CLI::ParseError& e) {
    throw argument_error(e, app, name, arguments);
  }
  check_arguments(app, name);
  return command->run(context);
}

// Takes `--plugin FILE` out of the arguments, wherever they stand, and loads the files.
std::vector<std::string> load_plugins(std::span<const std::string> arguments) {
  constexpr std::string_view kOption = "--plugin";
  std::vector<std::string> others;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.starts_with(std::string(kOption) + "=")) {
      request_plugin(argument.substr(kOption.size() + 1));
    } else if (argument != kOption) {
      others.push_back(argument);
    } else if (++i < arguments.size()) {
      request_plugin(arguments[i]);
    } else {
      throw Error(ErrorKind::kInvalidArgument, kOption, "no file is given",
                  "try --plugin libmine.so");
    }
  }
  return others;
}

int dispatch(std::span<const std::string> arguments, Context& context) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" ||
      (arguments[0] == "help" && arguments.size() == 1)) {
    context.out << overview();
    return 0;
  }
  if (arguments[0] == "--version") {
    context.out << "nasmyth " << version() << "\n";
    return 0;
  }
  if (arguments[0] == "help") {
    const std::vector<std::string> help{"--help"};
    return run_command(arguments[1], help, context);
  }
  if (arguments[0].starts_with("-"))
    throw unknown_name("nasmyth", "option", arguments[0],
                       std::vector<std::string>{"--help", "--version"});
  return run_command(arguments[0], arguments.subspan(1), context);
}

}  // namespace

int run_program(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  Context context{out, err};
  try {
    return dispatch(load_plugins(arguments), context);
  } catch (const Error& e) {
    err << "nasmyth: error: " << e.what() << "\n";
    return exit_code(e.kind());
  } catch (const std::bad_alloc&) {
    err << "nasmyth: error: [memory] there is not enough of it; try a smaller network or batch\n";
  } catch (const std::exception& e) {
    err << "nasmyth: error: [internal] " << e.what() << "; please report it\n";
  }
  return 1;
}

}  // namespace nasmyth
