#include "nasmyth/operation/composite_parts.h"

#include <algorithm>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {

bool is_open(const ChoiceFunction& function) { return !simplify(function).is_constant(); }

int mask_if_open(Expansion& expansion, std::string_view leaf, int x) {
  return is_open(expansion.shape(x).channels()) ? expansion.add("mask", leaf, {x}) : x;
}

int activate(Expansion& expansion, const Node& node, std::string_view leaf,
             std::string_view activation, int x) {
  static const std::vector<std::string> kKnown{"none",    "relu",      "h_swish", "swish",   "gelu",
                                               "sigmoid", "h_sigmoid", "tanh",    "softplus"};
  if (activation == "none") return x;
  if (std::find(kKnown.begin(), kKnown.end(), activation) == kKnown.end())
    throw unknown_name(node.scope, "activation", activation, kKnown);
  return expansion.add(activation, leaf, {x});
}

int add_residual(Expansion& expansion, const Node& node, int x, int y) {
  if (node.constant("residual", 0) == 0) return y;
  if (!(expansion.shape(x) == expansion.shape(y)))
    throw Error(ErrorKind::kShape, node.scope,
                node.operation + ": a residual sum needs stride 1 and equal widths; got " +
                    to_string(expansion.shape(x)) + " and " + to_string(expansion.shape(y)),
                "set residual=0");
  return expansion.add("sum", "sum", {x, y});
}

void expect_image_input(const Expansion& expansion, const Node& node, int x) {
  expect_image(node, expansion.shape(x));
}

std::pair<const std::string, Attribute> take(const Node& node, const std::string& name,
                                             const ChoiceFunction& fallback) {
  return {name, node.number(name, fallback)};
}

AttributeInfo affine_attribute() {
  return {"affine", "1: trained scale and shift in batch normalisation", "1"};
}
AttributeInfo stride_attribute() { return {"stride", "step over rows and columns", "1"}; }
AttributeInfo channels_attribute() {
  return {"channels", "channels of the result; may be open", "the input's"};
}
AttributeInfo activation_attribute(std::string fallback) {
  return {"activation", "none, relu, h_swish, swish, gelu, sigmoid, h_sigmoid, tanh or softplus",
          std::move(fallback)};
}
AttributeInfo final_attribute() {
  return {"final", "activation of the result, after any sum", "activation"};
}
AttributeInfo residual_attribute() {
  return {"residual", "1: add the input to the result; needs stride 1 and equal widths", "0"};
}

}  // namespace nasmyth
