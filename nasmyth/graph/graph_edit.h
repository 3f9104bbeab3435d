#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "nasmyth/graph/network_graph.h"

namespace nasmyth {

/// A node of its main parts.
Node make_node(std::string operation, std::string scope, std::vector<int> inputs,
               Attributes attributes);

/// Helper of graph -> graph functions: walks a graph in order, keeps, changes or replaces nodes,
/// and keeps track of where each old node went. Nodes that are not kept must not be read by kept
/// ones.
class GraphCopy {
 public:
  explicit GraphCopy(const NetworkGraph& from)
      : from_(from), new_index_(static_cast<std::size_t>(from.size()), -1) {}

  /// Old node `i` with its inputs mapped to the copy (-1 for inputs that were not kept).
  Node rewired(int i) const;
  /// New index of an old node, -1 when it was not kept.
  int mapped(int i) const { return new_index_[static_cast<std::size_t>(i)]; }
  /// Appends `node` in place of old node `i`; returns its new index.
  int keep(int i, Node node);
  /// Appends a node that has no counterpart.
  int add(Node node);
  /// Readers of old node `i` read the new node `index` instead.
  void replace(int i, int index) { new_index_[static_cast<std::size_t>(i)] = index; }

  /// The copy with the outputs and carries of the original.
  NetworkGraph finish(ChoiceSetPtr choices);

 private:
  friend class GraphBuilder;
  const NetworkGraph& from_;
  std::vector<int> new_index_;
  std::vector<Node> nodes_;
};

/// Bits of `mask` at the positions set in `used`, packed towards bit 0.
std::uint64_t compress_bits(std::uint64_t mask, std::uint64_t used);

}  // namespace nasmyth
