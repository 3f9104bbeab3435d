#include "nasmyth/resource/additive_model.h"

namespace nasmyth {
namespace {

constexpr double kBytesOfWeight = 4;  // float32

class WeightBytes : public AdditiveModel {
 public:
  std::string unit() const override { return "bytes"; }

 protected:
  std::vector<ChoiceFunction> sum(OpenNetwork& open) const override {
    std::vector<ChoiceFunction> terms = parameter_terms(open);
    for (auto& term : terms) term = times(term, kBytesOfWeight);
    return terms;
  }
};

}  // namespace

ResourceModelEntry weight_bytes_model() {
  return {"bytes of the trainable numbers as float32",
          []() -> std::unique_ptr<ResourceModel> { return std::make_unique<WeightBytes>(); }};
}

}  // namespace nasmyth
