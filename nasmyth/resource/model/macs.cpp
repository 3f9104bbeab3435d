#include "nasmyth/resource/additive_model.h"

namespace nasmyth {
namespace {

class Macs : public AdditiveModel {
 public:
  std::string unit() const override { return "multiply-accumulates"; }

 protected:
  std::vector<ChoiceFunction> sum(OpenNetwork& open) const override {
    return mac_terms(open, [](const std::string&) { return true; });
  }
};

}  // namespace

ResourceModelEntry macs_model() {
  return {"multiply-accumulates of convolutions, linear layers and attention, for one sample",
          []() -> std::unique_ptr<ResourceModel> { return std::make_unique<Macs>(); }};
}

}  // namespace nasmyth
