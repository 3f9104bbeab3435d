// unroll and structural_hash of NetworkGraph.
#include <algorithm>
#include <bit>
#include <map>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/graph/network_graph.h"

namespace nasmyth {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  return hash64({reinterpret_cast<const char*>(&value), sizeof value}, hash);
}

std::uint64_t hash_choice(const Choice& choice) {
  std::uint64_t hash = hash64(choice.name);
  for (const auto& option : choice.options) hash = mix(hash64(option.label, hash), option.picks);
  return hash;
}

std::uint64_t hash_attribute(const ChoiceSet& choices, const Attribute& attribute) {
  if (const auto* word = std::get_if<std::string>(&attribute)) return hash64(*word);
  const ChoiceFunction f = simplify(std::get<ChoiceFunction>(attribute));
  std::uint64_t hash = 17;
  for (int c : f.scope()) hash = mix(hash, hash_choice(choices[c]));
  for (double v : f.values()) hash = mix(hash, std::bit_cast<std::uint64_t>(v));
  return hash;
}

std::uint64_t hash_node(const ChoiceSet& choices, const Node& node,
                        const std::vector<std::uint64_t>& hashes) {
  std::uint64_t hash = hash64(node.operation);
  if (node.operation == "input") hash = hash64(node.scope, hash);
  for (const auto& [name, attribute] : node.attributes)
    hash = mix(hash64(name, hash), hash_attribute(choices, attribute));
  for (const auto& [role, key] : node.keys) hash = hash64(key, hash64(role, hash));
  if (node.choice >= 0) hash = mix(hash, hash_choice(choices[node.choice]));
  std::vector<std::uint64_t> inputs;
  for (int i : node.inputs) inputs.push_back(hashes[static_cast<std::size_t>(i)]);
  if (node.operation == "sum") std::sort(inputs.begin(), inputs.end());
  for (std::uint64_t h : inputs) hash = mix(hash, h);
  return hash;
}

// One time step being appended to the unrolled network.
class Unroller {
 public:
  Unroller(const NetworkGraph& graph, GraphBuilder& builder) : graph_(graph), builder_(builder) {}

  void append(int step) {
    std::vector<int> to(static_cast<std::size_t>(graph_.size()));
    for (int i = 0; i < graph_.size(); ++i) {
      const int carried = step > 0 ? carried_input(i) : -1;
      to[static_cast<std::size_t>(i)] = carried >= 0 ? carried : builder_.add(copy(i, step, to));
    }
    for (const auto& output : graph_.outputs())
      results_[output.name] = to[static_cast<std::size_t>(output.node)];
  }

  int result(const std::string& output) const { return results_.at(output); }

 private:
  Node copy(int i, int step, const std::vector<int>& to) const {
    Node node = graph_.node(i);
    if (!node.keys.contains("")) node.keys[""] = node.scope;
    const bool initial = carried_output(node) != nullptr;
    if (!initial) node.scope += "@" + std::to_string(step);
    for (int& input : node.inputs) input = to[static_cast<std::size_t>(input)];
    return node;
  }

  const std::string* carried_output(const Node& node) const {
    if (node.operation != "input") return nullptr;
    for (const auto& carry : graph_.carries())
      if (carry.input == node.scope) return &carry.output;
    return nullptr;
  }

  int carried_input(int i) const {
    const std::string* output = carried_output(graph_.node(i));
    return output ? results_.at(*output) : -1;
  }

  const NetworkGraph& graph_;
  GraphBuilder& builder_;
  std::map<std::string, int> results_;
};

}  // namespace

NetworkGraph NetworkGraph::unroll(int steps) const {
  if (steps < 1)
    throw Error(ErrorKind::kOutOfRange, "unroll", "got " + std::to_string(steps) + " steps",
                "use at least 1");
  for (const auto& carry : carries_) {
    const bool known = std::any_of(outputs_.begin(), outputs_.end(),
                                   [&](const Output& o) { return o.name == carry.output; });
    if (!known)
      throw Error(ErrorKind::kInvalidArgument, "unroll",
                  "the carried output '" + carry.output + "' does not exist");
  }
  GraphBuilder builder(*choices_);
  Unroller unroller(*this, builder);
  for (int step = 0; step < steps; ++step) {
    unroller.append(step);
    for (const auto& output : outputs_)
      builder.output(output.name + "@" + std::to_string(step), unroller.result(output.name),
                     output.training_only);
  }
  for (const auto& output : outputs_)
    builder.output(output.name, unroller.result(output.name), output.training_only);
  return builder.build();
}

std::uint64_t NetworkGraph::structural_hash() const {
  const NetworkGraph live = with_outputs({});
  std::vector<std::uint64_t> hashes;
  for (const auto& node : live.nodes_) hashes.push_back(hash_node(*choices_, node, hashes));
  std::uint64_t hash = hash64("graph");
  for (const auto& output : live.outputs_)
    hash = mix(mix(hash64(output.name, hash), output.training_only ? 1 : 0),
               hashes[static_cast<std::size_t>(output.node)]);
  // Two layers alike are not one layer used twice: the multiset of nodes counts too.
  std::sort(hashes.begin(), hashes.end());
  for (std::uint64_t h : hashes) hash = mix(hash, h);
  return hash;
}

}  // namespace nasmyth
