#include "nasmyth/resource/elimination.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::size_t kGreatestFunction = std::size_t{1} << 23;  // a function stays whole

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::vector<int> united(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

// Distributes functions over buckets, last decided variable first. A group is what becomes one
// cluster; scopes ascend.
class BucketBuilder {
 public:
  struct Message {
    std::size_t position = 0, group = 0;  // of its cluster
    std::vector<int> scope;
    int reader_position = -1;  // -1: the root
    std::size_t reader_group = 0;
  };
  std::vector<std::vector<std::vector<int>>> groups;  // by position: scopes
  std::vector<Message> messages;

  BucketBuilder(const std::vector<int>& dims, const std::vector<int>& order,
                const std::vector<int>& position, std::size_t greatest_cluster)
      : groups(order.size()),
        dims_(dims),
        order_(order),
        position_(position),
        greatest_cluster_(greatest_cluster),
        bucket_(order.size()) {}

  void build(const std::vector<std::vector<int>>& scopes) {
    for (const auto& scope : scopes)
      if (!scope.empty()) bucket_[at(last_position(scope))].push_back({scope, -1});
    for (std::size_t p = order_.size(); p-- > 0;) {
      if (bucket_[p].empty()) bucket_[p].push_back({{order_[p]}, -1});
      std::stable_sort(bucket_[p].begin(), bucket_[p].end(), [&](const Item& a, const Item& b) {
        return size_of(a.scope) > size_of(b.scope);
      });
      for (const auto& item : bucket_[p]) join_group(p, item);
      for (std::size_t g = 0; g < groups[p].size(); ++g) send(p, g);
    }
  }

 private:
  struct Item {
    std::vector<int> scope;
    int message = -1;  // -1: a function
  };

  int last_position(const std::vector<int>& scope) const {
    int last = -1;
    for (int v : scope) last = std::max(last, position_[at(v)]);
    return last;
  }

  // Capped, so that it cannot overflow.
  std::size_t size_of(const std::vector<int>& scope) const {
    std::size_t size = 1;
    for (int v : scope) size = std::min(size * at(dims_[at(v)]), kGreatestFunction);
    return size;
  }

  void join_group(std::size_t p, const Item& item) {
    std::size_t g = 0;
    while (g < groups[p].size() && size_of(united(groups[p][g], item.scope)) > greatest_cluster_)
      ++g;
    if (g == groups[p].size()) groups[p].emplace_back();
    groups[p][g] = united(groups[p][g], item.scope);
    if (item.message < 0) return;
    messages[at(item.message)].reader_position = static_cast<int>(p);
    messages[at(item.message)].reader_group = g;
  }

  void send(std::size_t p, std::size_t g) {
    std::vector<int> rest = groups[p][g];
    std::erase(rest, order_[p]);
    if (const int last = last_position(rest); last >= 0)
      bucket_[at(last)].push_back({rest, static_cast<int>(messages.size())});
    messages.push_back({p, g, std::move(rest), -1, 0});
  }

  const std::vector<int>& dims_;
  const std::vector<int>& order_;
  const std::vector<int>& position_;
  const std::size_t greatest_cluster_;
  std::vector<std::vector<Item>> bucket_;
};

}  // namespace

EliminationPlan::EliminationPlan(std::vector<int> dims, int choices,
                                 const std::vector<std::vector<int>>& scopes,
                                 std::size_t greatest_cluster)
    : dims_(std::move(dims)) {
  find_order(choices, scopes);
  build_buckets(scopes, greatest_cluster);
}

// Repeatedly eliminates the variable whose cluster is smallest; decisions follow in reverse.
void EliminationPlan::find_order(int choices, const std::vector<std::vector<int>>& scopes) {
  constexpr double kNamedPenalty = 3;  // in doublings of the table
  const std::size_t n = dims_.size();
  std::vector<std::set<int>> neighbours(n);
  for (const auto& scope : scopes)
    for (int a : scope)
      for (int b : scope)
        if (a != b) neighbours[at(a)].insert(b);
  std::vector<char> done(n, 0);
  auto weight = [&](std::size_t v) {
    double bits = std::log2(dims_[v]) + (v >= at(choices) ? kNamedPenalty : 0);
    for (int a : neighbours[v]) bits += std::log2(dims_[at(a)]);
    return bits;
  };
  std::vector<double> weights;
  for (std::size_t v = 0; v < n; ++v) weights.push_back(weight(v));
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t best = n;
    for (std::size_t v = 0; v < n; ++v)
      if (!done[v] && (best == n || weights[v] < weights[best])) best = v;
    done[best] = 1;
    order_.push_back(static_cast<int>(best));
    for (int a : neighbours[best]) {
      neighbours[at(a)].erase(static_cast<int>(best));
      for (int b : neighbours[best])
        if (a != b) neighbours[at(a)].insert(b);
      weights[at(a)] = weight(at(a));
    }
  }
  std::reverse(order_.begin(), order_.end());
  position_.assign(n, 0);
  for (std::size_t p = 0; p < n; ++p) position_[at(order_[p])] = static_cast<int>(p);
}

void EliminationPlan::build_buckets(const std::vector<std::vector<int>>& scopes,
                                    std::size_t greatest_cluster) {
  BucketBuilder builder(dims_, order_, position_, greatest_cluster);
  builder.build(scopes);
  const std::size_t n = dims_.size();
  first_.assign(n + 1, 0);
  for (std::size_t p = 0; p < n; ++p) {
    first_[p] = clusters_.size();
    exact_ = exact_ && builder.groups[p].size() <= 1;
    for (const auto& scope : builder.groups[p]) add_cluster(order_[p], scope);
  }
  first_[n] = clusters_.size();
  incoming_.resize(clusters_.size());
  for (const auto& m : builder.messages) {
    const std::size_t from = first_[m.position] + m.group;
    if (m.reader_position < 0) {
      root_messages_.push_back(from);
      continue;
    }
    const std::size_t to = first_[at(m.reader_position)] + m.reader_group;
    incoming_[to].push_back({from, index_map(clusters_[to], m.scope)});
  }
  leaf_.assign(n, 1);
  for (const auto& cluster : clusters_)
    for (std::size_t k = 0; k + 1 < cluster.scope.size(); ++k)
      leaf_[at(position_[at(cluster.scope[k])])] = 0;
}

void EliminationPlan::add_cluster(int variable, const std::vector<int>& scope) {
  Cluster cluster;
  cluster.variable = variable;
  cluster.scope = scope;
  std::erase(cluster.scope, variable);
  cluster.scope.push_back(variable);
  cluster.strides.assign(cluster.scope.size(), 1);
  for (std::size_t k = cluster.scope.size(); k-- > 0;) {
    cluster.strides[k] = cluster.size;
    cluster.size *= at(dims_[at(cluster.scope[k])]);
    if (cluster.size > kGreatestFunction)
      throw Error(ErrorKind::kOutOfRange, "selection",
                  "a cost depends on " + std::to_string(scope.size()) + " choices at once",
                  "let value expressions read fewer choices");
  }
  clusters_.push_back(std::move(cluster));
}

// For each entry of `wide`, the entry of a row-major table over `scope`.
std::vector<std::uint32_t> EliminationPlan::index_map(const Cluster& wide,
                                                      const std::vector<int>& scope) const {
  std::vector<std::size_t> strides(wide.scope.size(), 0);
  std::size_t stride = 1;
  for (std::size_t k = scope.size(); k-- > 0; stride *= at(dims_[at(scope[k])]))
    strides[at(static_cast<int>(std::find(wide.scope.begin(), wide.scope.end(), scope[k]) -
                                wide.scope.begin()))] = stride;
  std::vector<std::uint32_t> index(wide.size);
  std::vector<int> x(wide.scope.size(), 0);
  std::size_t from = 0;
  for (auto& entry : index) {
    entry = static_cast<std::uint32_t>(from);
    for (std::size_t k = x.size(); k-- > 0;) {
      from += strides[k];
      if (++x[k] < dims_[at(wide.scope[k])]) break;
      from -= strides[k] * at(dims_[at(wide.scope[k])]);
      x[k] = 0;
    }
  }
  return index;
}

std::size_t EliminationPlan::entries() const {
  std::size_t entries = 0;
  for (const auto& cluster : clusters_) entries += cluster.size;
  return entries;
}

std::size_t EliminationPlan::find_cluster(const std::vector<int>& scope) const {
  int last = 0;
  for (int v : scope) last = std::max(last, position_[at(v)]);
  for (std::size_t c = first_[at(last)]; c < first_[at(last) + 1]; ++c) {
    const auto& wide = clusters_[c].scope;
    if (std::all_of(scope.begin(), scope.end(),
                    [&](int v) { return std::find(wide.begin(), wide.end(), v) != wide.end(); }))
      return c;
  }
  throw Error(ErrorKind::kInternal, "elimination", "a function with a scope that was not planned");
}

Potential EliminationPlan::spread(std::span<const ChoiceFunction> functions) const {
  Potential potential;
  potential.values.resize(clusters_.size());
  for (const auto& f : functions) {
    if (f.is_constant()) {
      potential.constant += f.constant();
      continue;
    }
    const std::size_t c = find_cluster(f.scope());
    auto& values = potential.values[c];
    if (values.empty()) values.assign(clusters_[c].size, 0);
    const auto index = index_map(clusters_[c], f.scope());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += f.values()[index[i]];
  }
  return potential;
}

double EliminationPlan::total(const Potential& potential, std::span<const int> x) const {
  double total = potential.constant;
  for (std::size_t c = 0; c < clusters_.size(); ++c)
    if (const auto& values = potential.values[c]; !values.empty())
      total += values[clusters_[c].base(x) + at(x[at(clusters_[c].variable)])];
  return total;
}

void EliminationPlan::eliminate(const Potential* hard, std::span<const Weighted> sum,
                                Bounds& bounds) const {
  bounds.regrets.resize(clusters_.size());
  bounds.root = hard ? hard->constant : 0;
  for (const auto& term : sum) bounds.root += term.weight * term.potential->constant;
  std::vector<std::vector<double>> message(clusters_.size());
  for (std::size_t c = clusters_.size(); c-- > 0;) {
    auto& all = bounds.regrets[c];
    if (hard && !hard->values[c].empty())
      all = hard->values[c];
    else
      all.assign(clusters_[c].size, 0);
    for (const auto& term : sum) {
      const auto& values = term.potential->values[c];
      if (values.empty() || term.weight == 0) continue;
      for (std::size_t i = 0; i < all.size(); ++i) all[i] += term.weight * values[i];
    }
    for (const auto& in : incoming_[c]) {
      const auto& values = message[in.from];
      for (std::size_t i = 0; i < all.size(); ++i) all[i] += values[in.index[i]];
    }
    const std::size_t options = at(dims_[at(clusters_[c].variable)]);
    auto& out = message[c];
    out.resize(all.size() / options);
    for (std::size_t q = 0; q < out.size(); ++q) {
      double* row = all.data() + q * options;
      const double least = *std::min_element(row, row + options);
      out[q] = least;
      for (std::size_t o = 0; o < options; ++o) row[o] = row[o] == kInf ? kInf : row[o] - least;
    }
  }
  for (std::size_t c : root_messages_) bounds.root += message[c][0];
}

std::vector<int> EliminationPlan::minimiser(const Bounds& bounds) const {
  std::vector<int> x(dims_.size(), 0);
  std::vector<double> regret;
  for (std::size_t p = 0; p < order_.size(); ++p) {
    regret.assign(at(dims_[at(order_[p])]), 0);
    for (std::size_t c = first_[p]; c < first_[p + 1]; ++c) {
      const std::size_t base = clusters_[c].base(x);
      for (std::size_t o = 0; o < regret.size(); ++o) regret[o] += bounds.regrets[c][base + o];
    }
    x[at(order_[p])] =
        static_cast<int>(std::min_element(regret.begin(), regret.end()) - regret.begin());
  }
  return x;
}

}  // namespace nasmyth
