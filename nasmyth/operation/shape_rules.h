#pragma once

#include <span>
#include <string_view>

#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

/// Throws kShape `[scope] <operation> takes an image ...` unless the shape has three dimensions.
void expect_image(const Node& node, const TensorShape& shape);
/// The same for one dimension.
void expect_vector(const Node& node, const TensorShape& shape);
/// All dims equal from `first` on, or an error that names the dimension.
void expect_same_sizes(const Node& node, std::span<const TensorShape> inputs, int first = 0);

/// A numeric attribute whose every value is a whole number of at least `least`; throws kOutOfRange.
ChoiceFunction whole_number(const Node& node, std::string_view name, const ChoiceFunction& fallback,
                            double least);

/// `function` divided by `divisor`; throws kShape when that leaves a rest under any option. `what`
/// is the word for the dividend ("channels").
ChoiceFunction divide_exactly(const Node& node, std::string_view what,
                              const ChoiceFunction& function, const ChoiceFunction& divisor);

/// Attributes of a window that slides over an image, per axis (0: height, 1: width).
struct Window {
  ChoiceFunction kernel[2], stride[2], padding[2];
  ChoiceFunction dilation = 1;

  /// floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1
  ChoiceFunction result(const ChoiceFunction& size, int axis) const;
};

/// Reads `kernel`, `stride`, `padding` with their `_height` and `_width` forms, and `dilation`.
Window read_window(const Node& node, double default_kernel);
/// A window of one row that stays within it: what Primitive::flatten makes of any other.
void flatten_window(Node& node);
/// The same of a pool, without `dilation`.
Window read_pool_window(const Node& node);

}  // namespace nasmyth
