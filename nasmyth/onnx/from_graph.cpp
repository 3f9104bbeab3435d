#include "nasmyth/onnx/from_graph.h"

#include <cmath>
#include <optional>
#include <unordered_map>

#include "nasmyth/core/error.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/version.h"
#include "nasmyth/onnx/emission.h"
#include "nasmyth/onnx/parameters.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kOpset = 17;
constexpr const char* kBatch = "batch";

std::vector<std::int64_t> sizes(const TensorShape& shape) {
  std::vector<std::int64_t> dims;
  for (const auto& d : shape.dims) dims.push_back(static_cast<std::int64_t>(d.constant()));
  return dims;
}

OnnxValueInfo value_info(std::string name, const std::vector<std::int64_t>& dims) {
  OnnxValueInfo info{std::move(name), OnnxType::kFloat, std::vector<OnnxDimension>{{-1, kBatch}}};
  for (std::int64_t d : dims) info.shape->push_back({d, {}});
  return info;
}

bool is_elided(const Node& node) {
  const auto* emitter = find_onnx_emitter(node.operation);
  if (emitter && !emitter->emit) return true;
  return (node.operation == "sum" || node.operation == "concat") && node.inputs.size() == 1;
}

// Writes one network. `source_[i]` is the node whose value stands for node i's: of a node that
// leaves no ONNX node that is an earlier one.
class NetworkWriter {
 public:
  NetworkWriter(const ExpandedGraph& expanded, const ParameterStore& parameters,
                const OperationSet& operations, const OnnxDescription& description,
                const OnnxOptions& options)
      : graph_(expanded.graph),
        shapes_(expanded.shapes),
        parameters_(parameters, operations),
        description_(description),
        options_(options),
        source_(shapes_.size()),
        norm_(shapes_.size(), -1),
        values_(shapes_.size()) {}

  OnnxModel write() {
    find_sources();
    if (options_.fold_batch_norm) fold_batch_norms();
    name_values();
    for (int i = 0; i < graph_.size(); ++i) write_node(i);
    write_outputs();
    return std::move(model_);
  }

  // Whether an input takes raw pixel values.
  bool preprocesses() const { return preprocesses_; }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  void find_sources() {
    for (int i = 0; i < graph_.size(); ++i) {
      const Node& node = graph_.node(i);
      source_[at(i)] = is_elided(node) ? source_[at(node.inputs[0])] : i;
    }
  }

  // How many nodes and outputs read the value of each node that is a source.
  std::vector<int> count_readers() const {
    std::vector<int> readers(shapes_.size(), 0);
    for (int i = 0; i < graph_.size(); ++i)
      if (source_[at(i)] == i)
        for (int input : graph_.node(i).inputs) ++readers[at(source_[at(input)])];
    for (const auto& output : graph_.outputs()) ++readers[at(source_[at(output.node)])];
    return readers;
  }

  void fold_batch_norms() {
    const auto readers = count_readers();
    for (int i = 0; i < graph_.size(); ++i) {
      const Node& node = graph_.node(i);
      if (is_elided(node)) source_[at(i)] = source_[at(node.inputs[0])];
      if (node.operation != "batch_norm") continue;
      const int before = source_[at(node.inputs[0])];
      const std::string& operation = graph_.node(before).operation;
      if (operation != "conv2d" && operation != "linear") continue;
      if (readers[at(before)] != 1 || norm_[at(before)] >= 0) continue;
      norm_[at(before)] = i;
      source_[at(i)] = before;
    }
  }

  // Outputs and inputs have their own names; the other values are named after scopes.
  void name_values() {
    for (const auto& output : graph_.outputs())
      output_values_.push_back(builder_.fresh(output.name));
    for (int i = 0; i < graph_.size(); ++i)
      if (graph_.node(i).operation == "input")
        values_[at(i)] = builder_.fresh(graph_.node(i).scope);
    for (std::size_t o = 0; o < output_values_.size(); ++o) {
      const int node = source_[at(graph_.outputs()[o].node)];
      if (values_[at(node)].empty()) values_[at(node)] = output_values_[o];
    }
    for (int i = 0; i < graph_.size(); ++i) {
      if (source_[at(i)] != i || !values_[at(i)].empty()) continue;
      const int last = norm_[at(i)] >= 0 ? norm_[at(i)] : i;
      values_[at(i)] = builder_.fresh(graph_.node(last).scope);
    }
  }

  void write_node(int i) {
    const Node& node = graph_.node(i);
    if (node.operation == "input") return write_input(i);
    if (node.operation == "select")
      throw Error(ErrorKind::kInvalidArgument, node.scope,
                  "only a closed network can be written as ONNX; the choice here is open",
                  "bind the graph to an architecture first");
    const auto* emitter = find_onnx_emitter(node.operation);
    if (!emitter)
      throw Error(ErrorKind::kUnsupported, node.scope,
                  "the operation '" + node.operation + "' has no ONNX form");
    if (source_[at(i)] != i) return;
    std::vector<std::string> inputs;
    std::vector<std::vector<std::int64_t>> shapes;
    for (int input : node.inputs) {
      inputs.push_back(values_[at(source_[at(input)])]);
      shapes.push_back(sizes(shapes_[at(input)]));
    }
    emitter->emit({builder_, node, std::move(inputs), std::move(shapes), sizes(shapes_[at(i)]),
                   write_parameters(i), values_[at(i)]});
  }

  NodeParameters read_parameters(int i) const {
    const Node& node = graph_.node(i);
    std::vector<TensorShape> inputs;
    for (int input : node.inputs) inputs.push_back(shapes_[at(input)]);
    return parameters_.read(node, inputs, shapes_[at(i)]);
  }

  std::map<std::string, Emission::Parameter> write_parameters(int i) {
    NodeParameters parameters = read_parameters(i);
    if (const int norm = norm_[at(i)]; norm >= 0)
      fold_batch_norm(parameters, read_parameters(norm),
                      graph_.node(norm).constant("epsilon", 1e-5));
    std::map<std::string, Emission::Parameter> written;
    for (const auto& [role, parameter] : parameters)
      written[role] = {write_parameter(i, role, parameter), parameter.shape};
    return written;
  }

  // Nodes that share a whole stored parameter share the initialiser.
  std::string write_parameter(int i, const std::string& role, const NodeParameter& parameter) {
    const std::vector<float> values(parameter.values.begin(), parameter.values.end());
    if (parameter.key.empty())
      return builder_.constant(graph_.node(i).scope + "/" + role, parameter.shape, values);
    auto& shared = shared_[parameter.key];
    if (shared.empty()) shared = builder_.constant(parameter.key, parameter.shape, values);
    return shared;
  }

  void write_input(int i) {
    const Node& node = graph_.node(i);
    const std::string type = node.word("type", "image");
    if (type == "tokens" || type == "scalar" || type == "sparse_graph")
      throw Error(ErrorKind::kUnsupported, node.scope,
                  "an input of type '" + type + "' has no ONNX form");
    const auto dims = sizes(shapes_[at(i)]);
    model_.inputs.push_back(value_info(values_[at(i)], dims));
    if (type == "image" && dims.size() == 3) {
      check_channels(node.scope, dims[0]);
      if (options_.preprocessing) write_preprocessing(i, dims[0]);
    }
  }

  void check_channels(const std::string& scope, std::int64_t channels) const {
    const auto& p = description_.preprocessing;
    const bool fits = p.mean.size() == p.deviation.size() &&
                      (p.mean.empty() || static_cast<std::int64_t>(p.mean.size()) == channels);
    if (!fits)
      throw Error(ErrorKind::kShape, scope,
                  "preprocessing needs a mean and a deviation for each of " +
                      std::to_string(channels) + " channels; got " + std::to_string(p.mean.size()) +
                      " and " + std::to_string(p.deviation.size()));
    for (double d : p.deviation)
      if (!(d > 0))
        throw Error(ErrorKind::kOutOfRange, scope,
                    "deviations must be positive; got " + std::to_string(d));
  }

  void write_preprocessing(int i, std::int64_t channels) {
    preprocesses_ = true;
    const auto& p = description_.preprocessing;
    // Bytes are scaled first. Other values may be far from zero: their mean goes first, or rounding
    // would eat the rest.
    const bool mean_first = p.scale == 1;
    std::vector<float> scale, shift;
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      const double deviation = p.deviation.empty() ? 1 : p.deviation[c];
      const double mean = p.mean.empty() ? 0 : -p.mean[c];
      scale.push_back(static_cast<float>(p.scale / deviation));
      shift.push_back(static_cast<float>(mean_first ? mean : mean / deviation));
    }
    const std::string name = graph_.node(i).scope + "/preprocessing";
    const std::vector<std::int64_t> dims{1, channels, 1, 1};
    std::string& value = values_[at(i)];
    const auto step = [&](const char* operation, const char* result, const char* constant,
                          const std::vector<float>& factors) {
      const std::string factor = builder_.constant(name + constant, dims, factors);
      value =
          builder_.node(operation, name + result, {value, factor}, builder_.fresh(name + result));
    };
    if (!mean_first) step("Mul", "/scaled", "/scale", scale);
    step("Add", "/shifted", "/shift", shift);
    if (mean_first) step("Mul", "/scaled", "/scale", scale);
  }

  void write_outputs() {
    for (std::size_t o = 0; o < output_values_.size(); ++o) {
      const Output& output = graph_.outputs()[o];
      const auto dims = sizes(shapes_[at(output.node)]);
      const std::string& value = values_[at(source_[at(output.node)])];
      if (value != output_values_[o])
        builder_.node("Identity", "output/" + output.name, {value}, output_values_[o]);
      model_.outputs.push_back(value_info(output_values_[o], dims));
      if (output.name == "logits" && !description_.classes.empty() &&
          (dims.size() != 1 || dims[0] != static_cast<std::int64_t>(description_.classes.size())))
        throw Error(ErrorKind::kShape, "output logits",
                    std::to_string(description_.classes.size()) + " class labels do not fit " +
                        to_string(shapes_[at(output.node)]));
    }
  }

  const NetworkGraph& graph_;
  const std::vector<TensorShape>& shapes_;
  const ParameterReader parameters_;
  const OnnxDescription& description_;
  const OnnxOptions& options_;
  OnnxModel model_;
  OnnxBuilder builder_{model_};
  std::vector<int> source_;
  std::vector<int> norm_;  // the batch normalisation that a node takes in, or -1
  std::vector<std::string> values_;
  std::vector<std::string> output_values_;
  std::unordered_map<std::string, std::string> shared_;
  bool preprocesses_ = false;
};

void describe(OnnxModel& model, const OnnxDescription& description, bool preprocesses) {
  model.opsets[""] = kOpset;
  model.name = "network";
  model.producer = "nasmyth";
  model.producer_version = version();
  const auto& p = description.preprocessing;
  const Json preprocessing{
      {"scale", p.scale}, {"mean", p.mean}, {"deviation", p.deviation}, {"in_model", preprocesses}};
  model.metadata = {{"nasmyth.version", std::string(version())},
                    {"nasmyth.preprocessing", json_line(preprocessing)},
                    {"nasmyth.classes", json_line(Json(description.classes))},
                    {"nasmyth.architecture", description.architecture}};
}

}  // namespace

OnnxModel onnx_from_graph(const NetworkGraph& graph, const ParameterStore& parameters,
                          const OperationSet& operations, const OnnxDescription& description,
                          const OnnxOptions& options) {
  if (const auto open = graph.open_choices(); !open.empty())
    throw Error(ErrorKind::kInvalidArgument, "network",
                "only a closed network can be written as ONNX; " + std::to_string(open.size()) +
                    " choices are open",
                "bind the graph to an architecture first");
  const ExpandedGraph expanded = expand(graph.deployed(), operations);
  NetworkWriter writer(expanded, parameters, operations, description, options);
  OnnxModel model = writer.write();
  describe(model, description, writer.preprocesses());
  return model;
}

bool has_onnx_form(std::string_view primitive) { return find_onnx_emitter(primitive) != nullptr; }

}  // namespace nasmyth
