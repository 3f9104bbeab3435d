#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/progress.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/search/short_training.h"

namespace nasmyth {

/// Random search: feasible architectures drawn uniformly, each trained shortly, the best on
/// search-validation wins. Strategy and control.
struct RandomSearchOptions {
  std::int64_t candidates = 0;
  double seconds = 0;
  std::int64_t epochs = 2;
};
void describe(OptionFields<RandomSearchOptions>& fields);

/// What a random search tried.
struct RandomSearchResult {
  Architecture architecture;    ///< the best on search-validation
  double validation = 0;        ///< its objective
  std::int64_t candidates = 0;  ///< trained
  std::int64_t repeated = 0;    ///< drawn again and skipped
  double seconds = 0;
};

/// At least one candidate is trained. Runs until `candidates` (0: any number) or `seconds` (0: any
/// time) are used up; a candidate that would not be finished in time is not begun. Throws
/// kOutOfRange when neither is given. The journal has its time and the accuracy of each candidate
/// under `name`; empty when it was stopped.
std::optional<RandomSearchResult> random_search(const ShortTraining& parts,
                                                const SelectionProblem& problem,
                                                const RandomSearchOptions& options,
                                                RandomStream random, RunJournal& journal,
                                                const std::string& name);

}  // namespace nasmyth
