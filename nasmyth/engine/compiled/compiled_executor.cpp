#include "nasmyth/engine/compiled/compiled_executor.h"

#include "nasmyth/core/error.h"
#include "nasmyth/core/threads.h"
#include "nasmyth/core/version.h"
#include "nasmyth/engine/compiled/compiled_step.h"

namespace nasmyth {
namespace {

class CompiledExecutor final : public Executor {
 public:
  CompiledExecutor(const OperationSet& operations, int threads)
      : operations_(operations), team_(threads) {}

  std::unique_ptr<Step> prepare(const NetworkGraph& graph, const StepSpec& spec) override {
    if (spec.type == ElementType::kFloat32)
      return std::make_unique<compiled::CompiledStep<float>>(graph, operations_, spec, team_);
    return std::make_unique<compiled::CompiledStep<double>>(graph, operations_, spec, team_);
  }
  // Not the number of threads: results do not depend on it.
  std::string description() const override {
    return "Nasmyth " + std::string(version()) + " on cpu, compiled";
  }

 private:
  const OperationSet& operations_;
  ThreadTeam team_;
};

}  // namespace

std::unique_ptr<Executor> make_compiled_executor(const OperationSet& operations,
                                                 const ExecutorOptions& options) {
  if (options.threads < 0)
    throw Error(ErrorKind::kOutOfRange, "threads", "got " + std::to_string(options.threads),
                "use 0 for all cores, or a positive number");
  if (options.device != "cpu")
    throw Error(ErrorKind::kUnsupported, "device",
                "the compiled executor runs on CPUs; got '" + options.device + "'",
                "use cpu, or --executor reference");
  return std::make_unique<CompiledExecutor>(
      operations, options.threads > 0 ? options.threads : available_threads());
}

}  // namespace nasmyth
