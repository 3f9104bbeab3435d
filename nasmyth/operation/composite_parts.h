#pragma once

#include <string_view>

#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

// Parts that several composites are made of.

/// True while the number depends on a choice.
bool is_open(const ChoiceFunction& function);

/// A `mask` named `leaf` where the width of `x` is open, else `x` itself: operations that mix
/// channels read an open width only from a masked tensor.
int mask_if_open(Expansion& expansion, std::string_view leaf, int x);

/// The activation named by a word attribute, or `x` itself for `none`.
int activate(Expansion& expansion, const Node& node, std::string_view leaf,
             std::string_view activation, int x);

/// x + y where the attribute `residual` is 1, else y. Throws kShape where the two differ.
int add_residual(Expansion& expansion, const Node& node, int x, int y);

/// Throws kShape unless `x` is an image.
void expect_image_input(const Expansion& expansion, const Node& node, int x);

/// An attribute of the node by the same name, for a part: `take(node, "stride", 1)`.
std::pair<const std::string, Attribute> take(const Node& node, const std::string& name,
                                             const ChoiceFunction& fallback);

/// Descriptions of attributes that mean the same everywhere.
AttributeInfo affine_attribute();
AttributeInfo stride_attribute();
AttributeInfo channels_attribute();
AttributeInfo activation_attribute(std::string fallback);
AttributeInfo final_attribute();
AttributeInfo residual_attribute();

}  // namespace nasmyth
