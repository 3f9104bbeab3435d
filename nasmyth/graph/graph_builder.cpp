#include <bit>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/graph/graph_edit.h"

namespace nasmyth {
namespace {

int highest_pick(const Choice& choice) {
  std::uint64_t all = 0;
  for (const auto& option : choice.options) all |= option.picks;
  return 64 - std::countl_zero(all);
}

void check_inputs(const Node& node, int size) {
  for (int input : node.inputs)
    if (input < 0 || input >= size)
      throw Error(
          ErrorKind::kInvalidArgument, node.scope,
          "input " + std::to_string(input) + " of " + node.operation + " is no earlier node");
}

}  // namespace

GraphBuilder::GraphBuilder(const ChoiceSet& choices)
    : choices_(choices.choices()), constraints_(choices.constraints()) {}

int GraphBuilder::choice(Choice choice) {
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    if (choices_[i].name != choice.name) continue;
    if (!(choices_[i] == choice))
      throw Error(ErrorKind::kInvalidArgument, "choice " + choice.name,
                  "it was declared before with other options");
    return static_cast<int>(i);
  }
  choices_.push_back(std::move(choice));
  return static_cast<int>(choices_.size()) - 1;
}

void GraphBuilder::constraint(ChoiceFunction constraint) {
  constraints_.push_back(std::move(constraint));
}

ChoiceFunction GraphBuilder::value(std::string name, std::vector<double> values) {
  const int index = choice(value_of(name, values));
  return ChoiceFunction::of(index, std::move(values), std::move(name));
}

int GraphBuilder::add(std::string operation, std::string scope, std::vector<int> inputs,
                      Attributes attributes) {
  return add(
      make_node(std::move(operation), std::move(scope), std::move(inputs), std::move(attributes)));
}

int GraphBuilder::add(Node node) {
  check_inputs(node, size());
  if (node.scope.empty())
    throw Error(ErrorKind::kInvalidArgument, "network", "a " + node.operation + " without a scope");
  if (!scopes_.emplace(node.scope, size()).second)
    throw Error(ErrorKind::kInvalidArgument, node.scope, "the scope is taken",
                "give every node a scope of its own");
  nodes_.push_back(std::move(node));
  return size() - 1;
}

int GraphBuilder::image(std::string name, const ChoiceFunction& channels,
                        const ChoiceFunction& height, const ChoiceFunction& width) {
  return add("input", std::move(name), {},
             {{"type", std::string("image")},
              {"channels", channels},
              {"height", height},
              {"width", width}});
}

int GraphBuilder::select(std::string scope, std::vector<int> inputs, int choice) {
  Node node;
  node.operation = "select";
  node.scope = std::move(scope);
  node.inputs = std::move(inputs);
  node.choice = choice;
  return add(std::move(node));
}

void GraphBuilder::output(std::string name, int node, bool training_only) {
  outputs_.push_back({std::move(name), node, training_only});
}

void GraphBuilder::carry(std::string output, std::string input) {
  carries_.push_back({std::move(output), std::move(input)});
}

NetworkGraph GraphBuilder::build() const {
  std::set<std::string> names;
  for (const auto& output : outputs_) {
    if (output.node < 0 || output.node >= size())
      throw Error(ErrorKind::kInvalidArgument, "output " + output.name, "it is no node");
    if (!names.insert(output.name).second)
      throw Error(ErrorKind::kInvalidArgument, "output " + output.name, "the name stands twice");
  }
  if (outputs_.empty()) throw Error(ErrorKind::kInvalidArgument, "network", "it has no output");
  const int choice_count = static_cast<int>(choices_.size());
  for (const auto& node : nodes_) {
    if ((node.operation == "select") != (node.choice >= 0) || node.choice >= choice_count)
      throw Error(ErrorKind::kInvalidArgument, node.scope, "a select needs a choice, others none");
    if (node.choice < 0) continue;
    const Choice& choice = choices_[static_cast<std::size_t>(node.choice)];
    if (const int picks = highest_pick(choice); picks > static_cast<int>(node.inputs.size()))
      throw Error(ErrorKind::kInvalidArgument, node.scope,
                  "choice '" + choice.name + "' picks among " + std::to_string(picks) +
                      " inputs; got " + std::to_string(node.inputs.size()));
  }
  return assemble(std::make_shared<ChoiceSet>(choices_, constraints_), nodes_, outputs_, carries_);
}

NetworkGraph GraphBuilder::assemble(ChoiceSetPtr choices, std::vector<Node> nodes,
                                    std::vector<Output> outputs, std::vector<Carry> carries) {
  for (std::size_t i = 0; i < nodes.size(); ++i) check_inputs(nodes[i], static_cast<int>(i));
  NetworkGraph graph;
  graph.choices_ = std::move(choices);
  graph.nodes_ = std::move(nodes);
  graph.outputs_ = std::move(outputs);
  graph.carries_ = std::move(carries);
  return graph;
}

}  // namespace nasmyth
