#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nasmyth/core/progress.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/search/run_directory.h"
#include "nasmyth/train/recipe.h"
#include "nasmyth/train/statistics.h"

namespace nasmyth {

/// Resource -> cost, in the order of the registry.
using Costs = std::vector<std::pair<std::string, double>>;
/// The cost of a closed network by every resource model.
Costs all_costs(const NetworkGraph& closed, const OperationSet& operations);

/// One contestant of a run: a network that is trained and tested like the others.
struct ArmResult {
  std::string name;          ///< "search", "random", "hand_made"
  std::string architecture;  ///< JSON; empty for a network outside of the space
  Costs costs;
  double search_seconds = 0;
  double retrain_seconds = 0;
  std::int64_t epochs = 0;
  std::int64_t candidates = 0;  ///< networks trained to find it; 0 where that does not apply
  double selection_accuracy = 0;
  double test_accuracy = 0;
  double test_loss = 0;
  std::vector<int> test_predictions;
  std::vector<std::int64_t> confusion;  ///< of the test set, [class, predicted]
};

/// What all arms of a run share; borrowed.
struct ArmParts {
  const OperationSet& operations;
  Executor& executor;
  const DatasetPair& data;
  const Splits& splits;
  const RecipeOptions& recipe;
  const RunDirectory& directory;
  ProgressSink& progress;
  bool (*stop)();
};

/// A network with its trained parameters.
struct TrainedNetwork {
  NetworkGraph graph;
  ParameterStore parameters;
};

/// Trains `network` on all but the selection part, measures it there and once on the test set, and
/// fills `result`. Metrics and, every few epochs, the state go to the directory. Empty when it was
/// stopped; the state is then saved.
std::optional<TrainedNetwork> train_arm(const NetworkGraph& network, const ArmParts& parts,
                                        RandomStream random, ArmResult& result);

/// How the first arm compares with another one on the same test samples.
struct ArmComparison {
  std::string control;
  std::string words;  ///< "better", "worse", "not distinguishable"
  McNemarTest test;
};
ArmComparison compare(const ArmResult& first, const ArmResult& control,
                      std::span<const std::int64_t> labels);

}  // namespace nasmyth
