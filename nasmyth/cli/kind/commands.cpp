#include "nasmyth/cli/command.h"
#include "nasmyth/cli/kind.h"

namespace nasmyth {
namespace {

class CommandsKind : public Kind {
 public:
  std::string singular() const override { return "command"; }
  std::string help() const override { return "what the program can be asked to do"; }

  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& [name, make] : nasmyth::commands()) entries.push_back({name, make()->help()});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    check_option_names(settings, {}, "command " + std::string(name));
    const auto command = nasmyth::commands().get(name, "describe")();
    return {std::string(name),
            command->help(),
            {},
            {},
            {{"example", "nasmyth " + command->example()},
             {"options", "nasmyth " + std::string(name) + " --help"}}};
  }
};

}  // namespace

std::unique_ptr<Kind> commands_kind() { return std::make_unique<CommandsKind>(); }

}  // namespace nasmyth
