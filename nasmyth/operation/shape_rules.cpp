#include "nasmyth/operation/shape_rules.h"

#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/core/options.h"

namespace nasmyth {
namespace {

void expect_rank(const Node& node, const TensorShape& shape, int rank, const char* what) {
  if (shape.rank() != rank)
    throw Error(ErrorKind::kShape, node.scope,
                node.operation + " takes " + what + "; got " + to_string(shape));
}

ChoiceFunction axis_number(const Node& node, std::string_view name, int axis,
                           const ChoiceFunction& fallback, double least) {
  const std::string own = std::string(name) + (axis == 0 ? "_height" : "_width");
  return whole_number(node, node.has(own) ? std::string_view(own) : name, fallback, least);
}

}  // namespace

void expect_image(const Node& node, const TensorShape& shape) {
  expect_rank(node, shape, 3, "an image [channels, height, width]");
}

void expect_vector(const Node& node, const TensorShape& shape) {
  expect_rank(node, shape, 1, "a vector [features]");
}

void expect_same_sizes(const Node& node, std::span<const TensorShape> inputs, int first) {
  for (const auto& input : inputs.subspan(1)) {
    if (input.rank() != inputs[0].rank())
      throw Error(ErrorKind::kShape, node.scope,
                  node.operation + " takes inputs of one rank; got " + to_string(inputs[0]) +
                      " and " + to_string(input));
    for (int d = first; d < input.rank(); ++d)
      expect_equal(node, "size " + std::to_string(d) + " of an input", inputs[0][d], input[d]);
  }
}

ChoiceFunction whole_number(const Node& node, std::string_view name, const ChoiceFunction& fallback,
                            double least) {
  ChoiceFunction f = node.number(name, fallback);
  for (double v : f.values())
    if (!(v >= least) || v != std::floor(v) || v > 1e9)
      throw Error(ErrorKind::kOutOfRange, node.scope,
                  node.operation + ": '" + std::string(name) +
                      "' must be a whole number of at least " + print_number(least) + "; got " +
                      print_number(v));
  return f;
}

ChoiceFunction divide_exactly(const Node& node, std::string_view what,
                              const ChoiceFunction& function, const ChoiceFunction& divisor) {
  const ChoiceFunction quotient = floordiv(function, divisor);
  if (!(quotient * divisor == function))
    throw Error(ErrorKind::kShape, node.scope,
                node.operation + ": " + std::string(what) + " " +
                    to_string(TensorShape{{function}}) + " are no multiple of " +
                    to_string(TensorShape{{divisor}}));
  return quotient;
}

ChoiceFunction Window::result(const ChoiceFunction& size, int axis) const {
  return simplify(
      floordiv(size + 2 * padding[axis] - dilation * (kernel[axis] - 1) - 1, stride[axis]) + 1);
}

Window read_window(const Node& node, double default_kernel) {
  Window w;
  w.dilation = whole_number(node, "dilation", 1, 1);
  for (int axis = 0; axis < 2; ++axis) {
    w.kernel[axis] = axis_number(node, "kernel", axis, default_kernel, 1);
    w.stride[axis] = axis_number(node, "stride", axis, 1, 1);
    w.padding[axis] =
        axis_number(node, "padding", axis, floordiv(w.dilation * (w.kernel[axis] - 1), 2), 0);
  }
  return w;
}

void flatten_window(Node& node) {
  node.attributes["kernel_height"] = 1;
  node.attributes["padding_height"] = 0;
}

Window read_pool_window(const Node& node) {
  Window w;
  for (int axis = 0; axis < 2; ++axis) {
    w.kernel[axis] = axis_number(node, "kernel", axis, 3, 1);
    w.stride[axis] = axis_number(node, "stride", axis, 1, 1);
    w.padding[axis] = axis_number(node, "padding", axis, floordiv(w.kernel[axis] - 1, 2), 0);
    if ((w.kernel[axis] - 2 * w.padding[axis]).minimum() < 0)
      throw Error(ErrorKind::kOutOfRange, node.scope,
                  node.operation + ": the padding exceeds half the kernel");
  }
  return w;
}

}  // namespace nasmyth
