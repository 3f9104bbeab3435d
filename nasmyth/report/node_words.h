#pragma once

#include <string>

#include "nasmyth/graph/network_graph.h"

namespace nasmyth {

/// What the picture of a network says of one node.

/// Kind of operation, which its colour tells: "conv", "block", "pool", "attention", "linear",
/// "skip", "input" or "plain".
std::string family_of(const std::string& operation);

/// Kernel, stride and the like, where they differ from the usual: "5x5, stride 2".
std::string detail_of(const Node& node);

/// Place, operation and all attributes, a line each.
std::string tip_of(const Node& node);

}  // namespace nasmyth
