#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "nasmyth/engine/executor.h"

// What every executor asks of a step and of what it is given, with the same errors.
namespace nasmyth {

bool wants_parameters(const StepSpec& spec);
bool wants_choices(const StepSpec& spec);

/// Throws kInvalidArgument for a specification that contradicts itself or the graph's outputs.
void check_spec(const StepSpec& spec, const std::vector<Output>& outputs);
/// Throws kInvalidArgument or kShape for parameters, targets or moments that do not fit.
void check_inputs(const StepSpec& spec, const Batch& batch, const State& state);
/// Throws kShape for weights that do not fit the sites.
void check_weights(const StepSpec& spec, const std::vector<Site>& sites,
                   const ChoiceWeights& weights);
/// Throws kOutOfRange for a target that is no class, kShape for class weights that do not fit.
void check_targets(const Objective& objective, const Batch& batch, std::int64_t classes);

/// The view of an input, [batch, ...`shape`]. Throws kInvalidArgument where the batch lacks it,
/// kShape where it does not fit.
const TensorView& find_input(const Batch& batch, std::string_view name, const TensorShape& shape);

/// A closed whole number of at most `greatest`. Throws kInvalidArgument naming the scope.
std::int64_t whole_attribute(const Node& node, std::string_view name, std::int64_t fallback,
                             double greatest);

/// One entry of a store, its gradient and its moments, as `update` takes them.
template <class T>
OptimizerSegment<T> optimizer_segment(ParameterStore& store, OptimizerState& state, int entry,
                                      std::span<const T> gradients) {
  const auto& e = store.entries()[static_cast<std::size_t>(entry)];
  const auto offset = static_cast<std::size_t>(e.offset), size = static_cast<std::size_t>(e.size);
  OptimizerSegment<T> s{store.entry<T>(entry),
                        gradients,
                        std::span(state.first).subspan(offset, size),
                        {},
                        &state.steps[static_cast<std::size_t>(entry)],
                        e.decay};
  if (!state.second.empty()) s.second = std::span(state.second).subspan(offset, size);
  return s;
}

}  // namespace nasmyth
