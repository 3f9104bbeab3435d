#include "nasmyth/resource/resource_model.h"

namespace nasmyth {

#define NASMYTH_RESOURCE_MODEL(name, entry) ResourceModelEntry entry();
#include "nasmyth/resource/resource_models.def"
#undef NASMYTH_RESOURCE_MODEL

std::optional<CostTerms> ResourceModel::terms(OpenNetwork&) const { return std::nullopt; }

Registry<ResourceModelEntry>& resource_models() {
  static Registry<ResourceModelEntry>& registry = *[] {
    auto* r = new Registry<ResourceModelEntry>("resource");  // never destroyed
#define NASMYTH_RESOURCE_MODEL(name, entry) r->add(#name, entry());
#include "nasmyth/resource/resource_models.def"
#undef NASMYTH_RESOURCE_MODEL
    return r;
  }();
  return registry;
}

std::unique_ptr<ResourceModel> make_resource_model(std::string_view name) {
  return resource_models().get(name, "resource").make();
}

}  // namespace nasmyth
