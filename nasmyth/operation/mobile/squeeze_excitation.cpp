// squeeze_excitation: channels gated by their global means (arXiv 1709.01507; h_sigmoid and reduced
// width as in MobileNetV3, arXiv 1905.02244).
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

class SqueezeExcitation : public Composite {
 public:
  std::string help() const override {
    return "each channel times a gate that two small layers compute from the global means";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {{"reduced", "width between the two layers; may be open",
             "a quarter of the input's width in multiples of 4, at least 4"}};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    expect_image_input(e, node, inputs[0]);
    const ChoiceFunction width = e.shape(inputs[0]).channels();
    const ChoiceFunction reduced =
        node.number("reduced", max(4, ChoiceFunction(4) * floordiv(width + 8, 16)));
    int gate = e.add("global_pool", "pool", {inputs[0]});
    gate = e.add("relu", "relu", {e.add("linear", "reduce", {gate}, {{"features", reduced}})});
    gate = mask_if_open(e, "mask", gate);
    gate = e.add("linear", "expand", {gate}, {{"features", width}});
    gate = e.add("h_sigmoid", "gate", {gate});
    return e.add("multiply", "multiply", {inputs[0], gate});
  }
};

}  // namespace

std::unique_ptr<Operation> squeeze_excitation_operation() {
  return std::make_unique<SqueezeExcitation>();
}

}  // namespace nasmyth
