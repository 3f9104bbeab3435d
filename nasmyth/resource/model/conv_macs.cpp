#include "nasmyth/resource/additive_model.h"

namespace nasmyth {
namespace {

class ConvMacs : public AdditiveModel {
 public:
  std::string unit() const override { return "multiply-accumulates"; }

 protected:
  std::vector<ChoiceFunction> sum(OpenNetwork& open) const override {
    return mac_terms(open, [](const std::string& operation) { return operation == "conv2d"; });
  }
};

}  // namespace

ResourceModelEntry conv_macs_model() {
  return {"multiply-accumulates of convolutions, for one sample",
          []() -> std::unique_ptr<ResourceModel> { return std::make_unique<ConvMacs>(); }};
}

}  // namespace nasmyth
