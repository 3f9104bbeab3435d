#include "nasmyth/engine/executors.h"

#include <cstdlib>

#include "nasmyth/core/plugin.h"
#include "nasmyth/engine/compiled/compiled_executor.h"

namespace nasmyth {
namespace {

// LibTorch's threads wait for each other by spinning for about a millisecond, some hundred times a
// step. A short spin costs nothing measurable on idle cores, and saves up to half of a step where
// something else needs one. It must be said before the OpenMP library is loaded.
void limit_spinning() { setenv("GOMP_SPINCOUNT", "10000", /*overwrite=*/0); }

}  // namespace

Registry<ExecutorEntry>& executors() {
  static Registry<ExecutorEntry>& registry = *[] {
    auto* r = new Registry<ExecutorEntry>("executor");  // never destroyed
#define NASMYTH_EXECUTOR(name, library, factory, help) r->add(#name, {help, library, factory});
#include "nasmyth/engine/executors.def"
#undef NASMYTH_EXECUTOR
    return r;
  }();
  return registry;
}

std::unique_ptr<Executor> make_executor(std::string_view name, const OperationSet& operations,
                                        const ExecutorOptions& options) {
  const ExecutorEntry* entry = &executors().get(name);
  if (!entry->factory && !entry->library.empty()) {
    limit_spinning();
    load_plugin(find_plugin(entry->library));
    entry = &executors().get(name);  // registration may have moved it
  }
  if (!entry->factory)
    throw Error(ErrorKind::kInternal, "executor " + std::string(name),
                "'" + entry->library + "' did not register it");
  return entry->factory(operations, options);
}

}  // namespace nasmyth
