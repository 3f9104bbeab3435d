// linear: a fully connected layer.
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class Linear : public Primitive {
 public:
  std::string help() const override { return "fully connected layer: vector to vector"; }
  std::vector<AttributeInfo> attributes() const override {
    return {{"features", "features of the result; may be open", "the input's"},
            {"bias", "1: add a bias for each feature", "1"}};
  }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    expect_vector(node, inputs[0]);
    return {{whole_number(node, "features", inputs[0][0], 1)}};
  }
  std::vector<ParameterSpec> parameters(const Node& node, std::span<const TensorShape> inputs,
                                        const TensorShape& output) const override {
    std::vector<ParameterSpec> specs{{"weight",
                                      {output[0], inputs[0][0]},
                                      {SliceKind::kPrefix, SliceKind::kPrefix},
                                      Initializer::kHeUniformFanIn}};
    if (node.constant("bias", 1) != 0)
      specs.push_back({"bias",
                       {output[0]},
                       {SliceKind::kPrefix},
                       Initializer::kZero,
                       /*trainable=*/true,
                       /*decay=*/false});
    return specs;
  }
  ChoiceFunction macs(const Node&, std::span<const TensorShape> inputs,
                      const TensorShape& output) const override {
    return inputs[0][0] * output[0];
  }
};

}  // namespace

std::unique_ptr<Operation> linear_primitive() { return std::make_unique<Linear>(); }

}  // namespace nasmyth
