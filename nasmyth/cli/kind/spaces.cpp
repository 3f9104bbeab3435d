#include "nasmyth/cli/kind.h"
#include "nasmyth/core/text.h"
#include "nasmyth/space/file/file_space.h"
#include "nasmyth/space/space_source.h"

namespace nasmyth {
namespace {

class SpacesKind : public Kind {
 public:
  std::string singular() const override { return "space"; }
  std::string help() const override { return "sets of networks to search in"; }

  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& [name, entry] : search_spaces()) entries.push_back({name, entry.help});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    const auto space = open_space(name, settings, "describe");
    KindDescription d{std::string(name), {}, {}, {}, {}};
    if (const auto* file = dynamic_cast<const FileSpace*>(space.get())) {
      d.help = file->description();
      d.options = file->parameters();
    } else {
      const SpaceEntry& entry = search_spaces().get(name, "describe");
      d.help = entry.help;
      d.options = entry.options();
    }
    d.facts.emplace_back("choices", std::to_string(space->choices()->size()));
    if (const auto published = space->published(); !published.empty())
      d.facts.emplace_back("architectures", join(published, ", "));
    for (const auto& choice : *space->choices())
      d.facts.emplace_back("choice " + choice.name, join(labels(choice), " "));
    return d;
  }

 private:
  static std::vector<std::string> labels(const Choice& choice) {
    std::vector<std::string> labels;
    for (const auto& option : choice.options)
      labels.push_back(option.label + (option.search_only ? " (search only)" : ""));
    return labels;
  }
};

}  // namespace

std::unique_ptr<Kind> spaces_kind() { return std::make_unique<SpacesKind>(); }

}  // namespace nasmyth
