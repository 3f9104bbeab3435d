#include "nasmyth/data/data_source.h"

#include "nasmyth/cli/kind.h"

namespace nasmyth {
namespace {

class DataSourcesKind : public Kind {
 public:
  std::string singular() const override { return "data_source"; }
  std::string help() const override { return "where images come from"; }

  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& [name, source] : data_sources()) entries.push_back({name, source.help});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    const DataSourceEntry& source = data_sources().get(name, "describe");
    check_option_names(settings, source.options(), "data source " + std::string(name));
    KindDescription d{std::string(name), source.help, source.options(), {}, {}};
    d.facts.emplace_back("written", source.form);
    if (source.available("")) d.facts.emplace_back("without an argument", "found on this machine");
    return d;
  }
};

}  // namespace

std::unique_ptr<Kind> data_sources_kind() { return std::make_unique<DataSourcesKind>(); }

}  // namespace nasmyth
