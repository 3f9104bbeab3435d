#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/plan_hook.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/resource/expected_cost.h"
#include "nasmyth/supernet/architecture_parameters.h"
#include "nasmyth/supernet/discretizer.h"
#include "nasmyth/supernet/relaxation.h"
#include "nasmyth/supernet/site_weights.h"

namespace nasmyth {

/// A gradient-based search as a composition: relaxation, first-order bilevel alternation, optimiser
/// of the architecture parameters, discretiser, penalty of the expected cost, schedules. A
/// published method is a preset of these options.
struct GradientSearchOptions {
  std::string relaxation = "gumbel_straight_through";
  std::string execution = "sliced";
  std::string discretizer = "argmax";
  int partial_channels = 1;
  std::int64_t epochs = 12;
  double seconds = 0;
  std::int64_t warmup_epochs = 2;
  std::int64_t batch_size = 128;
  std::int64_t architecture_period = 2;

  double learning_rate = 0.1;
  double minimum_learning_rate = 0.005;
  double momentum = 0.9;
  double weight_decay = 3e-4;
  double clip_norm = 5;

  double architecture_learning_rate = 0.02;
  double architecture_beta1 = 0.5;
  double architecture_beta2 = 0.999;
  double architecture_weight_decay = 0;
  double initial_deviation = 1e-3;

  double temperature = 5;
  double final_temperature = 0.5;
  std::string penalty_shape = "absolute";
  double penalty = 2;
  double final_penalty = 2;

  std::string class_weights = "none";

  int crop_padding = 1;
  bool flip = true;
};

void describe(OptionFields<GradientSearchOptions>& fields);

/// The strategy `name`, which must be a preset of gradient search, with `values` on top. Unknown
/// names and options are errors with a suggestion.
GradientSearchOptions make_gradient_search(std::string_view name, const OptionMap& values,
                                           std::string_view where);

/// A resource whose expected cost is to stay below a limit.
struct CostPenalty {
  std::string resource;
  double limit = 0;
  const ExpectedCost* expected = nullptr;
};

/// Figures of one epoch of a search.
struct SearchEpoch {
  std::int64_t epoch = 0;
  double seconds = 0;     ///< since the search began
  double train_loss = 0;  ///< mean over the weight steps
  double train_accuracy = 0;
  double validation_loss = 0;  ///< mean over the architecture steps; 0 without any
  double validation_accuracy = 0;
  double entropy = 0;  ///< of the choice probabilities, 1 undecided .. 0 decided
  double temperature = 0;
  double learning_rate = 0;
  std::vector<std::pair<std::string, double>> expected_costs;
};

/// The data of a search: one data set and the two parts that bilevel alternation needs.
struct SearchData {
  const Dataset* dataset = nullptr;
  std::vector<std::int64_t> train;       ///< weight steps
  std::vector<std::int64_t> validation;  ///< architecture steps
};

class GradientSearchLoop;

/// First-order bilevel search on one supernet (arXiv 1806.09055, with the sampled execution of
/// arXiv 1910.04465): architecture steps on validation data, weight steps on training data. Not
/// thread-safe; deterministic for a seed.
class GradientSearch {
 public:
  /// `prior`: added to the initial logits, one number for each option of each choice; empty for
  /// none.
  GradientSearch(const NetworkGraph& search_form, const OperationSet& operations,
                 Executor& executor, SearchData data, std::vector<CostPenalty> penalties,
                 GradientSearchOptions options, RandomStream random, OptionWeights prior = {});
  ~GradientSearch();

  /// Runs what is left of the current epoch. `stop` is asked between steps; when it answers true
  /// the result is false, and the search can go on or be saved.
  bool run_epoch(SearchEpoch& figures, const std::function<bool()>& stop = {});
  /// Hears the loss of each step: of which kind ("weights", "architecture") and number.
  using StepObserver = std::function<void(std::string_view kind, std::int64_t step, double loss)>;
  void observe(StepObserver observer);
  /// Asked at the end of each epoch of a search with a time budget.
  void set_plan(PlanHook plan);

  bool finished() const;
  std::int64_t epochs_done() const;
  std::int64_t steps_per_epoch() const;  ///< of the weights
  /// Epochs that will be run; shrinks when a time budget would not be met.
  std::int64_t epochs_total() const;
  /// Makes the epoch that was done last the last one.
  void end_here();
  /// What was changed to keep the time budget, in words; cleared by reading.
  std::vector<std::string> take_decisions();

  const ArchitectureParameters& architecture_parameters() const;
  const ParameterStore& parameters() const;
  /// Scores for the exact selection under limits.
  OptionWeights scores() const;
  const GradientSearchOptions& options() const { return options_; }

  /// All that the next step reads: weights, moments, architecture parameters, position.
  std::string save_state() const;
  void load_state(std::string_view bytes, std::string_view where);

 private:
  GradientSearchOptions options_;
  std::unique_ptr<GradientSearchLoop> loop_;
};

}  // namespace nasmyth
