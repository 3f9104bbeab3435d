// depthwise_separable: the layer of MobileNetV1 (arXiv 1704.04861).
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

class DepthwiseSeparable : public Composite {
 public:
  std::string help() const override {
    return "depthwise and 1x1 convolution, each normalised and activated";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {channels_attribute(),
            {"kernel", "size of the depthwise kernel; may be open", "3"},
            stride_attribute(),
            residual_attribute(),
            activation_attribute("relu"),
            final_attribute(),
            affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int in = inputs[0];
    expect_image_input(e, node, in);
    const std::string activation = node.word("activation", "relu");
    const auto affine = take(node, "affine", 1);
    int x = e.add("conv_bn", "depthwise", {in},
                  {{"groups", std::string("depthwise")},
                   take(node, "kernel", 3),
                   take(node, "stride", 1),
                   {"activation", activation},
                   affine});
    x = e.add("conv_bn", "pointwise", {x},
              {take(node, "channels", e.shape(in).channels()), affine});
    return activate(e, node, "final", node.word("final", activation), add_residual(e, node, in, x));
  }
};

}  // namespace

std::unique_ptr<Operation> depthwise_separable_operation() {
  return std::make_unique<DepthwiseSeparable>();
}

}  // namespace nasmyth
