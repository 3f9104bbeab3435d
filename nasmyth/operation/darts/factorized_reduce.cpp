// factorized_reduce: two 1x1 convolutions of stride 2, the second on the input shifted by one
// pixel.
#include "nasmyth/core/error.h"
#include "nasmyth/operation/composite_parts.h"
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class FactorizedReduce : public Composite {
 public:
  std::string help() const override {
    return "ReLU, two 1x1 convolutions of stride 2 side by side, batch normalisation";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {{"channels", "channels of the result, even", "the input's"}, affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const TensorShape in = e.shape(inputs[0]);
    expect_image(node, in);
    check_even_size(node, in);
    const ChoiceFunction channels = node.number("channels", in.channels());
    // The halves lie side by side, so an open width would leave a gap between them.
    if (is_open(channels))
      throw Error(ErrorKind::kUnsupported, node.scope,
                  "factorized_reduce: the width of the result depends on a choice",
                  "use relu_conv_bn with stride=2");
    const Attributes half{{"channels", divide_exactly(node, "channels", channels, 2)},
                          {"stride", 2}};
    const int x = e.add("relu", "relu", {inputs[0]});
    const int first = e.add("conv2d", "conv0", {x}, half);
    // A signal has one row, of which both halves are made.
    Attributes shift;
    if (in[1] == ChoiceFunction(1)) shift["rows"] = 0;
    const int second =
        e.add("conv2d", "conv1", {e.add("shift", "shift", {x}, std::move(shift))}, half);
    return e.add("batch_norm", "bn", {e.add("concat", "concat", {first, second})},
                 {take(node, "affine", 1)});
  }

 private:
  // Of an odd size the shifted half has one row (or column) less than the other.
  static void check_even_size(const Node& node, const TensorShape& in) {
    for (int d = in[1] == ChoiceFunction(1) ? 2 : 1; d < 3; ++d)
      if (!(2 * floordiv(in[d], 2) == in[d]))
        throw Error(ErrorKind::kShape, node.scope,
                    "factorized_reduce: both halves agree on even heights and widths only; got " +
                        to_string(in),
                    "use an input whose size can be halved at every reduction");
  }
};

}  // namespace

std::unique_ptr<Operation> factorized_reduce_operation() {
  return std::make_unique<FactorizedReduce>();
}

}  // namespace nasmyth
