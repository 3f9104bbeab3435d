#pragma once

#include <memory>

#include "nasmyth/engine/executor.h"

namespace nasmyth {

/// The executor `reference`: LibTorch's kernels and automatic differentiation, on the CPU or a CUDA
/// device. On the CPU parameters are used where they lie in the ParameterStore. Throws
/// kInvalidArgument for an unknown device, kUnsupported for one that is absent, kOutOfRange for a
/// negative number of threads. `operations` must outlive the executor.
std::unique_ptr<Executor> make_reference_executor(const OperationSet& operations,
                                                  const ExecutorOptions& options);

}  // namespace nasmyth
