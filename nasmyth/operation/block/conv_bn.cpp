// conv_bn and relu_conv_bn: convolution and batch normalisation with an activation after or a ReLU
// before.
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

Attributes convolution(const Expansion& e, const Node& node, int x) {
  Attributes attributes{take(node, "channels", e.shape(x).channels()), take(node, "kernel", 1),
                        take(node, "stride", 1), take(node, "dilation", 1)};
  const auto groups = node.attributes.find("groups");
  attributes["groups"] = groups == node.attributes.end() ? Attribute(1) : groups->second;
  return attributes;
}

std::vector<AttributeInfo> convolution_attributes() {
  return {channels_attribute(),
          {"kernel", "size of the kernel; may be open", "1"},
          stride_attribute(),
          {"dilation", "distance of the kernel's points", "1"},
          {"groups", "groups of channels, or depthwise", "1"},
          affine_attribute()};
}

class ConvBn : public Composite {
 public:
  std::string help() const override {
    return "convolution, batch normalisation and, where asked for, an activation";
  }
  std::vector<AttributeInfo> attributes() const override {
    auto attributes = convolution_attributes();
    attributes.push_back(activation_attribute("none"));
    return attributes;
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    expect_image_input(e, node, inputs[0]);
    int x = e.add("conv2d", "conv", {inputs[0]}, convolution(e, node, inputs[0]));
    x = e.add("batch_norm", "bn", {x}, {take(node, "affine", 1)});
    x = activate(e, node, "activation", node.word("activation", "none"), x);
    return mask_if_open(e, "mask", x);
  }
};

class ReluConvBn : public Composite {
 public:
  std::string help() const override { return "ReLU, convolution, batch normalisation"; }
  std::vector<AttributeInfo> attributes() const override { return convolution_attributes(); }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    expect_image_input(e, node, inputs[0]);
    int x = e.add("relu", "relu", {inputs[0]});
    x = e.add("conv2d", "conv", {x}, convolution(e, node, x));
    x = e.add("batch_norm", "bn", {x}, {take(node, "affine", 1)});
    return mask_if_open(e, "mask", x);
  }
};

}  // namespace

std::unique_ptr<Operation> conv_bn_operation() { return std::make_unique<ConvBn>(); }
std::unique_ptr<Operation> relu_conv_bn_operation() { return std::make_unique<ReluConvBn>(); }

}  // namespace nasmyth
