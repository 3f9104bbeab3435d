#pragma once

#include <optional>
#include <vector>

#include "nasmyth/resource/limits.h"
#include "nasmyth/search/arm.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// A plain network that a practitioner would write down for small images: a strided convolution,
/// then depthwise-separable blocks at `width` x 2 and, after a stride, x 4, with residual sums
/// where the width stays; global pooling, linear. The control that a search must beat.
NetworkGraph hand_made_network(const Form& form, int width);

/// The widest such network within the limits; empty when not even width 1 is within them.
std::optional<NetworkGraph> hand_made_within(const Form& form, const OperationSet& operations,
                                             std::span<const Limit> limits);

/// Limits under which a hand-made network is of the size of a network with `costs`: `limits`, and
/// where there are none, or only one that the network is far below, the network's own size.
std::vector<Limit> comparable_limits(const Costs& costs, std::vector<Limit> limits);

}  // namespace nasmyth
