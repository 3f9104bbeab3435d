#pragma once

#include "nasmyth/graph/operation_set.h"

namespace nasmyth::test {

/// A few operations, enough to build graphs without the project's own: input, dense, conv, norm,
/// sum, select, concat, identity, relu, embedding; composites block (conv, norm, relu), pair (two
/// blocks), endless (itself).
const OperationSet& toy_operations();

}  // namespace nasmyth::test
