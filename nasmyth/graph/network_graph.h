#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "nasmyth/graph/architecture.h"
#include "nasmyth/graph/choice_set.h"

namespace nasmyth {

class OperationSet;

/// A number that may depend on choices, or a word ("image", "h_swish").
using Attribute = std::variant<ChoiceFunction, std::string>;
using Attributes = std::map<std::string, Attribute>;

/// One operation applied to earlier nodes.
struct Node {
  std::string operation;
  std::string scope;  ///< "cell3/normal/node1/edge0_2/sep_conv_3x3"; unique in a graph
  Attributes attributes;
  std::vector<int> inputs;  ///< indices of earlier nodes
  int choice = -1;          ///< of a `select`: which of its inputs survive
  /// Parameter keys that differ from the default "<scope>/<role>": role -> key (shared weights).
  /// The role "" replaces the scope for all roles; on a composite, "<leaf>/<role>" reaches inside.
  std::map<std::string, std::string> keys;
  /// After expansion: the composite this primitive came from ("sep_conv_3x3"), else empty.
  std::string composite;
  /// After expansion: scope of that composite.
  std::string composite_scope;

  bool has(std::string_view name) const;
  /// Numeric attribute, or `fallback` when absent. Throws kInvalidArgument when it is a word.
  ChoiceFunction number(std::string_view name, const ChoiceFunction& fallback) const;
  /// Numeric attribute that must be present and closed.
  double constant(std::string_view name) const;
  double constant(std::string_view name, double fallback) const;
  std::string word(std::string_view name, std::string_view fallback) const;
  std::string key(std::string_view role) const;
};

/// A named result of a graph.
struct Output {
  std::string name;
  int node = -1;
  bool training_only = false;  ///< auxiliary head: not counted, not exported
};

/// Pairs the output that is fed back into an input at the next step (recurrent cells).
struct Carry {
  std::string output;
  std::string input;
};

/// Sizes without the batch dimension: image [channels, height, width], vector [features],
/// tokens [length], sequence [length, features].
struct TensorShape {
  std::vector<ChoiceFunction> dims;

  int rank() const { return static_cast<int>(dims.size()); }
  const ChoiceFunction& operator[](int i) const { return dims[static_cast<std::size_t>(i)]; }
  const ChoiceFunction& channels() const { return dims.front(); }
  /// Product of the dims.
  ChoiceFunction elements() const;
  /// The greatest sizes over all options, as integers.
  std::vector<std::int64_t> greatest() const;
  friend bool operator==(const TensorShape& a, const TensorShape& b);
};
std::string to_string(const TensorShape& shape);

/// A network whose selects and value expressions may be open: the central value. Immutable;
/// built by GraphBuilder. Nodes are in topological order. Everything else is a function of it.
class NetworkGraph {
 public:
  NetworkGraph() = default;

  const ChoiceSetPtr& choices() const { return choices_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  const std::vector<Output>& outputs() const { return outputs_; }
  const std::vector<Carry>& carries() const { return carries_; }
  /// Indices of the `input` nodes, in order. Each has a word attribute `type` (image, tokens,
  /// sequence, sparse_graph, scalar) and its scope is its name.
  std::vector<int> inputs() const;
  int size() const { return static_cast<int>(nodes_.size()); }

  /// Indices of the choices on which a node still depends, ascending.
  std::vector<int> open_choices() const;
  bool closed() const { return open_choices().empty(); }

  /// Puts every choice in: values into expressions, selects resolved (one survivor: the wire
  /// itself; several: a `sum`), dead nodes removed. `zero` is never folded: published counts
  /// include what feeds it. Absent choices are allowed as long as nothing depends on them; throws
  /// kInvalidArgument naming the first open choice otherwise.
  NetworkGraph bind(const Architecture& architecture) const;

  /// The same with only some choices given; the rest stays open.
  NetworkGraph bind_partly(const Architecture& architecture) const;

  /// Fewer options (labels keep the order of the choice set; a choice left with one option stays a
  /// choice). Throws for unknown names and when nothing is left.
  NetworkGraph restrict(const Restriction& restriction) const;

  /// `architecture` without the choices that do not act in the network it binds to: equal networks
  /// get equal architectures.
  Architecture canonical(const Architecture& architecture) const;

  /// Only these outputs (all when empty), and what they need.
  NetworkGraph with_outputs(std::span<const std::string> names) const;
  /// Without the training-only outputs.
  NetworkGraph deployed() const;

  /// `steps` copies in a row along `carries`; weights are shared, input `x` becomes `x@t` unless it
  /// is carried. Outputs are those of the last step, and with `@t` those of all steps.
  NetworkGraph unroll(int steps) const;

  /// Does not change with node order among equals, nor with scopes; changes with anything that
  /// changes the function or its cost.
  std::uint64_t structural_hash() const;

  std::string to_json() const;
  static NetworkGraph from_json(std::string_view text, std::string_view where);
  /// Graphviz.
  std::string to_dot() const;

 private:
  friend class GraphBuilder;
  ChoiceSetPtr choices_ = std::make_shared<ChoiceSet>();
  std::vector<Node> nodes_;
  std::vector<Output> outputs_;
  std::vector<Carry> carries_;
};

/// Builds a NetworkGraph node by node. Not thread-safe.
class GraphBuilder {
 public:
  GraphBuilder() = default;
  /// Begins with the choices of an existing set.
  explicit GraphBuilder(const ChoiceSet& choices);

  /// Adds a choice and gives its index; one of the same name must be equal and is reused.
  int choice(Choice choice);
  void constraint(ChoiceFunction constraint);
  /// A value choice as a function of itself.
  ChoiceFunction value(std::string name, std::vector<double> values);

  /// Appends a node; returns its index. Throws for an input that is not an earlier node or a scope
  /// that is taken.
  int add(std::string operation, std::string scope, std::vector<int> inputs,
          Attributes attributes = {});
  int add(Node node);
  /// An `input` node named `name`: attribute `type` and dimensions `channels, height, width` (or
  /// `features`, `length`).
  int image(std::string name, const ChoiceFunction& channels, const ChoiceFunction& height,
            const ChoiceFunction& width);
  /// A `select` over `inputs` driven by `choice`.
  int select(std::string scope, std::vector<int> inputs, int choice);
  void output(std::string name, int node, bool training_only = false);
  void carry(std::string output, std::string input);

  const std::vector<Node>& nodes() const { return nodes_; }
  int size() const { return static_cast<int>(nodes_.size()); }
  const std::vector<Choice>& choices() const { return choices_; }

  /// The finished graph. Checks that every select's picks fit its inputs and that names are unique.
  NetworkGraph build() const;

  /// A graph from finished parts, unchecked but for the order of the nodes; for graph -> graph
  /// functions.
  static NetworkGraph assemble(ChoiceSetPtr choices, std::vector<Node> nodes,
                               std::vector<Output> outputs, std::vector<Carry> carries);

 private:
  std::vector<Choice> choices_;
  std::vector<ChoiceFunction> constraints_;
  std::vector<Node> nodes_;
  std::vector<Output> outputs_;
  std::vector<Carry> carries_;
  std::map<std::string, int, std::less<>> scopes_;
};

/// A graph of primitives only, with the shape of every node.
struct ExpandedGraph {
  NetworkGraph graph;
  std::vector<TensorShape> shapes;  ///< of each node's result, by node index

  /// The shapes of what a node of this graph reads.
  std::vector<TensorShape> input_shapes(const Node& node) const;
};

/// Replaces composites by primitives and infers all shapes. Errors name the scope, what was
/// expected and what was found.
ExpandedGraph expand(const NetworkGraph& graph, const OperationSet& operations);

}  // namespace nasmyth
