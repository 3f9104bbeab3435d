// residual: the basic block of residual networks (arXiv 1512.03385).
#include <algorithm>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

class Residual : public Composite {
 public:
  std::string help() const override {
    return "two convolutions beside the input (projected by 1x1 where the shape changes), summed";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {channels_attribute(),
            {"kernel", "size of both kernels; may be open", "3"},
            stride_attribute(),
            {"projection", "1: a 1x1 convolution on the way around, 0: none",
             "1 where the stride or the width changes the shape"},
            activation_attribute("relu"),
            final_attribute(),
            affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int in = inputs[0];
    expect_image_input(e, node, in);
    const auto channels = take(node, "channels", e.shape(in).channels());
    const auto kernel = take(node, "kernel", 3), stride = take(node, "stride", 1);
    const auto affine = take(node, "affine", 1);
    const std::string activation = node.word("activation", "relu");
    int x = e.add("conv_bn", "first", {in},
                  {channels, kernel, stride, {"activation", activation}, affine});
    x = e.add("conv_bn", "second", {x}, {channels, kernel, affine});
    int around = in;
    if (projects(e, node, in))
      around = e.add("conv_bn", "projection", {in}, {channels, stride, affine});
    return activate(e, node, "final", node.word("final", activation),
                    e.add("sum", "sum", {x, around}));
  }

 private:
  static bool projects(const Expansion& e, const Node& node, int in) {
    if (node.has("projection")) return node.constant("projection") != 0;
    const ChoiceFunction width = e.shape(in).channels();
    const ChoiceFunction channels = node.number("channels", width);
    if (node.constant("stride", 1) != 1) return true;
    if (channels == width) return false;
    // The open network and each of its bound ones must have the same nodes.
    const ChoiceFunction difference = channels - width;
    const auto& values = difference.values();
    if (std::find(values.begin(), values.end(), 0.0) != values.end())
      throw Error(ErrorKind::kInvalidArgument, node.scope,
                  "residual: whether the width changes depends on a choice", "set projection=1");
    return true;
  }
};

}  // namespace

std::unique_ptr<Operation> residual_operation() { return std::make_unique<Residual>(); }

}  // namespace nasmyth
