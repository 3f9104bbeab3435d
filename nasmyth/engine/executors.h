#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nasmyth/core/registry.h"
#include "nasmyth/engine/executor.h"

namespace nasmyth {

/// How an executor is found and described without being loaded.
struct ExecutorEntry {
  std::string help;                   ///< one sentence
  std::string library;                ///< plug-in that holds it; empty: built in
  ExecutorFactory factory = nullptr;  ///< null until the plug-in is loaded
};

/// The executors of the program, in the order of `executors.def`. Listing loads nothing. A plug-in
/// sets the factory of its row when it registers, or adds rows of its own.
Registry<ExecutorEntry>& executors();

/// An executor by name; loads its plug-in on demand. Unknown names are errors with a suggestion;
/// throws what find_plugin and load_plugin throw, and kUnsupported for a device that this machine
/// or build does not have. Not thread-safe.
std::unique_ptr<Executor> make_executor(std::string_view name, const OperationSet& operations,
                                        const ExecutorOptions& options = {});

}  // namespace nasmyth
