// mbconv: inverted bottleneck with a depthwise convolution (MobileNetV2, arXiv 1801.04381;
// squeeze-and-excitation as in MobileNetV3, arXiv 1905.02244).
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

class MBConv : public Composite {
 public:
  std::string help() const override {
    return "1x1 convolution to a hidden width, depthwise convolution, 1x1 convolution back";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {channels_attribute(),
            {"hidden",
             "width between the 1x1 convolutions; may be open; without it there is no "
             "first 1x1 convolution",
             "the input's"},
            {"kernel", "size of the depthwise kernel; may be open", "3"},
            stride_attribute(),
            {"squeeze_excitation", "1: gate the hidden channels", "0"},
            residual_attribute(),
            activation_attribute("relu"),
            affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int in = inputs[0];
    expect_image_input(e, node, in);
    const std::string activation = node.word("activation", "relu");
    const auto affine = take(node, "affine", 1);
    int x = in;
    if (node.has("hidden"))
      x = e.add("conv_bn", "expand", {x},
                {{"channels", node.number("hidden", 0)}, {"activation", activation}, affine});
    x = e.add("conv_bn", "depthwise", {x},
              {{"groups", std::string("depthwise")},
               take(node, "kernel", 3),
               take(node, "stride", 1),
               {"activation", activation},
               affine});
    if (node.constant("squeeze_excitation", 0) != 0)
      x = e.add("squeeze_excitation", "squeeze_excitation", {x});
    x = e.add("conv_bn", "project", {x}, {take(node, "channels", e.shape(in).channels()), affine});
    return add_residual(e, node, in, x);
  }
};

}  // namespace

std::unique_ptr<Operation> mbconv_operation() { return std::make_unique<MBConv>(); }

}  // namespace nasmyth
