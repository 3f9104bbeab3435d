#include "nasmyth/resource/additive_model.h"

#include <algorithm>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

// The nodes that share one parameter.
struct SharedParameter {
  struct Use {
    ChoiceFunction live;
    std::vector<ChoiceFunction> shape;
  };
  std::vector<Use> uses;
};

bool dead(const ChoiceFunction& live) { return live.is_constant() && live.values()[0] == 0; }

const Primitive& primitive_of(const OpenNetwork& open, const Node& node) {
  const Primitive* primitive = open.operations().primitive(node.operation);
  if (!primitive)
    throw Error(ErrorKind::kInternal, node.scope, node.operation + " is no primitive");
  return *primitive;
}

// Joins uses of equal shape, so that cells which share their weights cost one term.
void add_use(OpenNetwork& open, SharedParameter& parameter, const ChoiceFunction& live,
             const std::vector<ChoiceFunction>& shape) {
  for (auto& use : parameter.uses)
    if (use.shape == shape) {
      use.live = open.narrow_max(use.live, live);
      return;
    }
  parameter.uses.push_back({live, shape});
}

ChoiceFunction size_of(OpenNetwork& open, const SharedParameter& parameter) {
  const auto& uses = parameter.uses;
  ChoiceFunction size = 1;
  if (uses.size() == 1) {
    for (const auto& d : uses[0].shape) size = times(size, d);
    return times(uses[0].live, size);
  }
  std::size_t rank = 0;
  for (const auto& use : uses) rank = std::max(rank, use.shape.size());
  for (std::size_t d = 0; d < rank; ++d) {
    ChoiceFunction greatest = 0;
    for (const auto& use : uses)
      greatest = open.narrow_max(greatest,
                                 d < use.shape.size() ? times(use.live, use.shape[d]) : use.live);
    size = open.narrow(times(size, greatest));
  }
  return size;
}

}  // namespace

double AdditiveModel::cost(const NetworkGraph& closed, const OperationSet& operations) const {
  if (const auto choices = closed.open_choices(); !choices.empty())
    throw Error(ErrorKind::kInvalidArgument, "cost",
                "the choice '" + (*closed.choices())[choices.front()].name + "' is still open",
                "bind the network to an architecture first");
  OpenNetwork network(closed, operations, Naming::kWide);
  double total = 0;
  for (const auto& term : sum(network)) total += term.constant();
  return total;
}

std::optional<CostTerms> AdditiveModel::terms(OpenNetwork& open) const {
  return CostTerms{unit(), {merge_terms(sum(open))}};
}

std::vector<ChoiceFunction> parameter_terms(OpenNetwork& open) {
  std::vector<SharedParameter> parameters;
  std::map<std::string, std::size_t> by_key;
  const auto& nodes = open.expanded().graph.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const ChoiceFunction& live = open.live(static_cast<int>(i));
    if (dead(live)) continue;
    const Node& node = nodes[i];
    const auto specs =
        primitive_of(open, node)
            .parameters(node, open.expanded().input_shapes(node), open.expanded().shapes[i]);
    for (const auto& spec : specs) {
      if (!spec.trainable) continue;
      const auto [it, fresh] = by_key.emplace(node.key(spec.role), parameters.size());
      if (fresh) parameters.emplace_back();
      add_use(open, parameters[it->second], live, spec.shape);
    }
  }
  std::vector<ChoiceFunction> terms;
  for (const auto& parameter : parameters) terms.push_back(size_of(open, parameter));
  return terms;
}

std::vector<ChoiceFunction> mac_terms(OpenNetwork& open,
                                      const std::function<bool(const std::string&)>& counted) {
  std::vector<ChoiceFunction> terms;
  const auto& nodes = open.expanded().graph.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const ChoiceFunction& live = open.live(static_cast<int>(i));
    const Node& node = nodes[i];
    if (dead(live) || !counted(node.operation)) continue;
    const ChoiceFunction macs =
        primitive_of(open, node)
            .macs(node, open.expanded().input_shapes(node), open.expanded().shapes[i]);
    if (!dead(macs)) terms.push_back(times(live, macs));
  }
  return terms;
}

}  // namespace nasmyth
