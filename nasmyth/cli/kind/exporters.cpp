#include "nasmyth/cli/kind.h"
#include "nasmyth/export/exporter.h"

namespace nasmyth {
namespace {

class ExportersKind : public Kind {
 public:
  std::string singular() const override { return "exporter"; }
  std::string help() const override { return "formats in which networks are written"; }

  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& [name, entry] : nasmyth::exporters()) entries.push_back({name, entry.help});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    const ExporterEntry& entry = nasmyth::exporters().get(name, "describe");
    entry.make(settings);
    KindDescription d{std::string(name), entry.help, entry.options(), {}, {}};
    d.facts.emplace_back("files", "*" + entry.extension);
    d.facts.emplace_back("weights", entry.needs_weights ? "needed" : "not written");
    return d;
  }
};

}  // namespace

std::unique_ptr<Kind> exporters_kind() { return std::make_unique<ExportersKind>(); }

}  // namespace nasmyth
