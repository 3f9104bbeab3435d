// bottleneck: the layer of deep residual networks (arXiv 1512.03385).
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

class Bottleneck : public Composite {
 public:
  std::string help() const override {
    return "1x1 convolution to a hidden width, convolution there, 1x1 convolution back";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {channels_attribute(),
            {"hidden", "width of the inner convolution; may be open",
             "a quarter of the result's width, at least 1"},
            {"kernel", "size of the inner kernel; may be open", "3"},
            stride_attribute(),
            residual_attribute(),
            activation_attribute("relu"),
            final_attribute(),
            affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int in = inputs[0];
    expect_image_input(e, node, in);
    const ChoiceFunction channels = node.number("channels", e.shape(in).channels());
    const ChoiceFunction hidden = node.number("hidden", max(1, floordiv(channels, 4)));
    const std::string activation = node.word("activation", "relu");
    const auto affine = take(node, "affine", 1);
    int x = e.add("conv_bn", "reduce", {in},
                  {{"channels", hidden}, {"activation", activation}, affine});
    x = e.add(
        "conv_bn", "middle", {x},
        {take(node, "kernel", 3), take(node, "stride", 1), {"activation", activation}, affine});
    x = e.add("conv_bn", "expand", {x}, {{"channels", channels}, affine});
    return activate(e, node, "final", node.word("final", activation), add_residual(e, node, in, x));
  }
};

}  // namespace

std::unique_ptr<Operation> bottleneck_operation() { return std::make_unique<Bottleneck>(); }

}  // namespace nasmyth
