#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "nasmyth/resource/elimination.h"

namespace nasmyth {

/// How much a search may do. The node budget alone keeps results the same on every machine.
struct Effort {
  std::int64_t nodes = 2'000'000;  ///< of the search tree
  double seconds = 0;              ///< 0: no limit of time
};

/// The fixed part of selection problems over one plan: what is allowed, and what each resource
/// costs.
struct BoundedProblem {
  EliminationPlan plan;
  std::vector<int> dims;               ///< option counts of all variables
  Potential hard;                      ///< 0 or infinity
  std::vector<Potential> rows;         ///< costs
  std::vector<double> scales;          ///< of each row: its limit, > 0
  std::vector<Bounds> least;           ///< of each row under `hard`
  std::vector<ChoiceFunction> active;  ///< by variable: 0 where its options are all alike
};

/// What the rows of a problem are for in one search.
enum class RowRole { kIgnored, kLimited, kMinimised };

/// Minimise `objective`, or, without one, the greatest cost / scale over the minimised rows; the
/// limited rows may not exceed their scales.
struct Goal {
  const Potential* objective = nullptr;
  std::vector<RowRole> roles;
  double tolerance = 1e-13;  ///< values closer than this count as equal
  double good_enough = -std::numeric_limits<double>::infinity();  ///< stop at this value
};

struct Outcome {
  bool found = false;
  bool proven = false;  ///< best, or impossible when nothing was found
  double value = std::numeric_limits<double>::infinity();
  double bound = -std::numeric_limits<double>::infinity();  ///< no solution is below it
  std::vector<int> x;                                       ///< options of all variables
  std::int64_t nodes = 0;
};

/// Depth-first branch and bound over the order of the plan. Bounds: exact elimination for each
/// row, and a Lagrangian relaxation of all rows (Polyak steps) for the objective. Options that are
/// worse in everything are skipped where no later decision looks at them; choices that do not act
/// take one option. `starts`: solutions known before. Deterministic unless `effort.seconds` is set.
Outcome minimise(const BoundedProblem& problem, const Goal& goal, const Effort& effort,
                 const std::vector<std::vector<int>>& starts = {});

}  // namespace nasmyth
