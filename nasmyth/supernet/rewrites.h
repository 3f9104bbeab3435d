#pragma once

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

/// The search form in which the candidates of an edge see one of `parts` groups of its channels:
/// the others go past them (through a 2x2 max pool where the edge halves the size) and a shuffle
/// mixes both (PC-DARTS, arXiv 1907.05737, without its edge normalisation). It acts on each select
/// whose candidates all read one tensor and keep its width; choices and sites stay as they are.
/// `parts` = 1 changes nothing. Throws kUnsupported where there is no such select, kShape where the
/// channels of one are no multiple of `parts`. Pure; thread-safe.
NetworkGraph partial_channels(const NetworkGraph& search_form, int parts,
                              const OperationSet& operations);

}  // namespace nasmyth
