#include "tests/onnx/model_samples.h"

#include <limits>
#include <set>

namespace nasmyth::test {

OnnxModel rich_model() {
  OnnxModel model;
  model.opsets = {{"", 17}, {"example.org", 3}};
  model.producer = "producer";
  model.producer_version = "1.2";
  model.name = "graph";
  const std::vector<float> weights{1.5f, -2, 0, std::numeric_limits<float>::infinity(), 1e-40f, 7};
  const std::vector<std::int64_t> shape{0, -1, std::numeric_limits<std::int64_t>::min()};
  model.initializers = {OnnxTensor::of("w", {2, 3}, weights),
                        OnnxTensor::of("shape", {3}, shape),
                        OnnxTensor::of("scalar", {}, std::span(weights).first(1)),
                        OnnxTensor::of("none", {0, 4}, std::span<const float>()),
                        {"bytes", OnnxType::kUint8, {3}, std::string("\0\1\2", 3)},
                        {"half", OnnxType::kFloat16, {1}, std::string("\0\x3c", 2)}};
  model.nodes = {{"Gemm", "first", "", {"x", "w", ""}, {"h"}, {{"transB", std::int64_t{1}}}},
                 {"Custom",
                  "second",
                  "example.org",
                  {"h"},
                  {"y", "z"},
                  {{"integer", std::int64_t{-5}},
                   {"number", 0.25f},
                   {"word", std::string("text\0with zero", 14)},
                   {"tensor", OnnxTensor::of("t", {1}, std::span(weights).first(1))},
                   {"integers", std::vector<std::int64_t>{3, -1, 1LL << 40}},
                   {"numbers", std::vector<float>{0.5f, -0.0f}},
                   {"words", std::vector<std::string>{"a", "", "c"}},
                   {"no_integers", std::vector<std::int64_t>{}}}}};
  model.inputs = {{"x", OnnxType::kFloat, std::vector<OnnxDimension>{{-1, "batch"}, {3, ""}}}};
  model.outputs = {{"y", OnnxType::kFloat, std::vector<OnnxDimension>{{-1, "batch"}, {-1, ""}}},
                   {"z", OnnxType::kInt64, std::vector<OnnxDimension>{}}};
  model.values = {{"h", OnnxType::kFloat, std::nullopt}};
  model.metadata = {{"key", "value"}, {"empty", ""}, {"utf8", "\xc3\xa4"}};
  return model;
}

std::string name_fault(const OnnxModel& model) {
  std::set<std::string> values, nodes;
  for (const auto& input : model.inputs)
    if (!values.insert(input.name).second) return "input '" + input.name + "' is taken";
  for (const auto& tensor : model.initializers)
    if (!values.insert(tensor.name).second) return "initialiser '" + tensor.name + "' is taken";
  for (const auto& node : model.nodes) {
    if (!nodes.insert(node.name).second) return "node '" + node.name + "' is taken";
    for (const auto& input : node.inputs)
      if (!input.empty() && !values.contains(input)) return "'" + input + "' is not defined yet";
    for (const auto& output : node.outputs)
      if (output.empty() || !values.insert(output).second) return "'" + output + "' is taken";
  }
  for (const auto& output : model.outputs)
    if (!values.contains(output.name)) return "output '" + output.name + "' is not defined";
  return {};
}

}  // namespace nasmyth::test
