// conv2d: grouped, strided, dilated two-dimensional convolution.
#include "nasmyth/core/error.h"
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

bool is_depthwise(const Node& node) {
  const auto it = node.attributes.find("groups");
  if (it == node.attributes.end() || !std::holds_alternative<std::string>(it->second)) return false;
  if (const auto& word = std::get<std::string>(it->second); word != "depthwise")
    throw Error(ErrorKind::kInvalidArgument, node.scope,
                "conv2d: 'groups' is a number or depthwise; got '" + word + "'");
  return true;
}

class Conv2d : public Primitive {
 public:
  std::string help() const override {
    return "two-dimensional convolution (cross-correlation) with zero padding";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {{"channels", "channels of the result; may be open", "the input's"},
            {"kernel", "size of the kernel; may be open (centre of the greatest)", "1"},
            {"kernel_height", "height of the kernel, where it is not square", "kernel"},
            {"kernel_width", "width of the kernel, where it is not square", "kernel"},
            {"stride", "step of the kernel", "1"},
            {"stride_height", "vertical step, where it differs", "stride"},
            {"stride_width", "horizontal step, where it differs", "stride"},
            {"padding", "zeros around the image", "dilation * (kernel - 1) / 2"},
            {"padding_height", "rows of zeros, where they differ", "padding"},
            {"padding_width", "columns of zeros, where they differ", "padding"},
            {"dilation", "distance of the kernel's points", "1"},
            {"groups", "groups of channels, or depthwise: one for each channel", "1"},
            {"bias", "1: add a bias for each channel", "0"}};
  }

  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    const TensorShape& in = inputs[0];
    expect_image(node, in);
    const ChoiceFunction out = whole_number(node, "channels", in.channels(), 1);
    if (is_depthwise(node)) {
      expect_equal(node, "channels of a depthwise result", in.channels(), out);
    } else {
      const ChoiceFunction groups = whole_number(node, "groups", 1, 1);
      divide_exactly(node, "channels of the input", in.channels(), groups);
      divide_exactly(node, "channels of the result", out, groups);
    }
    const Window window = read_window(node, 1);
    return {{out, window.result(in[1], 0), window.result(in[2], 1)}};
  }

  std::vector<ParameterSpec> parameters(const Node& node, std::span<const TensorShape> inputs,
                                        const TensorShape& output) const override {
    const Window window = read_window(node, 1);
    std::vector<ParameterSpec> specs{
        {"weight",
         {output.channels(), group_inputs(node, inputs[0]), window.kernel[0], window.kernel[1]},
         {SliceKind::kPrefix, SliceKind::kPrefix, SliceKind::kCentre, SliceKind::kCentre},
         Initializer::kHeNormalFanOut}};
    if (node.constant("bias", 0) != 0)
      specs.push_back({"bias",
                       {output.channels()},
                       {SliceKind::kPrefix},
                       Initializer::kZero,
                       /*trainable=*/true,
                       /*decay=*/false});
    return specs;
  }

  void flatten(Node& node) const override { flatten_window(node); }

  ChoiceFunction macs(const Node& node, std::span<const TensorShape> inputs,
                      const TensorShape& output) const override {
    const Window window = read_window(node, 1);
    return window.kernel[0] * window.kernel[1] * group_inputs(node, inputs[0]) * output.elements();
  }

 private:
  static ChoiceFunction group_inputs(const Node& node, const TensorShape& input) {
    if (is_depthwise(node)) return 1;
    return floordiv(input.channels(), node.number("groups", 1));
  }
};

}  // namespace

std::unique_ptr<Operation> conv2d_primitive() { return std::make_unique<Conv2d>(); }

}  // namespace nasmyth
