#pragma once

#include <span>
#include <vector>

#include "nasmyth/engine/choice_weights.h"

namespace nasmyth {

/// Numbers that depend on the value choices at one node, one row for each combination of options:
/// the 0/1 mask of every width, the cells that each kernel covers. Their blend in a step is the sum
/// of the rows, each with the product of the weights of its options.
struct OptionBlend {
  std::vector<int> sites;    ///< that act at the node
  std::vector<int> sizes;    ///< of these sites
  std::vector<double> rows;  ///< [combination][column]; the last site varies fastest
  int columns = 0;

  OptionBlend() = default;
  /// Of `functions`, one a column, at the value sites of `node`. Throws kInternal where a function
  /// depends on a choice without a site there.
  OptionBlend(const ExpandedGraph& graph, std::span<const Site> sites, int node,
              std::vector<ChoiceFunction> functions);

  bool empty() const { return rows.empty(); }
  int combinations() const;
  /// The blend; `result` has room for `columns`.
  void blend(const ChoiceWeights& weights, double* result) const;
  /// Adds the gradients to the weights of the sites, given those to the blend.
  void add_gradients(const ChoiceWeights& weights, const double* gradient,
                     std::vector<std::vector<double>>& site_gradients) const;

 private:
  // The option of each site in a combination.
  std::vector<int> options(int combination) const;
};

}  // namespace nasmyth
