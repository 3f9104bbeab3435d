// attention: scaled dot products over the positions of an image (Vaswani et al., arXiv 1706.03762).
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class Attention : public Primitive {
 public:
  std::string help() const override {
    return "softmax(q k' / sqrt(channels of a head)) v over all positions; inputs q, k, v";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {{"heads", "groups of channels that attend on their own", "1"}};
  }
  std::pair<int, int> arity() const override { return {3, 3}; }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    for (const auto& input : inputs) expect_image(node, input);
    expect_same_sizes(node, inputs);
    divide_exactly(node, "channels", inputs[0].channels(), whole_number(node, "heads", 1, 1));
    return inputs[0];
  }
  ChoiceFunction macs(const Node&, std::span<const TensorShape> inputs,
                      const TensorShape&) const override {
    const ChoiceFunction positions = inputs[0][1] * inputs[0][2];
    return 2 * inputs[0].channels() * positions * positions;
  }
};

}  // namespace

std::unique_ptr<Operation> attention_primitive() { return std::make_unique<Attention>(); }

}  // namespace nasmyth
