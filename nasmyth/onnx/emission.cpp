#include "nasmyth/onnx/emission.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSameAsInput = 0;  // in the shape given to Reshape

Integers per_axis(const ChoiceFunction (&values)[2]) {
  return {static_cast<std::int64_t>(values[0].constant()),
          static_cast<std::int64_t>(values[1].constant())};
}

// Strides and pads, as the shape rules of the operations read them.
std::map<std::string, OnnxValue> window_attributes(const Window& window) {
  const Integers padding = per_axis(window.padding);
  return {{"kernel_shape", per_axis(window.kernel)},
          {"strides", per_axis(window.stride)},
          {"pads", Integers{padding[0], padding[1], padding[0], padding[1]}}};
}

void emit_conv2d(const Emission& e) {
  const auto& weight = e.parameters.at("weight");
  std::vector<std::string> inputs{e.inputs[0], weight.value};
  if (const auto bias = e.parameters.find("bias"); bias != e.parameters.end())
    inputs.push_back(bias->second.value);
  const Window window = read_window(e.node, 1);
  const auto dilation = static_cast<std::int64_t>(window.dilation.constant());
  auto attributes = window_attributes(window);
  attributes["dilations"] = Integers{dilation, dilation};
  attributes["group"] = e.input_shapes[0][0] / weight.shape[1];
  e.last("Conv", std::move(inputs), std::move(attributes));
}

void emit_batch_norm(const Emission& e) {
  const auto& mean = e.parameters.at("running_mean");
  const auto channels = static_cast<std::size_t>(mean.shape[0]);
  const auto affine = [&](const char* role, float fallback) {
    if (const auto p = e.parameters.find(role); p != e.parameters.end()) return p->second.value;
    const std::vector<float> values(channels, fallback);
    return e.builder.constant(e.scope() + "/" + role, mean.shape, values);
  };
  const std::string scale = affine("weight", 1), bias = affine("bias", 0);
  e.last("BatchNormalization",
         {e.inputs[0], scale, bias, mean.value, e.parameters.at("running_variance").value},
         {{"epsilon", static_cast<float>(e.node.constant("epsilon", 1e-5))}});
}

void emit_relu(const Emission& e) { e.last("Relu", e.inputs); }
void emit_h_swish(const Emission& e) { e.last("HardSwish", e.inputs); }
void emit_sigmoid(const Emission& e) { e.last("Sigmoid", e.inputs); }
void emit_tanh(const Emission& e) { e.last("Tanh", e.inputs); }
void emit_softplus(const Emission& e) { e.last("Softplus", e.inputs); }

void emit_swish(const Emission& e) {
  e.last("Mul", {e.inputs[0], e.inner("Sigmoid", "sigmoid", e.inputs)});
}

// relu6(x + 3) / 6
void emit_h_sigmoid(const Emission& e) {
  e.last("HardSigmoid", e.inputs, {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
}

// x / 2 * (1 + erf(x / sqrt(2)))
void emit_gelu(const Emission& e) {
  const float factor = static_cast<float>(1 / std::numbers::sqrt2);
  const auto scaled = e.inner("Mul", "scaled", {e.inputs[0], e.constant("factor", factor)});
  const auto erf = e.inner("Erf", "erf", {scaled});
  const auto gate = e.inner("Add", "gate", {erf, e.constant("one", 1)});
  const auto half = e.inner("Mul", "halved", {e.inputs[0], e.constant("half", 0.5f)});
  e.last("Mul", {half, gate});
}

void emit_max_pool(const Emission& e) {
  e.last("MaxPool", e.inputs, window_attributes(read_pool_window(e.node)));
}

void emit_avg_pool(const Emission& e) {
  auto attributes = window_attributes(read_pool_window(e.node));
  attributes["count_include_pad"] = std::int64_t{0};
  e.last("AveragePool", e.inputs, std::move(attributes));
}

void emit_global_pool(const Emission& e) {
  e.last("Flatten", {e.inner("GlobalAveragePool", "mean", e.inputs)}, {{"axis", std::int64_t{1}}});
}

void emit_linear(const Emission& e) {
  std::vector<std::string> inputs{e.inputs[0], e.parameters.at("weight").value};
  if (const auto bias = e.parameters.find("bias"); bias != e.parameters.end())
    inputs.push_back(bias->second.value);
  e.last("Gemm", std::move(inputs), {{"transB", std::int64_t{1}}});
}

void emit_zero(const Emission& e) {
  const std::int64_t stride = e.integer("stride", 1);
  std::string x = e.inputs[0];
  if (stride > 1)
    x = e.inner(
        "Slice", "strided",
        {x, e.constant("starts", Integers{0, 0}),
         e.constant("ends", Integers{kToTheEnd, kToTheEnd}), e.constant("axes", Integers{2, 3}),
         e.constant("steps", Integers{stride, stride})});
  e.last("Mul", {x, e.constant("nothing", 0)});
}

void emit_sum(const Emission& e) { e.last("Sum", e.inputs); }

void emit_concat(const Emission& e) { e.last("Concat", e.inputs, {{"axis", std::int64_t{1}}}); }

void emit_shift(const Emission& e) {
  e.last("Slice",
         {e.inputs[0], e.constant("starts", Integers{e.integer("rows", 1), 1}),
          e.constant("ends", Integers{kToTheEnd, kToTheEnd}), e.constant("axes", Integers{2, 3})});
}

void emit_slice(const Emission& e) {
  const std::int64_t begin = e.integer("begin", 0);
  e.last("Slice",
         {e.inputs[0], e.constant("starts", Integers{begin}),
          e.constant("ends", Integers{begin + e.shape[0]}), e.constant("axes", Integers{1})});
}

void emit_shuffle(const Emission& e) {
  const std::int64_t groups = e.integer("groups", 1);
  const auto& in = e.input_shapes[0];
  const auto split = e.inner(
      "Reshape", "split",
      {e.inputs[0],
       e.constant("split_shape", Integers{kSameAsInput, groups, in[0] / groups, in[1], in[2]})});
  const auto swapped =
      e.inner("Transpose", "swapped", {split}, {{"perm", Integers{0, 2, 1, 3, 4}}});
  e.last("Reshape", {swapped, e.constant("shape", Integers{kSameAsInput, in[0], in[1], in[2]})});
}

// Equal shapes, or an image and a factor for each channel.
void emit_multiply(const Emission& e) {
  if (e.input_shapes[0].size() == e.input_shapes[1].size()) return e.last("Mul", e.inputs);
  const auto factor =
      e.inner("Unsqueeze", "factor", {e.inputs[1], e.constant("axes", Integers{2, 3})});
  e.last("Mul", {e.inputs[0], factor});
}

// With q, k and v as [batch, heads, channels of a head, positions]: v softmax(k' q / sqrt(c)), the
// softmax over the positions of k.
void emit_attention(const Emission& e) {
  const std::int64_t heads = e.integer("heads", 1);
  const std::int64_t channels = e.shape[0] / heads;
  const auto parts =
      e.constant("split_shape", Integers{kSameAsInput, heads, channels, e.shape[1] * e.shape[2]});
  const auto q = e.inner("Reshape", "q", {e.inputs[0], parts});
  const auto k = e.inner("Reshape", "k", {e.inputs[1], parts});
  const auto v = e.inner("Reshape", "v", {e.inputs[2], parts});
  const auto turned = e.inner("Transpose", "k_turned", {k}, {{"perm", Integers{0, 1, 3, 2}}});
  const auto product = e.inner("MatMul", "scores", {turned, q});
  const auto factor = static_cast<float>(1 / std::sqrt(static_cast<double>(channels)));
  const auto scaled = e.inner("Mul", "scaled", {product, e.constant("factor", factor)});
  const auto weights = e.inner("Softmax", "weights", {scaled}, {{"axis", std::int64_t{2}}});
  const auto mixed = e.inner("MatMul", "mixed", {v, weights});
  e.last("Reshape",
         {mixed, e.constant("shape", Integers{kSameAsInput, e.shape[0], e.shape[1], e.shape[2]})});
}

// `input` and `select` have no row: the first is a value of the model, the second is gone from a
// closed graph.
constexpr OnnxEmitter kEmitters[] = {
    {"conv2d", emit_conv2d},
    {"batch_norm", emit_batch_norm},
    {"relu", emit_relu},
    {"h_swish", emit_h_swish},
    {"swish", emit_swish},
    {"sigmoid", emit_sigmoid},
    {"h_sigmoid", emit_h_sigmoid},
    {"tanh", emit_tanh},
    {"softplus", emit_softplus},
    {"gelu", emit_gelu},
    {"max_pool", emit_max_pool},
    {"avg_pool", emit_avg_pool},
    {"global_pool", emit_global_pool},
    {"linear", emit_linear},
    {"identity", nullptr},
    {"mask", nullptr},
    {"drop_path", nullptr},
    {"dropout", nullptr},
    {"zero", emit_zero},
    {"gaussian_noise", emit_zero},  // its mean
    {"sum", emit_sum},
    {"concat", emit_concat},
    {"shift", emit_shift},
    {"slice", emit_slice},
    {"shuffle", emit_shuffle},
    {"multiply", emit_multiply},
    {"attention", emit_attention},
};

}  // namespace

std::string OnnxBuilder::fresh(std::string_view name) {
  std::string candidate(name);
  for (int i = 2; !names_.insert(candidate).second; ++i)
    candidate = std::string(name) + "_" + std::to_string(i);
  return candidate;
}

std::string OnnxBuilder::constant(std::string_view name, std::vector<std::int64_t> dims,
                                  std::span<const float> values) {
  model_.initializers.push_back(OnnxTensor::of(fresh(name), std::move(dims), values));
  return model_.initializers.back().name;
}

std::string OnnxBuilder::constant(std::string_view name, float value) {
  return constant(name, {}, std::span(&value, 1));
}

std::string OnnxBuilder::constant(std::string_view name, const std::vector<std::int64_t>& values) {
  model_.initializers.push_back(
      OnnxTensor::of(fresh(name), {static_cast<std::int64_t>(values.size())}, values));
  return model_.initializers.back().name;
}

std::string OnnxBuilder::node(std::string operation, std::string name,
                              std::vector<std::string> inputs, std::string result,
                              std::map<std::string, OnnxValue> attributes) {
  model_.nodes.push_back({std::move(operation),
                          std::move(name),
                          {},
                          std::move(inputs),
                          {result},
                          std::move(attributes)});
  return result;
}

void Emission::last(std::string operation, std::vector<std::string> values,
                    std::map<std::string, OnnxValue> attributes) const {
  builder.node(std::move(operation), scope(), std::move(values), result, std::move(attributes));
}

std::string Emission::inner(std::string operation, std::string_view leaf,
                            std::vector<std::string> values,
                            std::map<std::string, OnnxValue> attributes) const {
  const std::string name = scope() + "/" + std::string(leaf);
  return builder.node(std::move(operation), name, std::move(values), builder.fresh(name),
                      std::move(attributes));
}

std::string Emission::constant(std::string_view leaf, float value) const {
  return builder.constant(scope() + "/" + std::string(leaf), value);
}

std::string Emission::constant(std::string_view leaf, const Integers& values) const {
  return builder.constant(scope() + "/" + std::string(leaf), values);
}

std::int64_t Emission::integer(std::string_view name, std::int64_t fallback) const {
  const double value = node.constant(name, static_cast<double>(fallback));
  if (value != std::floor(value) || std::abs(value) > 1e15)
    throw Error(
        ErrorKind::kInvalidArgument, scope(),
        "attribute '" + std::string(name) + "' is no whole number; got " + std::to_string(value));
  return static_cast<std::int64_t>(value);
}

const OnnxEmitter* find_onnx_emitter(std::string_view primitive) {
  for (const auto& emitter : kEmitters)
    if (emitter.primitive == primitive) return &emitter;
  return nullptr;
}

}  // namespace nasmyth
