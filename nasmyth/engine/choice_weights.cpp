#include "nasmyth/engine/choice_weights.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

bool among(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_open(const ChoiceFunction& function) { return !simplify(function).is_constant(); }

bool is_open(const Attribute& attribute) {
  const auto* function = std::get_if<ChoiceFunction>(&attribute);
  return function && is_open(*function);
}

bool is_depthwise(const Node& node) {
  const auto groups = node.attributes.find("groups");
  return groups != node.attributes.end() && std::holds_alternative<std::string>(groups->second);
}

bool is_kernel(std::string_view attribute) {
  return among(attribute, {"kernel", "kernel_height", "kernel_width"});
}

// The choices in the functions that act at one node, ascending.
std::set<int> acting_choices(const ExpandedGraph& expanded, const Node& node) {
  std::set<int> choices;
  auto add = [&](const ChoiceFunction& function) {
    const ChoiceFunction f = simplify(function);
    choices.insert(f.scope().begin(), f.scope().end());
  };
  if (node.operation == "mask")
    add(expanded.shapes[static_cast<std::size_t>(node.inputs[0])].channels());
  if (node.operation == "conv2d")
    for (const auto& [name, attribute] : node.attributes)
      if (is_kernel(name) && is_open(attribute)) add(std::get<ChoiceFunction>(attribute));
  return choices;
}

// Refuses open networks that no weights can blend.
class OpenCheck {
 public:
  explicit OpenCheck(const ExpandedGraph& expanded) : expanded_(expanded) {}

  void node(int i) {
    const Node& node = expanded_.graph.node(i);
    check_attributes(node);
    check_sizes(node, i);
    check_inputs(node);
    zero_beyond_.push_back(zero_beyond(node, i) ? 1 : 0);
  }

 private:
  const TensorShape& shape(int i) const { return expanded_.shapes[static_cast<std::size_t>(i)]; }
  bool open_width(int i) const { return shape(i).rank() > 0 && is_open(shape(i).channels()); }

  static void check_attributes(const Node& node) {
    for (const auto& [name, attribute] : node.attributes) {
      if (!is_open(attribute)) continue;
      const bool blends = (node.operation == "conv2d" && (name == "channels" || is_kernel(name))) ||
                          (node.operation == "linear" && name == "features");
      if (!blends)
        throw Error(ErrorKind::kUnsupported, node.scope,
                    node.operation + ": the attribute '" + name +
                        "' depends on a choice, which no executor can blend",
                    "make it a select over operations");
    }
  }

  void check_sizes(const Node& node, int i) const {
    for (int d = 1; d < shape(i).rank(); ++d)
      if (is_open(shape(i)[d]))
        throw Error(ErrorKind::kUnsupported, node.scope,
                    node.operation + ": size " + std::to_string(d) + " of the result " +
                        to_string(shape(i)) + " depends on a choice",
                    "use kernels that are all odd, and strides that do not depend on choices");
  }

  void check_inputs(const Node& node) const {
    const bool conv = node.operation == "conv2d" && !is_depthwise(node);
    const bool grouped = (conv || node.operation == "shuffle") && node.constant("groups", 1) != 1;
    for (std::size_t j = 0; j < node.inputs.size(); ++j) {
      const int input = node.inputs[j];
      if (!open_width(input)) continue;
      const bool gap = node.operation == "concat" && j + 1 < node.inputs.size();
      if (gap || grouped || node.operation == "attention")
        throw Error(ErrorKind::kUnsupported, node.scope,
                    node.operation +
                        ": where a channel of the result comes from depends on the "
                        "choice of the width " +
                        to_string(shape(input)),
                    "give it inputs whose widths do not depend on choices");
      if ((conv || node.operation == "linear") && !zero_beyond_[static_cast<std::size_t>(input)])
        throw Error(ErrorKind::kUnsupported, node.scope,
                    node.operation + ": it mixes the channels of '" +
                        expanded_.graph.node(input).scope +
                        "', whose width depends on a choice and is not masked",
                    "add a mask after it");
    }
  }

  // True when channels beyond the chosen width are zero.
  bool zero_beyond(const Node& node, int i) const {
    if (!open_width(i)) return true;
    auto input = [&](int j) { return zero_beyond_[static_cast<std::size_t>(j)] != 0; };
    const auto& inputs = node.inputs;
    if (among(node.operation, {"mask", "zero"})) return true;
    if (node.operation == "multiply") return std::any_of(inputs.begin(), inputs.end(), input);
    const bool keeps_zeros =
        among(node.operation,
              {"select", "sum", "concat", "identity", "relu", "h_swish", "swish", "gelu", "tanh",
               "max_pool", "avg_pool", "global_pool", "shift", "drop_path", "dropout"}) ||
        (node.operation == "conv2d" && is_depthwise(node) && node.constant("bias", 0) == 0);
    return keeps_zeros && std::all_of(inputs.begin(), inputs.end(), input);
  }

  const ExpandedGraph& expanded_;
  std::vector<char> zero_beyond_;  // of each node so far
};

}  // namespace

std::vector<Site> find_sites(const ExpandedGraph& expanded) {
  const NetworkGraph& graph = expanded.graph;
  OpenCheck check(expanded);
  std::vector<Site> sites;
  for (int i = 0; i < graph.size(); ++i) {
    check.node(i);
    const Node& node = graph.node(i);
    if (node.choice >= 0)
      sites.push_back(
          {Site::Kind::kSelect, i, node.choice, static_cast<int>(node.inputs.size()), node.scope});
    for (int choice : acting_choices(expanded, node))
      sites.push_back(
          {Site::Kind::kValue, i, choice, (*graph.choices())[choice].size(), node.scope});
  }
  return sites;
}

}  // namespace nasmyth
