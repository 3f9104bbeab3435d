#include "nasmyth/onnx/parameters.h"

#include <cmath>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

using Sizes = std::vector<std::int64_t>;

std::string text(const Sizes& shape) {
  std::string result = "[";
  for (std::int64_t d : shape) result += (result.size() > 1 ? ", " : "") + std::to_string(d);
  return result + "]";
}

std::vector<double> stored_values(const ParameterStore& store, int index) {
  const auto copy = [](const auto& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  return store.type() == ElementType::kFloat32 ? copy(store.entry<float>(index))
                                               : copy(store.entry<double>(index));
}

// The part of `from` (of shape `stored`) that begins at `begin`, row major.
std::vector<double> part(const std::vector<double>& from, const Sizes& stored, const Sizes& begin,
                         const Sizes& shape) {
  std::int64_t count = 1;
  for (std::int64_t d : shape) count *= d;
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = i, stride = 1, offset = 0;
    for (std::size_t k = shape.size(); k-- > 0;) {
      offset += (begin[k] + rest % shape[k]) * stride;
      rest /= shape[k];
      stride *= stored[k];
    }
    values.push_back(from[static_cast<std::size_t>(offset)]);
  }
  return values;
}

const std::vector<double>* find_values(const NodeParameters& parameters, const char* role) {
  const auto it = parameters.find(role);
  return it == parameters.end() ? nullptr : &it->second.values;
}

}  // namespace

ParameterReader::ParameterReader(const ParameterStore& store, const OperationSet& operations)
    : store_(store), operations_(operations) {
  for (std::size_t i = 0; i < store.entries().size(); ++i)
    index_.emplace(store.entries()[i].key, static_cast<int>(i));
}

NodeParameters ParameterReader::read(const Node& node, std::span<const TensorShape> inputs,
                                     const TensorShape& output) const {
  const Primitive* primitive = operations_.primitive(node.operation);
  if (!primitive)
    throw Error(ErrorKind::kInternal, node.scope, node.operation + " is no primitive");
  NodeParameters parameters;
  for (const auto& spec : primitive->parameters(node, inputs, output))
    parameters.emplace(spec.role, read_one(node, spec));
  return parameters;
}

NodeParameter ParameterReader::read_one(const Node& node, const ParameterSpec& spec) const {
  NodeParameter parameter{node.key(spec.role), {}, {}};
  for (const auto& d : spec.shape)
    parameter.shape.push_back(static_cast<std::int64_t>(d.constant()));
  const auto it = index_.find(parameter.key);
  if (it == index_.end())
    throw Error(ErrorKind::kShape, node.scope,
                "the parameters given have no '" + parameter.key + "'",
                "give the parameters of this network");
  const Sizes& stored = store_.entries()[static_cast<std::size_t>(it->second)].shape;
  Sizes begin;
  bool fits = stored.size() == parameter.shape.size();
  for (std::size_t i = 0; fits && i < stored.size(); ++i) {
    fits = parameter.shape[i] <= stored[i];
    const bool centre = i < spec.slices.size() && spec.slices[i] == SliceKind::kCentre;
    begin.push_back(centre ? (stored[i] - parameter.shape[i]) / 2 : 0);
  }
  if (!fits)
    throw Error(ErrorKind::kShape, node.scope,
                "parameter '" + parameter.key + "' needs the shape " + text(parameter.shape) +
                    "; got " + text(stored));
  parameter.values = stored_values(store_, it->second);
  if (parameter.shape != stored) {
    parameter.values = part(parameter.values, stored, begin, parameter.shape);
    parameter.key.clear();
  }
  return parameter;
}

void fold_batch_norm(NodeParameters& layer, const NodeParameters& norm, double epsilon) {
  NodeParameter& weight = layer.at("weight");
  const std::size_t outputs = static_cast<std::size_t>(weight.shape[0]);
  const std::size_t row = weight.values.size() / outputs;
  const auto* scale = find_values(norm, "weight");
  const auto* shift = find_values(norm, "bias");
  const auto& mean = norm.at("running_mean").values;
  const auto& variance = norm.at("running_variance").values;
  const auto* old_bias = find_values(layer, "bias");
  std::vector<double> bias(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    const double factor = (scale ? (*scale)[o] : 1) / std::sqrt(variance[o] + epsilon);
    for (std::size_t i = 0; i < row; ++i) weight.values[o * row + i] *= factor;
    bias[o] = ((old_bias ? (*old_bias)[o] : 0) - mean[o]) * factor + (shift ? (*shift)[o] : 0);
  }
  weight.key.clear();
  layer["bias"] = {{}, {weight.shape[0]}, std::move(bias)};
}

}  // namespace nasmyth
