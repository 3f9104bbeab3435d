#include "nasmyth/data/data_source.h"

#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

struct Spec {
  const DataSourceEntry& source;
  std::string argument;
};

Spec parse(const std::string& spec) {
  const std::size_t colon = spec.find(':');
  const std::string name(trim(std::string_view(spec).substr(0, colon)));
  const std::string argument =
      colon == std::string::npos ? "" : std::string(trim(std::string_view(spec).substr(colon + 1)));
  return {data_sources().get(name, "data"), argument};
}

}  // namespace

#define NASMYTH_DATA_SOURCE(name, entry) DataSourceEntry entry();
#include "nasmyth/data/data_sources.def"
#undef NASMYTH_DATA_SOURCE

Registry<DataSourceEntry>& data_sources() {
  static Registry<DataSourceEntry>& registry = *[] {
    auto* r = new Registry<DataSourceEntry>("data source");  // never destroyed
#define NASMYTH_DATA_SOURCE(name, entry) r->add(name, entry());
#include "nasmyth/data/data_sources.def"
#undef NASMYTH_DATA_SOURCE
    return r;
  }();
  return registry;
}

DatasetPair load_data(const std::string& spec) {
  const Spec s = parse(spec);
  return s.source.load(s.argument);
}

bool data_available(const std::string& spec) {
  const Spec s = parse(spec);
  return s.source.available(s.argument);
}

}  // namespace nasmyth
