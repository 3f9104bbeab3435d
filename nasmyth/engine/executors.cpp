#include "nasmyth/engine/executors.h"

#include "nasmyth/core/plugin.h"

namespace nasmyth {

Registry<ExecutorEntry>& executors() {
  static Registry<ExecutorEntry>& registry = *[] {
    auto* r = new Registry<ExecutorEntry>("executor");  // never destroyed
#define NASMYTH_EXECUTOR(name, library, help) r->add(#name, {help, library, nullptr});
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
    load_plugin(find_plugin(entry->library));
    entry = &executors().get(name);  // registration may have moved it
  }
  if (!entry->factory)
    throw Error(ErrorKind::kInternal, "executor " + std::string(name),
                "'" + entry->library + "' did not register it");
  return entry->factory(operations, options);
}

}  // namespace nasmyth
