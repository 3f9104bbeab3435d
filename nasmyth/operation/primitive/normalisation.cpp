// batch_norm (Ioffe and Szegedy, arXiv 1502.03167).
#include "nasmyth/core/error.h"
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class BatchNorm : public Primitive {
 public:
  std::string help() const override {
    return "batch normalisation of each channel of an image or feature of a vector";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {{"affine", "1: a trained scale and shift for each channel", "1"},
            {"epsilon", "added to the variance", "1e-05"},
            {"momentum", "share of a new batch in the running statistics", "0.1"}};
  }

  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    if (inputs[0].rank() != 1) expect_image(node, inputs[0]);
    return inputs[0];
  }

  std::vector<ParameterSpec> parameters(const Node& node, std::span<const TensorShape> inputs,
                                        const TensorShape&) const override {
    const auto per_channel = [&](const char* role, Initializer initializer, bool trainable) {
      return ParameterSpec{role,      {inputs[0].channels()}, {SliceKind::kPrefix}, initializer,
                           trainable, /*decay=*/false};
    };
    std::vector<ParameterSpec> specs;
    if (node.constant("affine", 1) != 0) {
      specs.push_back(per_channel("weight", Initializer::kOne, true));
      specs.push_back(per_channel("bias", Initializer::kZero, true));
    }
    specs.push_back(per_channel("running_mean", Initializer::kZero, false));
    specs.push_back(per_channel("running_variance", Initializer::kOne, false));
    return specs;
  }
};

}  // namespace

std::unique_ptr<Operation> batch_norm_primitive() { return std::make_unique<BatchNorm>(); }

}  // namespace nasmyth
