#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nasmyth/engine/executor.h"
#include "nasmyth/graph/architecture.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/torch/reference_executor.h"

namespace nasmyth::test {

/// A batch with memory of its own; one input named "image" and, where `low` has elements, a second
/// one of the same shape named "image_low".
struct OwnedBatch {
  std::vector<float> pixels;
  std::vector<std::int64_t> targets;
  std::vector<std::int64_t> shape;
  std::vector<float> low;
  Batch view() const;
};

/// Normal numbers and uniform targets.
OwnedBatch random_batch(std::vector<std::int64_t> shape, std::int64_t classes, std::uint64_t seed);

/// x <- (1103515245 x + 12345) mod 2^31; draws x / 2^31 - 1/2.
class LinearCongruence {
 public:
  explicit LinearCongruence(std::uint64_t seed) : x_(seed) {}
  double next();

 private:
  std::uint64_t x_;
};

/// A graph with its parameters and an executor.
struct NetworkRunner {
  explicit NetworkRunner(NetworkGraph graph, ElementType type = ElementType::kFloat64,
                         std::uint64_t seed = 7, int threads = 1,
                         std::string_view executor = "reference");

  std::unique_ptr<Step> prepare(const StepSpec& spec) const {
    return executor->prepare(graph, spec);
  }
  /// Prepares and runs one step.
  StepResult run(const StepSpec& spec, const OwnedBatch& batch, const ChoiceWeights& weights = {},
                 const Scalars& scalars = {}, std::uint64_t seed = 1);
  double loss(const StepSpec& spec, const OwnedBatch& batch, const ChoiceWeights& weights = {}) {
    return run(spec, batch, weights).loss;
  }
  OptimizerState zeros(const OptimizerSpec& spec) const;

  NetworkGraph graph;
  ExpandedGraph expanded;
  ParameterStore store;
  OptimizerState optimizer;
  std::unique_ptr<Executor> executor;
};

/// A step in float64 with batch statistics.
StepSpec double_spec(Gradients gradients = Gradients::kNone,
                     Execution execution = Execution::kDense);

/// Weights of 1 for what `architecture` picks, and those are active.
ChoiceWeights one_hot(const std::vector<Site>& sites, const Architecture& architecture);
/// Positive weights that differ everywhere; all active.
ChoiceWeights soft(const std::vector<Site>& sites, std::uint64_t seed);

/// Central differences of the loss by `samples` elements of every trainable entry and by every
/// choice weight against the step's gradients; failures name the entry or the site.
void expect_gradients(NetworkRunner& runner, const OwnedBatch& batch, const ChoiceWeights& weights,
                      Execution execution = Execution::kDense, double tolerance = 1e-6);

/// Runs one step with the reference and the compiled executor from the same parameters, and
/// compares loss, outputs, all gradients, and all parameters and buffers after it, relative to the
/// greatest number of each. Steps that the compiled executor does not run yet are left out.
void expect_compiled_alike(const NetworkRunner& runner, const StepSpec& spec,
                           const OwnedBatch& batch, const ChoiceWeights& weights = {},
                           const Scalars& scalars = {}, double tolerance = 1e-9);

/// Errors of single precision against double, over all outputs, all gradients of parameters, and
/// all gradients of choice weights: the compiled executor's at most about twice the reference's,
/// which flips of ReLUs and of greatest elements dominate. The runner is one in single precision.
void expect_compiled_as_exact(const NetworkRunner& runner, const StepSpec& spec,
                              const OwnedBatch& batch, const ChoiceWeights& weights = {},
                              const Scalars& scalars = {});

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance);

}  // namespace nasmyth::test
