#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/progress.h"
#include "nasmyth/search/short_training.h"
#include "nasmyth/strategy/strategy.h"

namespace nasmyth {

/// How much a search by a sampling strategy may try: architectures are trained shortly, the best on
/// search-validation wins.
struct SamplingSearchOptions {
  std::int64_t candidates = 0;
  double seconds = 0;
  std::int64_t epochs = 2;
};
void describe(OptionFields<SamplingSearchOptions>& fields);

/// What such a search tried.
struct SamplingSearchResult {
  Architecture architecture;    ///< the best on search-validation
  double validation = 0;        ///< its objective
  std::int64_t candidates = 0;  ///< trained
  std::int64_t repeated = 0;    ///< proposed again and not trained again
  double seconds = 0;
};

/// Asks `strategy`, trains what it proposes and tells it the objective. At least one candidate is
/// trained. Runs until `candidates` (0: any number) or `seconds` (0: any time) are used up; a
/// candidate that would not be finished in time is not begun. Throws kOutOfRange when neither is
/// given. The journal has its time and the objective of each candidate under `name`; empty when it
/// was stopped.
std::optional<SamplingSearchResult> sampling_search(SamplingStrategy& strategy,
                                                    const ShortTraining& parts,
                                                    const SamplingSearchOptions& options,
                                                    RandomStream random, RunJournal& journal,
                                                    const std::string& name);

}  // namespace nasmyth
