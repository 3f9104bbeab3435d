#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/search/run_journal.h"
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
  std::vector<std::pair<std::string, double>> test_metrics;  ///< all, in the order of the registry
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
  RunJournal& journal;
  std::int64_t planned_epochs = 0;  ///< with which a training begins; 0: those of the recipe
};

/// A network with its trained parameters.
struct TrainedNetwork {
  NetworkGraph graph;
  ParameterStore parameters;
};

/// Trains `network` on all but the selection part, measures it there and once on the test set, and
/// fills `result`, whose name is given. `finished` hears of the network before the journal does.
/// An arm that the journal has is taken from there, and nothing is trained. False when it was
/// stopped; the state is then saved.
bool train_arm(const NetworkGraph& network, const ArmParts& parts, RandomStream random,
               const std::function<void(const TrainedNetwork&)>& finished, ArmResult& result);

/// Writes predictions.json: the class of each test image and what each arm took it for, so that
/// networks of different runs can be compared image by image.
void write_predictions(const RunDirectory& directory, const Dataset& test,
                       std::span<const ArmResult> arms);

/// How the first arm compares with another one on the same test samples.
struct ArmComparison {
  std::string control;
  std::string words;  ///< "better", "worse", "not distinguishable"
  McNemarTest test;
};
ArmComparison compare(const ArmResult& first, const ArmResult& control,
                      std::span<const std::int64_t> labels);

}  // namespace nasmyth
