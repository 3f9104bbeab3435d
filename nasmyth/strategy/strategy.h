#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/random.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// What a sampling strategy works with; the space and the problem are borrowed.
struct SamplingContext {
  const SearchSpace& space;
  const SelectionProblem& problem;  ///< choices and limits
  RandomStream random;
};

/// A strategy that proposes whole architectures and hears how good they are. One that is made and
/// asked again with the same context and told the same values proposes the same architectures: runs
/// are resumed by telling it again what is known. Not thread-safe.
class SamplingStrategy {
 public:
  virtual ~SamplingStrategy() = default;
  /// The next architecture to try, complete and within the limits. The same network may come again;
  /// it is not measured again.
  virtual Architecture ask() = 0;
  /// The objective of an architecture that was asked for, greater is better.
  virtual void tell(const Architecture& architecture, double objective) = 0;
};

/// A strategy by name: a preset of gradient search, or a sampling strategy.
struct StrategyEntry {
  std::string help;  ///< one sentence, with its source
  /// Of a gradient search: what differs from GradientSearchOptions{}.
  OptionMap preset;
  /// Null for a gradient search.
  std::unique_ptr<SamplingStrategy> (*make)(const OptionMap& options,
                                            const SamplingContext& context) = nullptr;
  /// Own options of a sampling strategy; null for none.
  std::vector<OptionInfo> (*options)() = nullptr;
};

/// In the order of strategies.def. Filled on first use; add before use.
Registry<StrategyEntry>& strategies();

}  // namespace nasmyth
