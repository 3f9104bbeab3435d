#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/resource/expected_cost.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/search/arm.h"
#include "nasmyth/search/search_configuration.h"
#include "nasmyth/search/short_training.h"
#include "nasmyth/space/search_space.h"
#include "nasmyth/strategy/gradient_search.h"

namespace nasmyth {

/// What was done to the samples and what was left out; of many faults the first ones.
std::vector<std::string> data_notes(const DatasetPair& data);

/// All that a search under limits works with, made from its configuration in this order. Not
/// thread-safe.
struct SearchParts {
  /// Reads the data, or the built-in task where Fashion-MNIST is the default and not installed.
  /// Throws kInfeasible where no architecture of the space meets the limits.
  SearchParts(SearchConfiguration configuration, ProgressSink& progress);

  RandomStream stream(std::string_view name) const;
  ArmParts arm_parts(RunJournal& journal);
  ShortTraining training();

  SearchConfiguration configuration;
  double begun;  ///< moment of SystemClock
  ProgressSink& progress;
  std::vector<std::string> decisions;
  const OperationSet& operations;
  std::unique_ptr<SearchSpace> space;
  DatasetPair data;
  Splits splits;
  Form target;
  NetworkGraph open_target;
  SelectionProblem problem;
  Selection incumbent;
  std::unique_ptr<Executor> executor;
  std::int64_t planned_epochs = 0;  ///< see ArmParts

 private:
  DatasetPair load();
};

/// A gradient search with what it borrows.
struct Supernet {
  explicit Supernet(SearchParts& parts);
  /// With other options than those of the configuration.
  Supernet(SearchParts& parts, const GradientSearchOptions& options);

  NetworkGraph form;
  std::vector<std::unique_ptr<ExpectedCost>> expected;
  GradientSearch search;
};

}  // namespace nasmyth
