#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// Scale and parts of a DARTS macro network (arXiv 1806.09055; stem, cells, heads).
struct MacroOptions {
  int channels = 36;
  int layers = 20;
  bool imagenet_stem = false;
  bool auxiliary = false;
  bool affine = true;
  ImageSpec input;
  int classes = 10;
};

/// What a cell is given by the macro network.
struct CellPlace {
  std::string scope;  ///< "cell3"
  std::string kind;   ///< "normal" or "reduce"
  bool reduction = false;
  int channels = 0;
  int state0 = -1;  ///< preprocessed output of the cell before the previous one
  int state1 = -1;  ///< preprocessed output of the previous cell
};

/// Builds one cell at its place and returns the states whose concatenation is the cell's output.
using CellBuilder = std::function<std::vector<int>(GraphBuilder&, const CellPlace&)>;

/// Stem, `layers` cells with reductions at a third and two thirds, classifier ("logits"), and the
/// auxiliary head (training-only output "auxiliary") where asked for. The input is named "image".
NetworkGraph macro_network(const MacroOptions& options, const CellBuilder& cell);

}  // namespace nasmyth
