// inception: parallel kernels of several sizes (Szegedy et al., arXiv 1409.4842), with batch
// normalisation.
#include "nasmyth/core/error.h"
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

class Inception : public Composite {
 public:
  std::string help() const override {
    return "1x1, 3x3 and 5x5 convolutions and a pool side by side, joined along the channels";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {{"channels",
             "channels of the result, at least 8: a quarter 1x1, an eighth 5x5 and "
             "pool each, the rest 3x3",
             "the input's"},
            stride_attribute(),
            activation_attribute("relu"),
            affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int in = inputs[0];
    expect_image_input(e, node, in);
    const int channels = closed_width(node, e.shape(in).channels());
    const int one = channels / 4, five = channels / 8, rest = channels - one - 2 * five;
    const auto stride = take(node, "stride", 1), affine = take(node, "affine", 1);
    const std::string activation = node.word("activation", "relu");
    auto conv = [&](const char* leaf, int x, int width, int kernel, bool strided) {
      Attributes attributes{
          {"channels", width}, {"kernel", kernel}, {"activation", activation}, affine};
      if (strided) attributes.insert(stride);
      return e.add("conv_bn", leaf, {x}, std::move(attributes));
    };
    const int a = conv("one", in, one, 1, true);
    const int b = conv("three", conv("three_reduce", in, 3 * rest / 4, 1, false), rest, 3, true);
    const int c = conv("five", conv("five_reduce", in, (five + 1) / 2, 1, false), five, 5, true);
    const int pooled = e.add("max_pool", "pool", {in}, {{"kernel", 3}, stride});
    return e.add("concat", "concat", {a, b, c, conv("pool_project", pooled, five, 1, false)});
  }

 private:
  static int closed_width(const Node& node, const ChoiceFunction& input) {
    const ChoiceFunction channels = simplify(node.number("channels", input));
    if (!channels.is_constant())
      throw Error(ErrorKind::kUnsupported, node.scope,
                  "inception: the width of the result depends on a choice",
                  "give the branches widths that do not");
    if (channels.constant() < 8)
      throw Error(ErrorKind::kOutOfRange, node.scope,
                  "inception: 'channels' must be at least 8; got " +
                      std::to_string(static_cast<int>(channels.constant())));
    return static_cast<int>(channels.constant());
  }
};

}  // namespace

std::unique_ptr<Operation> inception_operation() { return std::make_unique<Inception>(); }

}  // namespace nasmyth
