#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nasmyth/core/configuration.h"
#include "nasmyth/core/progress.h"
#include "nasmyth/search/ablation_plan.h"
#include "nasmyth/search/run_directory.h"
#include "nasmyth/train/many_to_one.h"
#include "nasmyth/train/statistics.h"

namespace nasmyth {

/// What one training of one network gave.
struct AblationTraining {
  std::vector<std::pair<std::string, double>> metrics;  ///< all, in the order of the registry
  double loss = 0;
  /// The objective on worse images, [corruption, severity].
  std::vector<std::vector<double>> corrupted;
  bool diverged = false;  ///< the loss became infinite: the network counts as guessing
};

/// One network of an ablation: its trainings, and how it compares with the unchanged one.
struct AblationRow {
  std::vector<AblationTraining> trainings;  ///< one a seed
  std::vector<double> objective;            ///< of each training, on clean images
  /// Of each training and corruption: the mean over the severities, [corruption][seed].
  std::vector<std::vector<double>> corrupted;
  // Of changed networks: against the unchanged one.
  ManyToOneRow clean;
  double p_difference = 1;          ///< adjusted for the number of rows (Holm)
  double p_equivalence = 1;         ///< the same, of a difference below the margin
  std::string words;                ///< of component_words()
  std::vector<ManyToOneRow> worse;  ///< on each corruption
  std::vector<double> p_worse;      ///< adjusted for rows and corruptions together
};

/// What `ablate` found.
struct AblationResult {
  AblationOptions options;  ///< resolved: epochs and device are those that were used
  AblationPlan plan;
  std::string data, space, objective;
  std::int64_t seed = 0;    ///< of the run
  std::int64_t images = 0;  ///< that were measured on
  std::int64_t classes = 0;
  std::vector<std::string> corruptions;
  AblationRow unchanged;
  std::vector<AblationRow> rows;  ///< of plan.variants
};

/// Changes each choice of a run's network in turn, trains every network anew with the same seeds on
/// all but the selection part by the run's recipe, and measures what that does to objective, costs
/// and results on worse images. Not thread-safe.
class Ablation {
 public:
  /// Reads run and data, and plans. Makes nothing on disk. Throws kIo where there is no run or it
  /// has not found its network yet, kUnsupported for a network outside of its space.
  Ablation(AblationOptions options, ProgressSink& progress);
  ~Ablation();

  /// With epochs and device as they will be used.
  const AblationOptions& options() const;
  const AblationPlan& plan() const;
  /// How many trainings there will be, and about how long they take by the run's own.
  std::string forecast() const;

  /// Runs all that the directory's journal does not have yet and writes ablation.json. A directory
  /// that has a configuration already goes on. `stop` is asked between steps; when it answers true
  /// the state is saved and the result is empty. The same options give the same bytes, however
  /// often it was stopped.
  std::optional<AblationResult> run(const RunDirectory& directory,
                                    const std::function<bool()>& stop);

  static constexpr std::string_view kResult = "ablation.json";

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The comparisons of a result whose trainings are there; at least one row.
void compare_rows(AblationResult& result);

/// The tables and the sums in words.
std::string to_text(const AblationResult& result);
/// The content of ablation.json.
std::string to_json(const AblationResult& result);
/// The changes and their costs, before anything is trained.
std::string to_text(const AblationPlan& plan);
std::string to_json(const AblationPlan& plan);

/// Options as the configuration of an ablation's directory, in a section `ablation`, and back; a
/// relative path of the run is relative to `directory`. Errors name the file.
Configuration ablation_configuration(const AblationOptions& options,
                                     const std::filesystem::path& directory);
AblationOptions read_ablation_configuration(const RunDirectory& directory);

}  // namespace nasmyth
