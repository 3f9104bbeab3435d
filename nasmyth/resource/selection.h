#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/resource/branch_and_bound.h"
#include "nasmyth/resource/limits.h"

namespace nasmyth {

/// A derived architecture that meets all limits.
struct Selection {
  Architecture architecture;  ///< complete; choices that do not act have their best allowed option
  double score = 0;           ///< sum of the scores of the choices that act
  double upper_bound = 0;     ///< no architecture within the limits scores more
  bool proven = false;        ///< is it the best?
  double gap = 0;             ///< upper_bound - score, 0 when proven
  std::int64_t nodes = 0;     ///< visited in the search tree
  std::vector<double> costs;  ///< by limit, counted on the bound network
};

/// What the limits allow at all. Costs are by limit.
struct Feasibility {
  bool feasible = false;
  bool proven = false;  ///< false: the effort ended first; figures are the best found
  std::vector<Limit> limits;
  std::vector<double> least_alone;  ///< least cost of each resource without the other limits
  /// Least cost of each resource under the other limits; infinity where those are impossible.
  std::vector<double> least_under_others;
  Architecture nearest;  ///< of the least worst relative excess (all absent: nothing is allowed)
  std::vector<double> nearest_costs;
  std::optional<Selection> incumbent;  ///< a network within the limits, found without scores
  std::int64_t nodes = 0;

  /// The figures as a table, with a sentence above.
  std::string to_text() const;
  /// The error for limits that cannot be met: kInfeasible with the three figures of each limit.
  Error error() const;
};

struct SelectionData;

/// Exact selection under limits: the architecture of the greatest sum of scores among those whose
/// target network stays within all limits, by bucket elimination and branch and bound. Search-only
/// options are forbidden and the constraints of the choice set hold. Immutable, cheap to copy;
/// thread-safe.
class SelectionProblem {
 public:
  /// Throws kUnsupported for a resource whose model has no terms (a black box), kUnknownName for
  /// an unknown resource. `operations` is borrowed.
  SelectionProblem(const NetworkGraph& open_target, const OperationSet& operations,
                   std::vector<Limit> limits);

  /// `scores[choice][option]`; a choice counts only while it acts (a select of it or a node with an
  /// attribute that reads it is alive; choices read by no node always act). Minus infinity is a
  /// very low score. Where scores are equal, lower options are taken. Throws kInfeasible with the
  /// figures of `feasibility` when no architecture meets the limits.
  Selection select(const std::vector<std::vector<double>>& scores, Effort effort = {}) const;

  /// To be asked before the first step of a search.
  Feasibility feasibility(Effort effort = {}) const;

  /// Cost of an architecture, from the terms: equal to the model's count of the bound network.
  double cost(std::size_t limit, const Architecture& architecture) const;
  /// True when `architecture` is within every limit; constraints are not looked at.
  bool within_limits(const Architecture& architecture) const;
  /// Least and greatest cost of each resource over all allowed architectures, other limits aside.
  std::vector<double> least() const;
  std::vector<double> greatest() const;

  const std::vector<Limit>& limits() const;
  const ChoiceSetPtr& choices() const;

 private:
  std::shared_ptr<const SelectionData> data_;
};

/// How much of the limits an architecture uses: the sum of log(cost / limit).
double use_of_limits(const SelectionProblem& problem, const Architecture& architecture);

/// A random architecture within the limits: random_architecture, rejected up to `tries` times, then
/// the selection under Gumbel scores. Empty when no architecture meets the limits.
std::optional<Architecture> random_feasible(const SelectionProblem& problem, RandomStream& random,
                                            int tries);

}  // namespace nasmyth
