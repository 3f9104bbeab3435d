#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/engine/choice_weights.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/graph/parameter_store.h"
#include "nasmyth/kernels/optimizer.h"

namespace nasmyth {

/// What a step differentiates.
enum class Gradients { kNone, kParameters, kChoiceWeights, kBoth };

/// Where batch normalisation takes its statistics from.
enum class BatchNormMode {
  kBatch,           ///< of the batch; running statistics untouched (architecture steps)
  kBatchAndUpdate,  ///< of the batch, and the running statistics move (weight steps)
  kRunning,         ///< running statistics (evaluation)
};

/// How open choices are run.
enum class Execution {
  kDense,    ///< every input of a select with its weight
  kSampled,  ///< only the active inputs of each select; the others are neither run nor changed
  /// As kSampled, and value sites with a one-hot weight run at the size of their active option (as
  /// the bound network does) also where gradients to their weights are wanted: the gradient to a
  /// greater option is that to the active one, as if what it adds were zero.
  kSliced,
};

/// The loss of a step: cross-entropy on output "logits", the mean over the batch, plus
/// `auxiliary_weight` times the same on output "auxiliary" where the graph has it.
struct Objective {
  double label_smoothing = 0;
  double auxiliary_weight = 0;
  /// Of each class; empty: all alike. The mean is then weighted by those of the samples' classes.
  std::vector<double> class_weights = {};
};

/// What a step does; fixed when it is prepared.
struct StepSpec {
  Gradients gradients = Gradients::kNone;
  Objective objective;
  BatchNormMode batch_norm = BatchNormMode::kRunning;
  Execution execution = Execution::kDense;
  ElementType type = ElementType::kFloat32;
  bool training = false;  ///< drop-path and dropout act
  bool loss = true;       ///< false: outputs only, no targets needed
  /// When set, the step ends with this update of the parameters that received a gradient.
  std::optional<OptimizerSpec> optimizer;
};

/// A read-only tensor in the caller's memory, float32, row major.
struct TensorView {
  const float* data = nullptr;
  std::vector<std::int64_t> shape;  ///< with the batch first: [batch, channels, height, width]
};

/// One batch: named inputs and the class of each sample.
struct Batch {
  std::map<std::string, TensorView> inputs;  ///< by the names of the graph's inputs
  std::span<const std::int64_t> targets;
  std::int64_t size = 0;
};

/// What a step reads and changes, owned by the caller.
struct State {
  ParameterStore* parameters = nullptr;
  OptimizerState* optimizer = nullptr;  ///< null where the step has no optimiser
};

/// Numbers that change from step to step.
struct Scalars {
  double learning_rate = 0;
  double drop_path = 0;  ///< probability of dropping a path
};

struct StepResult {
  double loss = 0;
  /// Gradients of the loss to the choice weights, same layout as the ChoiceWeights given.
  std::vector<std::vector<double>> site_gradients;
  /// Each output of the graph by name, [batch, features] row major, in double.
  std::map<std::string, std::vector<double>> outputs;
  /// The flat gradient of the trainable parameters, when asked for with `keep_gradients`.
  std::vector<double> parameter_gradients;
  double gradient_norm = 0;  ///< before clipping
};

/// A direction in what a step differentiates.
struct Direction {
  std::vector<std::vector<double>> sites;  ///< as the weights of ChoiceWeights; empty: zeros
  std::vector<double> parameters;          ///< as StepResult::parameter_gradients; empty: zeros
};

/// A prepared step; reusable for any batch size. Not thread-safe.
class Step {
 public:
  virtual ~Step() = default;
  virtual StepResult run(const Batch& batch, const ChoiceWeights& weights, State state,
                         const Scalars& scalars, RandomStream random) = 0;
  /// The Hessian of the loss times `direction`, exact but for kinks, over all that the step
  /// differentiates: in `site_gradients` and `parameter_gradients`. Changes no parameter. Throws
  /// kUnsupported for an executor or a step that has none.
  virtual StepResult hessian_product(const Batch& batch, const ChoiceWeights& weights, State state,
                                     const Scalars& scalars, RandomStream random,
                                     const Direction& direction);
  /// Sites of the graph in the order of ChoiceWeights; empty for a closed graph.
  virtual const std::vector<Site>& sites() const = 0;
  /// When on, results carry parameter_gradients (tests).
  virtual void keep_gradients(bool on) = 0;
};

/// Runs graphs. Implementations: `reference` (LibTorch; the oracle).
class Executor {
 public:
  virtual ~Executor() = default;
  /// `graph`: composites allowed; open or closed. Throws for operations it cannot run.
  virtual std::unique_ptr<Step> prepare(const NetworkGraph& graph, const StepSpec& spec) = 0;
  /// What computes, with its version and where: "LibTorch 2.13.0 on cpu". Results are the same bits
  /// only where this is the same.
  virtual std::string description() const = 0;
};

/// How executors are made: `device` is "cpu" or "cuda[:n]"; `threads` 0 takes all cores.
struct ExecutorOptions {
  std::string device = "cpu";
  int threads = 0;
};
using ExecutorFactory = std::unique_ptr<Executor> (*)(const OperationSet&, const ExecutorOptions&);

}  // namespace nasmyth
