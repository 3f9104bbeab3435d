#include "nasmyth/cli/kind.h"
#include "nasmyth/search/search_configuration.h"

namespace nasmyth {
namespace {

constexpr const char* kRandomHelp =
    "feasible architectures drawn uniformly, each trained shortly, the best kept";

class StrategiesKind : public Kind {
 public:
  std::string singular() const override { return "strategy"; }
  std::string help() const override { return "ways to search a space"; }

  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& preset : gradient_search_presets())
      entries.push_back({preset.name, preset.help});
    entries.push_back({"random", kRandomHelp});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    KindDescription d{std::string(name), kRandomHelp, {}, {}, {}};
    OptionMap values;
    if (name == "random") {
      d.options = option_infos<RandomSearchOptions>();
      values = print_options(parse_options<RandomSearchOptions>(settings, "strategy random"));
    } else {
      values = print_options(make_gradient_search(name, settings, "strategy"));
      d.options = option_infos<GradientSearchOptions>();
      for (const auto& preset : gradient_search_presets())
        if (preset.name == name) d.help = preset.help;
    }
    for (auto& option : d.options) option.default_value = values.at(option.name);
    return d;
  }
};

}  // namespace

std::unique_ptr<Kind> strategies_kind() { return std::make_unique<StrategiesKind>(); }

}  // namespace nasmyth
