#pragma once

#include "nasmyth/graph/network_graph.h"

namespace nasmyth::test {

/// Layers times scales, in the manner of Auto-DeepLab (arXiv 1901.02985): each state chooses where
/// it comes from, one choice at the end which scale is read; operations are shared by every other
/// layer. Liveness of a state depends on all choices behind it, so it needs names.
NetworkGraph trellis(int layers, int scales);

}  // namespace nasmyth::test
