#pragma once

#include <string>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/resource/network_count.h"

namespace nasmyth {

/// A closed network as drawings for people (SVG in HTML), from top to bottom: operation, kernel,
/// stride and width of each layer, the shape of its result, its parameters and
/// multiply-accumulates. A network of many layers is drawn by its blocks (the first part of a
/// node's scope), and each kind of block once. `counted` may be null: shapes and counts are then
/// left out.
std::string draw_network(const NetworkGraph& closed, const CountedNetwork* counted);

/// "12×28×28" for the shape text "[12, 28, 28]".
std::string shape_text(std::string_view shape);

}  // namespace nasmyth
