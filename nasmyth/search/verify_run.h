#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/core/progress.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth {

/// What a run and its repetition left.
struct RunComparison {
  std::vector<std::string> equal;      ///< files, byte for byte
  std::vector<std::string> different;  ///< files, and names of figures of metrics.jsonl
  bool same() const { return different.empty(); }
};

/// Runs `recorded`, a finished search, once more in `directory`, which is empty: from the same
/// configuration and with the decisions that the run made by the clock. Compares architecture,
/// architecture parameters, weights, exported network, and metrics but for times. Empty when it was
/// stopped. Throws kUnsupported for an unfinished run.
std::optional<RunComparison> repeat_run(const RunDirectory& recorded, const RunDirectory& directory,
                                        ProgressSink& progress, const std::function<bool()>& stop);

}  // namespace nasmyth
