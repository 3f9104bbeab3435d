#include "nasmyth/graph/network_graph.h"

#include <algorithm>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/graph/graph_edit.h"

namespace nasmyth {
namespace {

// Which nodes an output needs; at a select only the inputs that `picked` lets through.
template <class Picked>
std::vector<char> live_nodes(const NetworkGraph& graph, Picked picked) {
  std::vector<char> live(static_cast<std::size_t>(graph.size()), 0);
  for (const auto& output : graph.outputs()) live[static_cast<std::size_t>(output.node)] = 1;
  for (int i = graph.size(); i-- > 0;) {
    if (!live[static_cast<std::size_t>(i)]) continue;
    const Node& node = graph.node(i);
    for (std::size_t j = 0; j < node.inputs.size(); ++j)
      if (picked(node, j)) live[static_cast<std::size_t>(node.inputs[j])] = 1;
  }
  return live;
}

std::uint64_t picks_of(const ChoiceSet& choices, int choice, int option) {
  return choices[choice].options[static_cast<std::size_t>(option)].picks;
}

// Marks the choices that `function` still needs once those in `needed` are set: greedily frees one
// choice after the other as long as the value cannot change.
void add_needed(const ChoiceFunction& function, const std::vector<int>& options,
                std::vector<char>& needed) {
  ChoiceFunction f = function;
  for (int c : function.scope())
    if (needed[static_cast<std::size_t>(c)]) f = fix(f, c, options[static_cast<std::size_t>(c)]);
  std::set<int> kept(f.scope().begin(), f.scope().end());
  for (int candidate : f.scope()) {
    ChoiceFunction rest = f;
    for (int c : kept)
      if (c != candidate) rest = fix(rest, c, options[static_cast<std::size_t>(c)]);
    if (simplify(rest).is_constant()) kept.erase(candidate);
  }
  for (int c : kept) needed[static_cast<std::size_t>(c)] = 1;
}

}  // namespace

bool Node::has(std::string_view name) const { return attributes.contains(std::string(name)); }

ChoiceFunction Node::number(std::string_view name, const ChoiceFunction& fallback) const {
  const auto it = attributes.find(std::string(name));
  if (it == attributes.end()) return fallback;
  if (const auto* f = std::get_if<ChoiceFunction>(&it->second)) return *f;
  throw Error(ErrorKind::kInvalidArgument, scope,
              operation + "." + std::string(name) + " is the word '" +
                  std::get<std::string>(it->second) + "'",
              "give a number");
}

double Node::constant(std::string_view name) const {
  if (!has(name))
    throw Error(ErrorKind::kInvalidArgument, scope,
                operation + " needs the attribute '" + std::string(name) + "'");
  return constant(name, 0);
}

double Node::constant(std::string_view name, double fallback) const {
  const ChoiceFunction f = number(name, fallback);
  if (!f.is_constant())
    throw Error(ErrorKind::kInvalidArgument, scope,
                operation + "." + std::string(name) + " depends on an open choice",
                "bind the graph to an architecture first");
  return f.constant();
}

std::string Node::word(std::string_view name, std::string_view fallback) const {
  const auto it = attributes.find(std::string(name));
  if (it == attributes.end()) return std::string(fallback);
  if (const auto* w = std::get_if<std::string>(&it->second)) return *w;
  throw Error(ErrorKind::kInvalidArgument, scope,
              operation + "." + std::string(name) + " is a number", "give a word");
}

std::string Node::key(std::string_view role) const {
  if (const auto it = keys.find(std::string(role)); it != keys.end()) return it->second;
  const auto base = keys.find("");
  return (base == keys.end() ? scope : base->second) + "/" + std::string(role);
}

ChoiceFunction TensorShape::elements() const {
  ChoiceFunction n = 1;
  for (const auto& d : dims) n = n * d;
  return n;
}

std::vector<std::int64_t> TensorShape::greatest() const {
  std::vector<std::int64_t> sizes;
  for (const auto& d : dims) sizes.push_back(static_cast<std::int64_t>(d.maximum()));
  return sizes;
}

bool operator==(const TensorShape& a, const TensorShape& b) { return a.dims == b.dims; }

std::string to_string(const TensorShape& shape) {
  std::string text = "[";
  for (const auto& d : shape.dims) {
    if (text.size() > 1) text += ", ";
    const auto low = static_cast<std::int64_t>(d.minimum());
    const auto high = static_cast<std::int64_t>(d.maximum());
    text += std::to_string(low);
    if (low != high) text += ".." + std::to_string(high);
  }
  return text + "]";
}

std::vector<int> NetworkGraph::inputs() const {
  std::vector<int> inputs;
  for (int i = 0; i < size(); ++i)
    if (node(i).operation == "input") inputs.push_back(i);
  return inputs;
}

std::vector<int> NetworkGraph::open_choices() const {
  std::set<int> open;
  for (const auto& node : nodes_) {
    if (node.choice >= 0) open.insert(node.choice);
    for (const auto& [name, attribute] : node.attributes)
      if (const auto* f = std::get_if<ChoiceFunction>(&attribute))
        open.insert(f->scope().begin(), f->scope().end());
  }
  return {open.begin(), open.end()};
}

NetworkGraph NetworkGraph::bind(const Architecture& architecture) const {
  NetworkGraph bound = bind_partly(architecture);
  if (const auto open = bound.open_choices(); !open.empty())
    throw Error(ErrorKind::kInvalidArgument, "architecture",
                "the choice '" + (*choices_)[open.front()].name +
                    "' is absent, but the network "
                    "depends on it",
                "give one of its options");
  return bound;
}

NetworkGraph NetworkGraph::bind_partly(const Architecture& architecture) const {
  if (architecture.choices() != choices_ && architecture.choices()->hash() != choices_->hash())
    throw Error(ErrorKind::kInvalidArgument, "architecture",
                "it belongs to another set of choices");
  const auto& options = architecture.options();
  const auto live = live_nodes(*this, [&](const Node& node, std::size_t j) {
    if (node.choice < 0 || options[static_cast<std::size_t>(node.choice)] < 0) return true;
    return (picks_of(*choices_, node.choice, options[static_cast<std::size_t>(node.choice)]) >> j &
            1) != 0;
  });
  GraphCopy copy(*this);
  for (int i = 0; i < size(); ++i) {
    if (!live[static_cast<std::size_t>(i)]) continue;
    Node bound = copy.rewired(i);
    for (auto& [name, attribute] : bound.attributes)
      if (auto* f = std::get_if<ChoiceFunction>(&attribute); f && !f->is_constant()) {
        for (int c : std::vector<int>(f->scope()))
          if (options[static_cast<std::size_t>(c)] >= 0)
            *f = fix(*f, c, options[static_cast<std::size_t>(c)]);
        *f = simplify(*f);
      }
    if (bound.choice < 0 || options[static_cast<std::size_t>(bound.choice)] < 0) {
      copy.keep(i, std::move(bound));
      continue;
    }
    const auto picks =
        picks_of(*choices_, bound.choice, options[static_cast<std::size_t>(bound.choice)]);
    std::vector<int> kept;
    for (std::size_t j = 0; j < bound.inputs.size(); ++j)
      if (picks >> j & 1) kept.push_back(bound.inputs[j]);
    if (kept.size() == 1) {
      copy.replace(i, kept.front());
      continue;
    }
    bound.operation = "sum";
    bound.choice = -1;
    bound.inputs = std::move(kept);
    copy.keep(i, std::move(bound));
  }
  return copy.finish(choices_);
}

NetworkGraph NetworkGraph::restrict(const Restriction& restriction) const {
  std::vector<Choice> choices = choices_->choices();
  std::vector<std::vector<int>> kept(choices.size());
  std::vector<std::uint64_t> used(choices.size(), ~std::uint64_t{0});
  for (const auto& [name, labels] : restriction) {
    const auto c = static_cast<std::size_t>(choices_->index(name));
    for (const auto& label : labels)
      if (choices[c].index_of(label) < 0)
        throw unknown_name("choice " + name, "option", label, choices[c].labels());
    Choice fewer{name, {}, choices[c].ordered};
    used[c] = 0;
    for (int o = 0; o < choices[c].size(); ++o) {
      const Option& option = choices[c].options[static_cast<std::size_t>(o)];
      if (std::find(labels.begin(), labels.end(), option.label) == labels.end()) continue;
      fewer.options.push_back(option);
      kept[c].push_back(o);
      used[c] |= option.picks;
    }
    if (fewer.options.empty())
      throw Error(ErrorKind::kInvalidArgument, "choice " + name, "no option is left");
    for (auto& option : fewer.options) option.picks = compress_bits(option.picks, used[c]);
    choices[c] = std::move(fewer);
  }
  auto restricted = [&](ChoiceFunction f) {
    for (int c : std::vector<int>(f.scope()))
      if (!kept[static_cast<std::size_t>(c)].empty())
        f = keep_options(f, c, kept[static_cast<std::size_t>(c)]);
    return f;
  };
  std::vector<ChoiceFunction> constraints;
  for (const auto& constraint : choices_->constraints())
    constraints.push_back(restricted(constraint));
  GraphCopy copy(*this);
  for (int i = 0; i < size(); ++i) {
    Node n = copy.rewired(i);
    for (auto& [name, attribute] : n.attributes)
      if (auto* f = std::get_if<ChoiceFunction>(&attribute)) *f = restricted(*f);
    if (n.choice >= 0) {
      std::vector<int> inputs;
      for (std::size_t j = 0; j < n.inputs.size(); ++j)
        if (used[static_cast<std::size_t>(n.choice)] >> j & 1) inputs.push_back(n.inputs[j]);
      n.inputs = std::move(inputs);
    }
    copy.keep(i, std::move(n));
  }
  return copy.finish(std::make_shared<ChoiceSet>(std::move(choices), std::move(constraints)))
      .with_outputs({});
}

Architecture NetworkGraph::canonical(const Architecture& architecture) const {
  const auto& options = architecture.options();
  const auto live = live_nodes(*this, [&](const Node& node, std::size_t j) {
    if (node.choice < 0) return true;
    const int option = options[static_cast<std::size_t>(node.choice)];
    if (option < 0)
      throw Error(ErrorKind::kInvalidArgument, "architecture",
                  "the choice '" + (*choices_)[node.choice].name + "' is absent, but acts");
    return (picks_of(*choices_, node.choice, option) >> j & 1) != 0;
  });
  std::vector<char> needed(options.size(), 0), read(options.size(), 0);
  for (const auto& node : nodes_) {  // choices that no node reads (recipes) are kept
    if (node.choice >= 0) read[static_cast<std::size_t>(node.choice)] = 1;
    for (const auto& [name, attribute] : node.attributes)
      if (const auto* f = std::get_if<ChoiceFunction>(&attribute))
        for (int c : f->scope()) read[static_cast<std::size_t>(c)] = 1;
  }
  for (int i = 0; i < size(); ++i)
    if (live[static_cast<std::size_t>(i)] && node(i).choice >= 0)
      needed[static_cast<std::size_t>(node(i).choice)] = 1;
  for (int i = 0; i < size(); ++i) {
    if (!live[static_cast<std::size_t>(i)]) continue;
    for (const auto& [name, attribute] : node(i).attributes)
      if (const auto* f = std::get_if<ChoiceFunction>(&attribute); f && !f->is_constant())
        add_needed(*f, options, needed);
  }
  auto kept = options;
  for (std::size_t c = 0; c < kept.size(); ++c)
    if (read[c] && !needed[c]) kept[c] = -1;
  return Architecture(architecture.choices(), std::move(kept));
}

NetworkGraph NetworkGraph::with_outputs(std::span<const std::string> names) const {
  NetworkGraph chosen = *this;
  if (!names.empty()) {
    chosen.outputs_.clear();
    std::vector<std::string> known;
    for (const auto& output : outputs_) known.push_back(output.name);
    for (const auto& name : names) {
      const auto it = std::find(known.begin(), known.end(), name);
      if (it == known.end()) throw unknown_name("network", "output", name, known);
      chosen.outputs_.push_back(outputs_[static_cast<std::size_t>(it - known.begin())]);
    }
  }
  const auto live = live_nodes(chosen, [](const Node&, std::size_t) { return true; });
  GraphCopy copy(chosen);
  for (int i = 0; i < chosen.size(); ++i)
    if (live[static_cast<std::size_t>(i)]) copy.keep(i, copy.rewired(i));
  return copy.finish(choices_);
}

NetworkGraph NetworkGraph::deployed() const {
  std::vector<std::string> names;
  for (const auto& output : outputs_)
    if (!output.training_only) names.push_back(output.name);
  if (names.empty())
    throw Error(ErrorKind::kInvalidArgument, "network", "it has only training-only outputs");
  return with_outputs(names);
}

}  // namespace nasmyth
