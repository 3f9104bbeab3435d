#include "nasmyth/export/exporter.h"

#include "nasmyth/core/text.h"

namespace nasmyth {

#define NASMYTH_EXPORTER(name, entry) ExporterEntry entry();
#include "nasmyth/export/exporters.def"
#undef NASMYTH_EXPORTER

Registry<ExporterEntry>& exporters() {
  static Registry<ExporterEntry>& registry = *[] {
    auto* r = new Registry<ExporterEntry>("export format");  // never destroyed
#define NASMYTH_EXPORTER(name, entry) r->add(#name, entry());
#include "nasmyth/export/exporters.def"
#undef NASMYTH_EXPORTER
    return r;
  }();
  return registry;
}

std::string export_network(std::string_view format, const ExportRequest& request,
                           const OptionMap& options) {
  const ExporterEntry& entry = exporters().get(format, "export");
  const auto exporter = entry.make(options);
  if (entry.needs_weights && !request.parameters)
    throw Error(ErrorKind::kInvalidArgument, "export " + std::string(format),
                "the format needs weights", "give a weights file, or initial weights of a seed");
  return exporter->write(request);
}

std::string format_of(std::string_view path) {
  const std::string lower = to_lower(path);
  for (const auto& [name, entry] : exporters())
    if (lower.ends_with(entry.extension)) return name;
  return {};
}

}  // namespace nasmyth
