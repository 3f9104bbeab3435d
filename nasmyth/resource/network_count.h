#pragma once

#include <string>
#include <vector>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

/// What one network, or one layer of it, stores and computes for one sample. An open network is
/// counted with everything open: each parameter at its greatest size, each node run.
struct NetworkCount {
  double params = 0;     ///< trainable numbers, affine and bias included
  double conv_macs = 0;  ///< multiply-accumulates of convolutions
  double macs = 0;       ///< of convolutions, linear layers and matrix products
};

/// The part of one layer: a composite or a primitive that stands alone.
struct LayerCount {
  std::string scope;
  std::string operation;
  std::string shape;  ///< of its result
  NetworkCount count;
};

struct CountedNetwork {
  NetworkCount total;
  double training_only_params = 0;  ///< of heads that are not deployed; not part of `total`
  std::vector<LayerCount> layers;   ///< in order; they sum to `total`
  int nodes = 0;                    ///< primitives
};

CountedNetwork count_network(const NetworkGraph& graph, const OperationSet& operations);

}  // namespace nasmyth
