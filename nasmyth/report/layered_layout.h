#pragma once

#include <utility>
#include <vector>

namespace nasmyth {

struct Point {
  double x = 0, y = 0;
};

/// Boxes and the arrows between them, to be laid out from top to bottom. An edge leads from an
/// earlier box to a later one.
struct LayoutProblem {
  std::vector<std::pair<double, double>> boxes;  ///< width and height
  std::vector<std::pair<int, int>> edges;
  double gap_x = 24;  ///< between boxes of one layer
  double gap_y = 26;  ///< between layers
};

struct Layout {
  std::vector<Point> centers;              ///< of the boxes
  std::vector<int> layers;                 ///< of the boxes, from 0 at the top
  std::vector<std::vector<Point>> routes;  ///< of the edges: points from box to box
  double width = 0, height = 0;
};

/// A layered drawing (Sugiyama, Tagawa, Toda 1981): layers by the longest path, few crossings by
/// repeated barycentres, places in a layer by least squares under the order that was found. Throws
/// kInvalidArgument for an edge that leads backwards.
Layout layered_layout(const LayoutProblem& problem);

}  // namespace nasmyth
