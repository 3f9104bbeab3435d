#include "tests/support/network_totals.h"

#include <algorithm>
#include <ostream>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"

namespace nasmyth::test {
namespace {

const Primitive& primitive_of(const Node& node) {
  return *builtin_operations().primitive(node.operation);
}

double product(const std::vector<double>& sizes) {
  double n = 1;
  for (double s : sizes) n *= s;
  return n;
}

void keep_greatest(std::vector<double>& known, const std::vector<double>& sizes) {
  known.resize(std::max(known.size(), sizes.size()), 1);
  for (std::size_t d = 0; d < sizes.size(); ++d) known[d] = std::max(known[d], sizes[d]);
}

}  // namespace

void PrintTo(const NetworkTotals& t, std::ostream* out) {
  *out << std::fixed << "params " << t.params << ", conv_macs " << t.conv_macs << ", macs "
       << t.macs << ", parameter tensors " << t.parameter_tensors;
}

std::vector<TensorShape> input_shapes(const ExpandedGraph& expanded, int node) {
  std::vector<TensorShape> shapes;
  for (int j : expanded.graph.node(node).inputs)
    shapes.push_back(expanded.shapes[static_cast<std::size_t>(j)]);
  return shapes;
}

NetworkTotals totals(const ExpandedGraph& expanded, std::string_view scope) {
  NetworkTotals result;
  std::map<std::string, std::vector<double>> parameters;
  for (int i = 0; i < expanded.graph.size(); ++i) {
    const Node& node = expanded.graph.node(i);
    if (!node.scope.starts_with(scope)) continue;
    const auto inputs = input_shapes(expanded, i);
    const TensorShape& output = expanded.shapes[static_cast<std::size_t>(i)];
    const double macs = primitive_of(node).macs(node, inputs, output).maximum();
    result.macs += macs;
    if (node.operation == "conv2d") result.conv_macs += macs;
    for (const auto& spec : primitive_of(node).parameters(node, inputs, output)) {
      if (!spec.trainable) continue;
      std::vector<double> sizes;
      for (const auto& d : spec.shape) sizes.push_back(d.maximum());
      keep_greatest(parameters[node.key(spec.role)], sizes);
    }
  }
  for (const auto& [key, sizes] : parameters) result.params += product(sizes);
  result.parameter_tensors = static_cast<int>(parameters.size());
  return result;
}

NetworkTotals totals(const NetworkGraph& graph) {
  return totals(expand(graph.deployed(), builtin_operations()));
}

NetworkTotals totals_in_training(const NetworkGraph& graph) {
  return totals(expand(graph, builtin_operations()));
}

OpenTotals::OpenTotals(const NetworkGraph& graph)
    : expanded_(expand(graph.deployed(), builtin_operations())) {
  for (int i = 0; i < expanded_.graph.size(); ++i) {
    const Node& node = expanded_.graph.node(i);
    const auto inputs = input_shapes(expanded_, i);
    const TensorShape& output = expanded_.shapes[static_cast<std::size_t>(i)];
    Term term{primitive_of(node).macs(node, inputs, output), node.operation == "conv2d", {}};
    for (const auto& spec : primitive_of(node).parameters(node, inputs, output))
      if (spec.trainable)
        term.parameters.emplace_back(node.key(spec.role), TensorShape{spec.shape}.elements());
    terms_.push_back(std::move(term));
  }
}

NetworkTotals OpenTotals::at(const Architecture& architecture) const {
  const NetworkGraph& graph = expanded_.graph;
  const auto& options = architecture.options();
  std::vector<char> live(terms_.size(), 0);
  for (const auto& output : graph.outputs()) live[static_cast<std::size_t>(output.node)] = 1;
  NetworkTotals result;
  for (int i = graph.size() - 1; i >= 0; --i) {
    if (!live[static_cast<std::size_t>(i)]) continue;
    const Node& node = graph.node(i);
    std::uint64_t picks = ~std::uint64_t{0};
    if (node.choice >= 0)
      picks = (*graph.choices())[node.choice]
                  .options[static_cast<std::size_t>(architecture.option(node.choice))]
                  .picks;
    for (std::size_t j = 0; j < node.inputs.size(); ++j)
      if (j >= 64 || (picks >> j & 1)) live[static_cast<std::size_t>(node.inputs[j])] = 1;
    const Term& term = terms_[static_cast<std::size_t>(i)];
    const double macs = term.macs.at(options);
    result.macs += macs;
    if (term.conv) result.conv_macs += macs;
    for (const auto& [key, elements] : term.parameters) result.params += elements.at(options);
    result.parameter_tensors += static_cast<int>(term.parameters.size());
  }
  return result;
}

int count_nodes(const NetworkGraph& graph, std::string_view operation) {
  return static_cast<int>(
      std::count_if(graph.nodes().begin(), graph.nodes().end(),
                    [&](const Node& node) { return node.operation == operation; }));
}

std::string error_text(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace nasmyth::test
