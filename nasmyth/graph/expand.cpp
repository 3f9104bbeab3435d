#include <algorithm>

#include "nasmyth/core/error.h"
#include "nasmyth/graph/graph_expander.h"

namespace nasmyth {
namespace {

constexpr int kGreatestDepth = 16;

void check_arity(const Node& node, const Operation& operation) {
  const auto [least, most] = operation.arity();
  const int n = static_cast<int>(node.inputs.size());
  if (n < least || (most >= 0 && n > most))
    throw Error(ErrorKind::kShape, node.scope,
                node.operation + " takes " + std::to_string(least) +
                    (most < 0        ? " or more"
                     : most == least ? ""
                                     : " to " + std::to_string(most)) +
                    " input(s); got " + std::to_string(n));
}

void inherit_keys(const Node& outer, std::string_view leaf, Node& inner) {
  if (outer.keys.empty()) return;
  const std::string prefix = leaf.empty() ? "" : std::string(leaf) + "/";
  for (const auto& [role, key] : outer.keys)
    if (!role.empty() && role.starts_with(prefix)) inner.keys[role.substr(prefix.size())] = key;
  if (const auto base = outer.keys.find(""); base != outer.keys.end())
    inner.keys[""] = leaf.empty() ? base->second : base->second + "/" + std::string(leaf);
}

// Whether all images that go into a network have one row, and more than one column.
bool takes_signals(const NetworkGraph& graph) {
  bool any = false;
  for (const int i : graph.inputs()) {
    const Node& node = graph.node(i);
    if (node.word("type", "image") != "image") continue;
    const auto is = [&](const char* name, bool one) {
      const ChoiceFunction size = node.number(name, 1);
      return one ? size.maximum() == 1 : size.minimum() > 1;
    };
    if (!is("height", true) || !is("width", false)) return false;
    any = true;
  }
  return any;
}

}  // namespace

int GraphExpander::put(Node node) {
  const Operation& operation = operations_.get(node.operation, node.scope);
  check_arity(node, operation);
  if (const auto* primitive = dynamic_cast<const Primitive*>(&operation))
    return put_primitive(std::move(node), *primitive);
  const auto& composite = dynamic_cast<const Composite&>(operation);
  if (stack_.size() >= kGreatestDepth)
    throw Error(ErrorKind::kInternal, node.scope, "composites are nested without end");
  stack_.push_back(&node);
  const int result = composite.expand(*this, node, node.inputs);
  stack_.pop_back();
  return result;
}

int GraphExpander::add(std::string_view operation, std::string_view leaf, std::vector<int> inputs,
                       Attributes attributes) {
  const Node& outer = *stack_.back();
  Node node;
  node.operation = operation;
  node.scope = leaf.empty() ? outer.scope : outer.scope + "/" + std::string(leaf);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  inherit_keys(outer, leaf, node);
  return put(std::move(node));
}

int GraphExpander::put_primitive(Node node, const Primitive& primitive) {
  std::vector<TensorShape> inputs;
  for (int i : node.inputs) inputs.push_back(shape(i));
  if (signals_) primitive.flatten(node);
  TensorShape result = primitive.shape(node, inputs);
  for (auto& d : result.dims) {
    d = simplify(d);
    if (d.minimum() < 1)
      throw Error(ErrorKind::kShape, node.scope,
                  node.operation + " gives the empty shape " + to_string(result),
                  "use a larger input or fewer strides");
  }
  if (!stack_.empty()) {
    node.composite = stack_.front()->operation;
    node.composite_scope = stack_.front()->scope;
  }
  nodes_.push_back(std::move(node));
  shapes_.push_back(std::move(result));
  return static_cast<int>(nodes_.size()) - 1;
}

std::vector<TensorShape> ExpandedGraph::input_shapes(const Node& node) const {
  std::vector<TensorShape> inputs;
  for (int i : node.inputs) inputs.push_back(shapes[static_cast<std::size_t>(i)]);
  return inputs;
}

ExpandedGraph expand(const NetworkGraph& graph, const OperationSet& operations) {
  GraphExpander expander(operations, takes_signals(graph));
  std::vector<int> to(static_cast<std::size_t>(graph.size()));
  for (int i = 0; i < graph.size(); ++i) {
    Node node = graph.node(i);
    for (int& input : node.inputs) input = to[static_cast<std::size_t>(input)];
    to[static_cast<std::size_t>(i)] = expander.put(std::move(node));
  }
  std::vector<Output> outputs = graph.outputs();
  for (auto& output : outputs) output.node = to[static_cast<std::size_t>(output.node)];
  ExpandedGraph expanded;
  expanded.shapes = expander.take_shapes();
  expanded.graph = GraphBuilder::assemble(graph.choices(), expander.take_nodes(),
                                          std::move(outputs), graph.carries());
  return expanded;
}

}  // namespace nasmyth
