#include "nasmyth/cli/kind.h"

namespace nasmyth {

#define NASMYTH_KIND(name, factory) std::unique_ptr<Kind> factory();
#include "nasmyth/cli/kinds.def"
#undef NASMYTH_KIND

Registry<std::shared_ptr<const Kind>>& kinds() {
  static auto& registry = *[] {
    auto* r = new Registry<std::shared_ptr<const Kind>>("kind");  // never destroyed
#define NASMYTH_KIND(name, factory) r->add(#name, factory());
#include "nasmyth/cli/kinds.def"
#undef NASMYTH_KIND
    return r;
  }();
  return registry;
}

const Kind& find_kind(std::string_view word, std::string_view where) {
  for (const auto& [name, kind] : kinds())
    if (name == word || kind->singular() == word) return *kind;
  throw unknown_name(where, "kind", word, kinds().names());
}

std::vector<std::string> names_of(const std::vector<KindEntry>& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

}  // namespace nasmyth
