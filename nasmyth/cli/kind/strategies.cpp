#include "nasmyth/cli/kind.h"
#include "nasmyth/search/sampling_search.h"
#include "nasmyth/strategy/gradient_search.h"
#include "nasmyth/strategy/strategy.h"

namespace nasmyth {
namespace {

class StrategiesKind : public Kind {
 public:
  std::string singular() const override { return "strategy"; }
  std::string help() const override { return "ways to search a space"; }

  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& [name, entry] : strategies()) entries.push_back({name, entry.help});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    const StrategyEntry& entry = strategies().get(name, "describe");
    KindDescription d{std::string(name), entry.help, {}, {}, {}};
    OptionMap values;
    if (entry.make) {
      d.options = option_infos<SamplingSearchOptions>();
      if (entry.options)
        for (auto& option : entry.options()) d.options.push_back(std::move(option));
      check_option_names(settings, d.options, "strategy " + std::string(name));
      values = settings;
    } else {
      values = print_options(make_gradient_search(name, settings, "strategy"));
      d.options = option_infos<GradientSearchOptions>();
    }
    for (auto& option : d.options)
      if (const auto it = values.find(option.name); it != values.end())
        option.default_value = it->second;
    return d;
  }
};

}  // namespace

std::unique_ptr<Kind> strategies_kind() { return std::make_unique<StrategiesKind>(); }

}  // namespace nasmyth
