// self_attention: positions of an image attend to each other (arXiv 1706.03762), with batch
// normalisation and a residual sum.
#include "nasmyth/operation/composite_parts.h"
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class SelfAttention : public Composite {
 public:
  std::string help() const override {
    return "attention over the positions of an image, projected, normalised, added to the input";
  }
  // The inner width is stated by itself: heads of an open width would be other heads in each bound
  // network.
  std::vector<AttributeInfo> attributes() const override {
    return {{"heads", "groups of channels that attend on their own", "2"},
            {"head_channels", "channels of a head", "8"},
            affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int in = inputs[0];
    expect_image_input(e, node, in);
    const ChoiceFunction heads = whole_number(node, "heads", 2, 1);
    const ChoiceFunction inner = heads * whole_number(node, "head_channels", 8, 1);
    std::vector<int> parts;
    for (const char* leaf : {"query", "key", "value"})
      parts.push_back(e.add("conv2d", leaf, {in}, {{"channels", inner}}));
    int x = e.add("attention", "attention", parts, {{"heads", heads}});
    x = e.add("conv_bn", "project", {x},
              {{"channels", e.shape(in).channels()}, take(node, "affine", 1)});
    return e.add("sum", "sum", {in, x});
  }
};

}  // namespace

std::unique_ptr<Operation> self_attention_operation() { return std::make_unique<SelfAttention>(); }

}  // namespace nasmyth
