#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/resource/limits.h"
#include "nasmyth/search/run_directory.h"
#include "nasmyth/strategy/gradient_search.h"
#include "nasmyth/train/epoch_metrics.h"

namespace nasmyth {

/// Names with numbers or texts, in the order of their file.
using NamedNumbers = std::vector<std::pair<std::string, double>>;
using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// A network of a run, as result.json has it.
struct ArmRecord {
  std::string name;  ///< "search", "random", "hand_made", "train"
  NamedNumbers costs;
  NamedNumbers test_metrics;  ///< "accuracy" first, then the others
  double test_loss = 0;
  double selection_accuracy = 0;
  std::int64_t epochs = 0;
  std::int64_t candidates = 0;
  double search_seconds = 0;
  double retrain_seconds = 0;
  std::vector<std::int64_t> confusion;  ///< [class, predicted]; empty where it does not fit
  std::vector<int> predictions;         ///< of the test images; empty where the run kept none

  double test_accuracy() const { return metric("accuracy"); }
  double metric(std::string_view name) const;    ///< of the test set; NaN where it is absent
  double cost(std::string_view resource) const;  ///< NaN where it is absent
  std::int64_t test_images() const;              ///< sum of the confusion matrix
};

/// A comparison of the run's network with a control.
struct ComparisonRecord {
  std::string control, words;
  double p_value = 1;
  std::int64_t only_search = 0, only_control = 0;
};

/// A candidate that was ranked at the end of a search; negative figures were not measured.
struct CandidateRecord {
  double score = 0, validation = -1, short_training = -1;
  std::string architecture;
};

/// How the architecture was selected.
struct DerivationRecord {
  double score = 0, upper_bound = 0, gap = 0;
  bool proven = false;
  std::vector<CandidateRecord> candidates;
};

/// An epoch of a search with what the monitor saw.
struct SearchEpochRecord {
  SearchEpoch figures;
  double skip_share = 0;
  std::int64_t changed_leaders = 0;
  std::vector<std::string> warnings;
  OptionWeights probabilities;  ///< in the order of RunRecord::choices; empty: not recorded
};

/// A choice of the space.
struct ChoiceRecord {
  std::string name;
  std::vector<std::string> labels;
  std::vector<double> probabilities;  ///< after the last epoch
};

/// The epochs of the training of one arm.
struct TrainingRecord {
  std::string arm;
  std::vector<EpochMetrics> epochs;
};

/// All that a report wants to know of a run, read from its directory. Parts that are absent stay
/// empty: a run that is under way, or was interrupted, is a record, too.
struct RunRecord {
  std::string path;  ///< as the user gave it
  std::string name;  ///< last part of the path
  std::string version, data, space, strategy, objective;
  std::string seed;
  std::string yaml;     ///< configuration.yaml
  NamedTexts settings;  ///< the same as dotted keys
  std::vector<Limit> limits;
  NamedTexts executor;     ///< of result.json
  NamedTexts environment;  ///< of first_steps.json

  std::vector<ArmRecord> arms;
  std::vector<ComparisonRecord> comparisons;
  std::optional<DerivationRecord> derivation;
  std::vector<std::string> decisions;
  std::vector<std::pair<std::string, NamedNumbers>> plan;  ///< of decisions.jsonl

  std::vector<SearchEpochRecord> search;
  std::vector<TrainingRecord> trainings;
  std::vector<ChoiceRecord> choices;
  NamedTexts architecture;  ///< choice, option

  std::optional<NetworkGraph> graph;
  std::vector<std::string> classes;
  std::vector<std::int64_t> labels;  ///< of the test images; empty where the run kept none

  std::vector<std::string> faults;  ///< files that could not be read, and why

  /// The run's own network; null before it was tested.
  const ArmRecord* own() const { return arms.empty() ? nullptr : &arms.front(); }
  /// Whether all was done that the configuration asks for.
  bool finished() const;
  /// The value of a key of the configuration; empty where it is absent.
  std::string setting(std::string_view key) const;
  const TrainingRecord* training(std::string_view arm) const;
};

/// Reads a run. Files that are damaged become faults of the record; throws only what
/// RunDirectory::open throws.
RunRecord read_run(const RunDirectory& directory);

}  // namespace nasmyth
