#include "nasmyth/graph/graph_edit.h"

namespace nasmyth {

Node make_node(std::string operation, std::string scope, std::vector<int> inputs,
               Attributes attributes) {
  Node node;
  node.operation = std::move(operation);
  node.scope = std::move(scope);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  return node;
}

Node GraphCopy::rewired(int i) const {
  Node node = from_.node(i);
  for (int& input : node.inputs) input = new_index_[static_cast<std::size_t>(input)];
  return node;
}

int GraphCopy::keep(int i, Node node) {
  const int index = add(std::move(node));
  new_index_[static_cast<std::size_t>(i)] = index;
  return index;
}

int GraphCopy::add(Node node) {
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

NetworkGraph GraphCopy::finish(ChoiceSetPtr choices) {
  std::vector<Output> outputs = from_.outputs();
  for (auto& output : outputs) output.node = mapped(output.node);
  return GraphBuilder::assemble(std::move(choices), std::move(nodes_), std::move(outputs),
                                from_.carries());
}

std::uint64_t compress_bits(std::uint64_t mask, std::uint64_t used) {
  std::uint64_t packed = 0;
  for (int bit = 0, to = 0; bit < 64; ++bit)
    if (used >> bit & 1) packed |= (mask >> bit & 1) << to++;
  return packed;
}

}  // namespace nasmyth
