#include "nasmyth/space/search_space.h"

#include "nasmyth/space/space_source.h"

namespace nasmyth {

#define NASMYTH_SPACE(name, entry) SpaceEntry entry();
#include "nasmyth/space/spaces.def"
#undef NASMYTH_SPACE

NetworkGraph SearchSpace::network(const Architecture& architecture, const Form& form) const {
  const auto open = graph(form);
  if (!open)
    throw Error(ErrorKind::kInternal, "space", "it has no open graph and no network function");
  return open->bind(architecture);
}

std::string SearchSpace::equivalence_key(const Architecture& architecture) const {
  const auto open = graph(example());
  return open ? open->canonical(architecture).to_text() : architecture.to_text();
}

Architecture SearchSpace::architecture(std::string_view text) const {
  const bool own_text =
      text.find('=') != std::string_view::npos || text.find('{') != std::string_view::npos;
  if (own_text || text.empty()) return Architecture::parse(choices(), text);
  throw unknown_name("architecture", "architecture", text, published());
}

std::string SearchSpace::genotype(const Architecture&) const { return {}; }

NetworkGraph SearchSpace::network_from_text(std::string_view text, const Form& form) const {
  return network(architecture(text), form);
}

Registry<SpaceEntry>& search_spaces() {
  static Registry<SpaceEntry>& registry = *[] {
    auto* r = new Registry<SpaceEntry>("space");  // never destroyed: used until the program ends
#define NASMYTH_SPACE(name, entry) r->add(#name, entry());
#include "nasmyth/space/spaces.def"
#undef NASMYTH_SPACE
    return r;
  }();
  return registry;
}

std::unique_ptr<SearchSpace> make_space(std::string_view name, const OptionMap& options) {
  return open_space(name, options, "space");
}

}  // namespace nasmyth
