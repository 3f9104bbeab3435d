// `nasmyth list`: what the registries hold.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/kind.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"

namespace nasmyth {
namespace {

class ListCommand : public Command {
 public:
  std::string help() const override { return "List spaces, operations and all else by name"; }
  std::string example() const override { return "list operations"; }

  void setup(Arguments arguments) override {
    arguments.add("kind", kind_, "KIND", "what to list (without it: the kinds)");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    std::vector<KindEntry> entries;
    if (kind_.empty())
      for (const auto& [name, kind] : kinds()) entries.push_back({name, kind->help()});
    else
      entries = find_kind(kind_, "list").entries();
    context.out << (json_ ? as_json(entries) : as_text(entries));
    return 0;
  }

 private:
  static std::string as_json(const std::vector<KindEntry>& entries) {
    Json array = Json::array();
    for (const auto& entry : entries) array.push_back({{"name", entry.name}, {"help", entry.help}});
    return json_text(array);
  }

  static std::string as_text(const std::vector<KindEntry>& entries) {
    TextTable table({{"name"}, {"what it is"}});
    for (const auto& entry : entries) table.add_row({entry.name, entry.help});
    return table.to_string();
  }

  std::string kind_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> list_command() { return std::make_unique<ListCommand>(); }

}  // namespace nasmyth
