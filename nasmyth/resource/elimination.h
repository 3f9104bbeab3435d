#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "nasmyth/graph/choice_function.h"

namespace nasmyth {

/// A sum of functions, spread over the clusters of an EliminationPlan: one dense array a cluster
/// (empty: zero).
struct Potential {
  std::vector<std::vector<double>> values;
  double constant = 0;
};

/// What bucket elimination gives: the least value of a sum, and for each cluster what an option
/// adds to the best completion of the options before it. Least value + all regrets = the sum.
struct Bounds {
  double root = 0;
  std::vector<std::vector<double>> regrets;  ///< by cluster, over its scope; >= 0
};

/// Bucket elimination (Dechter, Artificial Intelligence 113, 1999) over an order of least degree,
/// planned once for many sums with the same scopes. A bucket that would grow too large is split
/// (mini-buckets), which keeps bounds valid and gives up that they are attained.
class EliminationPlan {
 public:
  /// A table over some variables, the cluster's own variable last (fastest).
  struct Cluster {
    int variable = -1;
    std::vector<int> scope;  ///< variables, `variable` last
    std::vector<std::size_t> strides;
    std::size_t size = 1;
    /// Index of the entry of option 0 of `variable`, the others being given by `x`.
    std::size_t base(std::span<const int> x) const {
      std::size_t index = 0;
      for (std::size_t k = 0; k + 1 < scope.size(); ++k)
        index += strides[k] * static_cast<std::size_t>(x[static_cast<std::size_t>(scope[k])]);
      return index;
    }
  };

  EliminationPlan() = default;
  static constexpr std::size_t kGreatestCluster = std::size_t{1} << 17;
  /// `scopes`: of all functions that will be summed. `choices`: how many variables are choices;
  /// named functions come after them and are decided early where that costs little. Buckets beyond
  /// `greatest_cluster` entries are split.
  EliminationPlan(std::vector<int> dims, int choices, const std::vector<std::vector<int>>& scopes,
                  std::size_t greatest_cluster = kGreatestCluster);

  /// Variables in the order in which they are decided.
  const std::vector<int>& order() const { return order_; }
  const std::vector<Cluster>& clusters() const { return clusters_; }
  /// Clusters of the variable at a position of the order: [begin, end).
  std::pair<std::size_t, std::size_t> clusters_at(std::size_t position) const {
    return {first_[position], first_[position + 1]};
  }
  /// True when no cluster of a later position looks at the variable of this one.
  bool leaf(std::size_t position) const { return leaf_[position] != 0; }
  /// True when no bucket was split: bounds are attained.
  bool exact() const { return exact_; }
  std::size_t entries() const;  ///< of all clusters

  /// Functions whose scopes were given to the constructor, spread over the clusters.
  Potential spread(std::span<const ChoiceFunction> functions) const;
  /// The value of a sum under the options of all variables.
  double total(const Potential& potential, std::span<const int> x) const;

  struct Weighted {
    const Potential* potential = nullptr;
    double weight = 1;
  };
  /// Least value and regrets of a weighted sum. `hard`: zero or infinity; may be null.
  void eliminate(const Potential* hard, std::span<const Weighted> sum, Bounds& bounds) const;
  /// The completion of zero regret, lowest options first.
  std::vector<int> minimiser(const Bounds& bounds) const;

 private:
  struct Message {  // result of one cluster, read by another (or the root)
    std::size_t from = 0;
    std::vector<std::uint32_t> index;  // entry of the message for each entry of the reader
  };
  void find_order(int choices, const std::vector<std::vector<int>>& scopes);
  void build_buckets(const std::vector<std::vector<int>>& scopes, std::size_t greatest_cluster);
  void add_cluster(int variable, const std::vector<int>& scope);
  std::size_t find_cluster(const std::vector<int>& scope) const;
  std::vector<std::uint32_t> index_map(const Cluster& wide, const std::vector<int>& scope) const;

  std::vector<int> dims_, order_, position_;
  std::vector<Cluster> clusters_;
  std::vector<std::size_t> first_;
  std::vector<std::vector<Message>> incoming_;  // by cluster
  std::vector<std::size_t> root_messages_;      // clusters that end in the root
  std::vector<char> leaf_;
  bool exact_ = true;
};

}  // namespace nasmyth
