#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nasmyth/graph/network_graph.h"

namespace nasmyth {

/// A place where a choice acts: one select node, or one node whose value expression reads the
/// choice (a mask's width, a convolution's kernel). Relaxations broadcast from choices to sites and
/// reduce gradients back.
struct Site {
  enum class Kind {
    kSelect,  ///< weights per *input* of the select
    kValue,   ///< weights per *option* of the choice
  };
  Kind kind = Kind::kSelect;
  int node = -1;  ///< in the expanded graph
  int choice = -1;
  int size = 0;  ///< number of weights
  std::string scope;
};

/// The sites of an expanded open graph, in a fixed order: by node, then by choice. Value sites
/// exist for `mask` nodes (choices in the symbolic width of their input) and for `conv2d` nodes
/// whose kernel size is open. Throws kUnsupported, naming the scope, for an open attribute that no
/// executor can blend (a stride, a group count), for an open size other than the width, and where
/// an operation that mixes channels reads an open width that is not masked.
std::vector<Site> find_sites(const ExpandedGraph& graph);

/// Weights of all sites for one step. A select computes sum_j w_j x_j over its active inputs; a
/// value site blends its options (mask: sum_o w_o [c < width_o]; kernel: sum_o w_o times the centre
/// part of the stored kernel; several choices at one node: the product of their weights).
struct ChoiceWeights {
  std::vector<std::vector<double>> weights;       ///< [site][input or option]
  std::vector<std::vector<std::uint8_t>> active;  ///< the same layout; sampled execution only
};

}  // namespace nasmyth
