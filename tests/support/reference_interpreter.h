#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/graph/parameter_store.h"

namespace nasmyth::test {

/// A tensor of doubles, row major, the batch first.
struct Values {
  std::vector<std::int64_t> shape;
  std::vector<double> data;

  /// Zeros.
  static Values of(std::vector<std::int64_t> shape);
  /// Greatest absolute value; 0 when there is none.
  double scale() const;
};

/// Runs a closed network in evaluation mode by plain loops in double precision: an oracle for
/// executors and exporters that shares no code with them. `inputs` by the names of the graph's
/// inputs; parameters are those of the network or hold its keys at greater sizes. All outputs by
/// name, training-only ones too. Throws std::runtime_error for a primitive that it does not know.
std::map<std::string, Values> interpret(const NetworkGraph& closed,
                                        const ParameterStore& parameters,
                                        const OperationSet& operations,
                                        const std::map<std::string, Values>& inputs);

/// The names of the primitives that `interpret` knows.
std::vector<std::string> interpreted_primitives();

/// Parameters of a network as training might leave them: random weights, and random scales, shifts
/// and running statistics instead of ones and zeros.
ParameterStore random_parameters(const NetworkGraph& graph, const OperationSet& operations,
                                 const RandomStream& random,
                                 ElementType type = ElementType::kFloat32);

/// Numbers from `low` to `high`.
Values random_values(std::vector<std::int64_t> shape, double low, double high, RandomStream random);

/// Greatest difference of two tensors over the greatest absolute value of `expected`; infinity when
/// sizes differ or a number is not finite.
double relative_difference(const std::vector<float>& found, const Values& expected);
double relative_difference(const std::vector<double>& found, const Values& expected);
double relative_difference(const Values& found, const Values& expected);

}  // namespace nasmyth::test
