#include "nasmyth/resource/open_network.h"

#include <algorithm>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/resource/elimination.h"

namespace nasmyth {
namespace {

// Narrow tables: beyond this a liveness gets a name of its own.
constexpr std::size_t kNarrowScope = 4;
constexpr std::size_t kNarrowSelectScope = 1;
constexpr std::size_t kNarrowTable = 4096;
constexpr std::size_t kWideTable = 16384;

bool is_constant_one(const ChoiceFunction& f) { return f.is_constant() && f.values()[0] == 1; }

bool same(const ChoiceFunction& a, const ChoiceFunction& b) {
  return a.scope() == b.scope() && a.values() == b.values();
}

ChoiceFunction without_source(const ChoiceFunction& f) {
  return f.is_constant() ? f : f.with_source({});
}

bool reads(const Node& node, int choice) {
  if (node.choice == choice) return true;
  for (const auto& [name, attribute] : node.attributes)
    if (const auto* f = std::get_if<ChoiceFunction>(&attribute);
        f && f->depends_on(choice) && simplify(*f).depends_on(choice))
      return true;
  return false;
}

}  // namespace

ChoiceFunction definition(const NamedFunction& named, int variable) {
  return combine(named.function, ChoiceFunction::of(variable, named.values),
                 [](double a, double b) { return a == b ? 0 : kInfinity; });
}

ChoiceFunction times(const ChoiceFunction& a, const ChoiceFunction& b) {
  if (is_constant_one(a)) return without_source(b);
  if (is_constant_one(b)) return without_source(a);
  return combine(a, b, [](double x, double y) { return x == 0 || y == 0 ? 0 : x * y; });
}

OpenNetwork::OpenNetwork(const NetworkGraph& network, const OperationSet& operations, Naming naming)
    : graph_(network.deployed()),
      expanded_(expand(graph_, operations)),
      operations_(operations),
      naming_(naming) {
  find_origins();
  live_.assign(static_cast<std::size_t>(graph_.size()), ChoiceFunction(0));
  for (const auto& output : graph_.outputs()) live_[static_cast<std::size_t>(output.node)] = 1;
  for (int i = graph_.size(); i-- > 0;) find_liveness(i);
}

void OpenNetwork::find_origins() {
  std::map<std::string_view, int> by_scope;
  for (int i = 0; i < graph_.size(); ++i) by_scope[graph_.node(i).scope] = i;
  for (const auto& primitive : expanded_.graph.nodes()) {
    const auto& scope = primitive.composite.empty() ? primitive.scope : primitive.composite_scope;
    const auto it = by_scope.find(scope);
    if (it == by_scope.end())
      throw Error(ErrorKind::kInternal, scope, "a primitive without a node of its own");
    origin_.push_back(it->second);
  }
}

// All readers of `node` have been visited: settles its liveness and hands it to its inputs.
void OpenNetwork::find_liveness(int node) {
  ChoiceFunction& live = live_[static_cast<std::size_t>(node)];
  live = simplify(live);
  const Node& n = graph_.node(node);
  const bool select = n.choice >= 0;
  if (naming_ == Naming::kNarrow &&
      live.scope().size() > (select ? kNarrowSelectScope : kNarrowScope))
    live = name(live);
  for (std::size_t j = 0; j < n.inputs.size(); ++j) {
    ChoiceFunction& input = live_[static_cast<std::size_t>(n.inputs[j])];
    if (is_constant_one(input)) continue;
    if (!select) {
      if (!same(input, live)) input = narrow_max(input, live);
      continue;
    }
    std::vector<double> picks;
    for (const auto& option : (*graph_.choices())[n.choice].options)
      picks.push_back(static_cast<double>(option.picks >> j & 1));
    input = narrow_max(input, times(live, ChoiceFunction::of(n.choice, std::move(picks))));
  }
}

ChoiceFunction OpenNetwork::name(const ChoiceFunction& function) {
  std::set<double> distinct(function.values().begin(), function.values().end());
  std::vector<double> values(distinct.begin(), distinct.end());
  const int next = graph_.choices()->size() + static_cast<int>(named_.size());
  const auto [it, fresh] = names_.emplace(std::pair(function.scope(), function.values()), next);
  if (fresh) named_.push_back({without_source(function), values});
  return ChoiceFunction::of(it->second, std::move(values));
}

ChoiceFunction OpenNetwork::narrow(ChoiceFunction function) {
  const std::size_t greatest = naming_ == Naming::kNarrow ? kNarrowTable : kWideTable;
  if (function.values().size() <= 64) return function;
  function = simplify(function);
  return function.values().size() > greatest ? name(function) : function;
}

ChoiceFunction OpenNetwork::narrow_max(const ChoiceFunction& a, const ChoiceFunction& b) {
  if (a.is_constant() && a.values()[0] == 0) return b;
  // Cells repeat, and so do their conditions.
  const auto [it, fresh] =
      maxima_.try_emplace({{a.scope(), a.values()}, {b.scope(), b.values()}}, 0);
  if (fresh) it->second = narrow(combine(a, b, [](double x, double y) { return std::max(x, y); }));
  return it->second;
}

ChoiceFunction OpenNetwork::activity(int choice) {
  std::vector<const ChoiceFunction*> lives;
  bool read = false;
  for (int i = 0; i < graph_.size(); ++i) {
    if (!reads(graph_.node(i), choice)) continue;
    read = true;
    const ChoiceFunction& live = live_[static_cast<std::size_t>(i)];
    if (is_constant_one(live)) return 1;
    if (std::none_of(lives.begin(), lives.end(), [&](const auto* l) { return same(*l, live); }))
      lives.push_back(&live);
  }
  if (!read) return 1;
  std::set<int> scope;
  for (const auto* live : lives) scope.insert(live->scope().begin(), live->scope().end());
  const bool wide = naming_ == Naming::kNarrow && scope.size() > kNarrowScope;
  if (wide && always_one(lives)) return 1;
  ChoiceFunction active = 0;
  for (const auto* live : lives) {
    active = simplify(narrow_max(active, *live));
    // Named step by step, along the network: a chain of small tables where many cells share it.
    if (wide && active.scope().size() > kNarrowScope) active = name(active);
  }
  return active;
}

// Is at least one of these functions of 0 and 1 always 1?
bool OpenNetwork::always_one(const std::vector<const ChoiceFunction*>& functions) const {
  std::vector<ChoiceFunction> definitions, sum;
  for (std::size_t k = 0; k < named_.size(); ++k)
    definitions.push_back(definition(named_[k], graph_.choices()->size() + static_cast<int>(k)));
  for (const auto* f : functions) sum.push_back(*f);
  std::vector<std::vector<int>> scopes;
  for (const auto* list : {&definitions, &sum})
    for (const auto& f : *list) scopes.push_back(f.scope());
  const EliminationPlan plan(dims(), graph_.choices()->size(), scopes);
  const Potential hard = plan.spread(definitions), potential = plan.spread(sum);
  const EliminationPlan::Weighted weighted[] = {{&potential, 1}};
  Bounds bounds;
  plan.eliminate(&hard, weighted, bounds);
  return bounds.root >= 1;
}

std::vector<int> OpenNetwork::dims() const {
  std::vector<int> dims;
  for (const auto& choice : *graph_.choices()) dims.push_back(choice.size());
  for (const auto& n : named_) dims.push_back(static_cast<int>(n.values.size()));
  return dims;
}

std::vector<int> complete_variables(std::span<const int> options,
                                    std::span<const NamedFunction> named) {
  std::vector<int> x(options.begin(), options.end());
  for (int& o : x) o = std::max(o, 0);
  for (const auto& n : named) {
    const double value = n.function.at(x);
    const auto it = std::lower_bound(n.values.begin(), n.values.end(), value);
    x.push_back(static_cast<int>(it - n.values.begin()));
  }
  return x;
}

namespace {

using Scope = std::vector<int>;

// Sums tables of one scope without building texts or maps.
class Accumulator {
 public:
  void add(const ChoiceFunction& f) {
    const auto [it, fresh] = tables_.emplace(f.scope(), Table{f.dims(), f.values()});
    if (fresh) return;
    auto& sum = it->second.values;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += f.values()[i];
  }
  std::vector<ChoiceFunction> take() const {
    std::vector<ChoiceFunction> result;
    for (const auto& [scope, table] : tables_)
      result.push_back(ChoiceFunction::from_table(scope, table.dims, table.values));
    return result;
  }

 private:
  struct Table {
    std::vector<int> dims;
    std::vector<double> values;
  };
  std::map<Scope, Table> tables_;
};

bool contains(const Scope& wide, const Scope& narrow) {
  return std::includes(wide.begin(), wide.end(), narrow.begin(), narrow.end());
}

}  // namespace

std::vector<ChoiceFunction> merge_terms(const std::vector<ChoiceFunction>& terms) {
  Accumulator raw, simple;
  for (const auto& term : terms) raw.add(term);
  for (const auto& term : raw.take()) simple.add(simplify(term));
  std::vector<ChoiceFunction> merged = simple.take();
  std::erase_if(merged,
                [](const ChoiceFunction& f) { return f.is_constant() && f.values()[0] == 0; });
  std::stable_sort(merged.begin(), merged.end(), [](const auto& a, const auto& b) {
    return a.scope().size() < b.scope().size();
  });
  for (std::size_t i = 0; i < merged.size(); ++i) {
    ChoiceFunction* host = nullptr;
    for (std::size_t j = i + 1; j < merged.size(); ++j)
      if (contains(merged[j].scope(), merged[i].scope()) &&
          (!host || merged[j].values().size() < host->values().size()))
        host = &merged[j];
    if (!host) continue;
    *host = combine(*host, merged[i], std::plus<>());
    merged[i] = ChoiceFunction(0);
  }
  std::erase_if(merged,
                [](const ChoiceFunction& f) { return f.is_constant() && f.values()[0] == 0; });
  return merged;
}

}  // namespace nasmyth
