#pragma once

#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

/// The operations of the program, in the order of `primitives.def` and `operations.def`. Filled on
/// first use, never destroyed; a program or plug-in adds its own before it builds networks. Reading
/// is thread-safe, adding is not.
OperationSet& builtin_operations();

}  // namespace nasmyth
