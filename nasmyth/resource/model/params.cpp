#include "nasmyth/resource/additive_model.h"

namespace nasmyth {
namespace {

class Params : public AdditiveModel {
 public:
  std::string unit() const override { return "parameters"; }

 protected:
  std::vector<ChoiceFunction> sum(OpenNetwork& open) const override {
    return parameter_terms(open);
  }
};

}  // namespace

ResourceModelEntry params_model() {
  return {"trainable numbers: weights, biases and affine, without running statistics",
          []() -> std::unique_ptr<ResourceModel> { return std::make_unique<Params>(); }};
}

}  // namespace nasmyth
