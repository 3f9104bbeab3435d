#include "nasmyth/supernet/discretizer.h"

namespace nasmyth {

#define NASMYTH_DISCRETIZER(name, entry) DiscretizerEntry entry();
#include "nasmyth/supernet/discretizers.def"
#undef NASMYTH_DISCRETIZER

Registry<DiscretizerEntry>& discretizers() {
  static Registry<DiscretizerEntry>& registry = *[] {
    auto* r = new Registry<DiscretizerEntry>("discretizer");  // never destroyed
#define NASMYTH_DISCRETIZER(name, entry) r->add(#name, entry());
#include "nasmyth/supernet/discretizers.def"
#undef NASMYTH_DISCRETIZER
    return r;
  }();
  return registry;
}

std::unique_ptr<Discretizer> make_discretizer(std::string_view name) {
  return discretizers().get(name, "discretizer").make();
}

}  // namespace nasmyth
