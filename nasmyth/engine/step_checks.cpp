#include "nasmyth/engine/step_checks.h"

#include <algorithm>
#include <cmath>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

void check_optimizer_state(const ParameterStore& store, const OptimizerState* state) {
  if (!state)
    throw Error(ErrorKind::kInvalidArgument, "step", "it has an optimiser, but no optimiser state",
                "give OptimizerState::zeros(...)");
  if (static_cast<std::int64_t>(state->first.size()) != store.trainable_size() ||
      state->steps.size() != store.entries().size())
    throw Error(ErrorKind::kShape, "step",
                "the optimiser state does not fit the parameters; got " +
                    std::to_string(state->first.size()) + " moments for " +
                    std::to_string(store.trainable_size()) + " elements");
}

bool fits(const std::vector<Site>& sites, const auto& table) {
  bool same = table.size() == sites.size();
  for (std::size_t s = 0; same && s < sites.size(); ++s)
    same = table[s].size() == static_cast<std::size_t>(sites[s].size);
  return same;
}

}  // namespace

bool wants_parameters(const StepSpec& spec) {
  return spec.gradients == Gradients::kParameters || spec.gradients == Gradients::kBoth;
}

bool wants_choices(const StepSpec& spec) {
  return spec.gradients == Gradients::kChoiceWeights || spec.gradients == Gradients::kBoth;
}

void check_spec(const StepSpec& spec, const std::vector<Output>& outputs) {
  if (spec.optimizer && !wants_parameters(spec))
    throw Error(ErrorKind::kInvalidArgument, "step",
                "an optimiser needs gradients of the parameters",
                "set gradients to kParameters or kBoth");
  if (spec.gradients != Gradients::kNone && !spec.loss)
    throw Error(ErrorKind::kInvalidArgument, "step", "gradients need a loss");
  if (spec.loss && std::none_of(outputs.begin(), outputs.end(),
                                [](const Output& output) { return output.name == "logits"; }))
    throw Error(ErrorKind::kInvalidArgument, "step", "the network has no output 'logits'");
}

void check_inputs(const StepSpec& spec, const Batch& batch, const State& state) {
  if (!state.parameters || state.parameters->type() != spec.type)
    throw Error(ErrorKind::kInvalidArgument, "step",
                "the parameters are absent or of another element type than the step");
  if (batch.size < 1) throw Error(ErrorKind::kShape, "step", "the batch is empty");
  if (spec.loss && static_cast<std::int64_t>(batch.targets.size()) != batch.size)
    throw Error(ErrorKind::kShape, "step",
                "got " + std::to_string(batch.targets.size()) + " targets for a batch of " +
                    std::to_string(batch.size));
  if (spec.optimizer) check_optimizer_state(*state.parameters, state.optimizer);
}

void check_weights(const StepSpec& spec, const std::vector<Site>& sites,
                   const ChoiceWeights& weights) {
  if (!fits(sites, weights.weights))
    throw Error(ErrorKind::kShape, "choice weights",
                "they do not fit the graph's " + std::to_string(sites.size()) + " sites",
                "give each site as many weights as its size says");
  if (spec.execution != Execution::kDense && !fits(sites, weights.active))
    throw Error(ErrorKind::kShape, "choice weights",
                "sampled execution needs 'active' beside every weight");
}

void check_targets(const Objective& objective, const Batch& batch, std::int64_t classes) {
  for (std::int64_t target : batch.targets)
    if (target < 0 || target >= classes)
      throw Error(ErrorKind::kOutOfRange, "step",
                  "a target is no class; got " + std::to_string(target) + " of " +
                      std::to_string(classes) + " classes");
  const std::size_t weights = objective.class_weights.size();
  if (weights != 0 && static_cast<std::int64_t>(weights) != classes)
    throw Error(
        ErrorKind::kShape, "step",
        std::to_string(weights) + " class weights for " + std::to_string(classes) + " classes");
}

const TensorView& find_input(const Batch& batch, std::string_view name, const TensorShape& shape) {
  const auto it = batch.inputs.find(std::string(name));
  if (it == batch.inputs.end())
    throw Error(ErrorKind::kInvalidArgument, name, "the batch lacks this input");
  const TensorView& view = it->second;
  bool fit = view.data != nullptr &&
             view.shape.size() == static_cast<std::size_t>(shape.rank()) + 1 &&
             view.shape[0] == batch.size;
  for (int d = 0; fit && d < shape.rank(); ++d)
    fit = !shape[d].is_constant() ||
          static_cast<double>(view.shape[static_cast<std::size_t>(d) + 1]) == shape[d].constant();
  if (!fit)
    throw Error(ErrorKind::kShape, name,
                "the batch does not fit: expected " + std::to_string(batch.size) + " x " +
                    to_string(shape) + "; got a tensor of rank " +
                    std::to_string(view.shape.size()));
  return view;
}

std::int64_t whole_attribute(const Node& node, std::string_view name, std::int64_t fallback,
                             double greatest) {
  const double value = node.constant(name, static_cast<double>(fallback));
  if (value != std::floor(value) || std::abs(value) > greatest)
    throw Error(
        ErrorKind::kInvalidArgument, node.scope,
        "attribute '" + std::string(name) + "' is no whole number; got " + std::to_string(value));
  return static_cast<std::int64_t>(value);
}

}  // namespace nasmyth
