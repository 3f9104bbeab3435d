#pragma once

#include <memory>

#include "nasmyth/engine/executor.h"

namespace nasmyth {

/// The executor `compiled`: graphs become flat lists of this project's own kernels over one arena.
/// On CPUs; the same bits for any number of threads. Throws kUnsupported for another device,
/// kOutOfRange for a negative number of threads. `operations` must outlive the executor.
std::unique_ptr<Executor> make_compiled_executor(const OperationSet& operations,
                                                 const ExecutorOptions& options);

}  // namespace nasmyth
