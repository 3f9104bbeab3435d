#include "nasmyth/resource/network_count.h"

#include <algorithm>
#include <map>

namespace nasmyth {
namespace {

struct Parameter {
  std::vector<double> shape;  // greatest over the nodes that share it
  std::size_t layer = 0;      // the first that reads it
};

class Counter {
 public:
  Counter(const ExpandedGraph& expanded, const OperationSet& operations)
      : expanded_(expanded), operations_(operations) {}

  CountedNetwork count() {
    for (int i = 0; i < expanded_.graph.size(); ++i) add(i);
    for (const auto& [key, parameter] : parameters_) {
      double size = 1;
      for (double d : parameter.shape) size *= d;
      result_.layers[parameter.layer].count.params += size;
    }
    for (const auto& layer : result_.layers) {
      result_.total.params += layer.count.params;
      result_.total.conv_macs += layer.count.conv_macs;
      result_.total.macs += layer.count.macs;
    }
    result_.nodes = expanded_.graph.size();
    return std::move(result_);
  }

 private:
  void add(int i) {
    const Node& node = expanded_.graph.node(i);
    const TensorShape& shape = expanded_.shapes[static_cast<std::size_t>(i)];
    const std::vector<TensorShape> inputs = expanded_.input_shapes(node);
    const Primitive& primitive = *operations_.primitive(node.operation);
    const std::size_t layer = layer_of(node);
    LayerCount& row = result_.layers[layer];
    row.shape = to_string(shape);
    const double macs = primitive.macs(node, inputs, shape).maximum();
    row.count.macs += macs;
    if (node.operation == "conv2d") row.count.conv_macs += macs;
    for (const auto& spec : primitive.parameters(node, inputs, shape))
      if (spec.trainable) add_parameter(node.key(spec.role), spec, layer);
  }

  std::size_t layer_of(const Node& node) {
    const bool alone = node.composite.empty();
    const std::string& scope = alone ? node.scope : node.composite_scope;
    const auto [it, fresh] = layer_index_.emplace(scope, result_.layers.size());
    if (fresh) result_.layers.push_back({scope, alone ? node.operation : node.composite, {}, {}});
    return it->second;
  }

  void add_parameter(const std::string& key, const ParameterSpec& spec, std::size_t layer) {
    std::vector<double> sizes;
    for (const auto& d : spec.shape) sizes.push_back(d.maximum());
    const auto [it, fresh] = parameters_.emplace(key, Parameter{sizes, layer});
    if (fresh) return;
    auto& known = it->second.shape;
    known.resize(std::max(known.size(), sizes.size()), 1);
    for (std::size_t d = 0; d < sizes.size(); ++d) known[d] = std::max(known[d], sizes[d]);
  }

  const ExpandedGraph& expanded_;
  const OperationSet& operations_;
  CountedNetwork result_;
  std::map<std::string, std::size_t> layer_index_;
  std::map<std::string, Parameter> parameters_;
};

bool has_training_only(const NetworkGraph& graph) {
  return std::any_of(graph.outputs().begin(), graph.outputs().end(),
                     [](const Output& o) { return o.training_only; });
}

}  // namespace

CountedNetwork count_network(const NetworkGraph& graph, const OperationSet& operations) {
  const ExpandedGraph deployed = expand(graph.deployed(), operations);
  CountedNetwork counted = Counter(deployed, operations).count();
  if (has_training_only(graph)) {
    const ExpandedGraph whole = expand(graph, operations);
    counted.training_only_params =
        Counter(whole, operations).count().total.params - counted.total.params;
  }
  return counted;
}

}  // namespace nasmyth
