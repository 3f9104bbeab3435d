#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nasmyth {

/// What one epoch of training showed; one line of metrics.jsonl.
struct EpochMetrics {
  std::int64_t epoch = 0;    ///< from 1
  std::int64_t epochs = 0;   ///< planned when it ended
  std::int64_t step = 0;     ///< steps since the start
  double learning_rate = 0;  ///< of the last step
  double drop_path = 0;
  double loss = 0;             ///< mean over the samples, as trained (smoothing, auxiliary head)
  double accuracy = 0;         ///< on the augmented training samples, in [0, 1]
  double gradient_norm = 0;    ///< mean over the steps, before clipping
  double seconds = 0;          ///< of this epoch
  double elapsed_seconds = 0;  ///< of all epochs so far
  std::string decision;        ///< a change of plan, in words; mostly empty

  bool operator==(const EpochMetrics&) const = default;
};

/// One JSON object without line breaks; times can be left out to compare runs.
std::string to_json(const EpochMetrics& metrics, bool with_times = true);
EpochMetrics epoch_metrics_from_json(std::string_view text, std::string_view where);

}  // namespace nasmyth
