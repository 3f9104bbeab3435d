#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/clock.h"
#include "nasmyth/core/plan_hook.h"
#include "nasmyth/core/progress.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/data/loader.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/graph/parameter_store.h"
#include "nasmyth/train/epoch_metrics.h"
#include "nasmyth/train/recipe.h"

namespace nasmyth {

/// Trains a closed network by a recipe: loads augmented batches, runs executor steps with the
/// optimiser inside, follows the schedules, keeps a moving average of the parameters and metrics of
/// each epoch. The same arguments give the same bits (without a time budget). Not thread-safe; the
/// executor, the operations and the data set must outlive it.
class Trainer {
 public:
  /// `indices`: the training samples of `dataset`. `random` names the run: its forks give the
  /// initial parameters, the order and augmentation of samples, and drop-path. Throws for open
  /// graphs, for graphs without output "logits" or one image input, for empty indices and for
  /// options that do not fit each other.
  Trainer(const NetworkGraph& closed, const OperationSet& operations, Executor& executor,
          const Dataset& dataset, std::vector<std::int64_t> indices, const RecipeOptions& recipe,
          RandomStream random);

  /// Asked before each step; true stops between steps. The run can go on or be saved then.
  void set_stop(std::function<bool()> stop) { stop_ = std::move(stop); }
  /// Where times come from; it must outlive the trainer.
  void set_clock(const Clock& clock) { clock_ = &clock; }
  /// Asked at once where no step was done yet, and at the end of each epoch of a recipe with a time
  /// budget; an answer above the recipe's epochs means those.
  void set_plan(PlanHook plan);

  /// Runs what is left of the current epoch; false when it was stopped. Throws kOutOfRange when the
  /// loss is no longer a number.
  bool run_epoch(ProgressSink& progress);
  /// Runs what is left of all epochs; false when it was stopped.
  bool run(ProgressSink& progress);

  bool finished() const { return epoch_ >= epochs_; }
  std::int64_t epoch() const { return epoch_; }    ///< epochs done
  std::int64_t epochs() const { return epochs_; }  ///< planned; a time budget shortens them
  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  /// Of the finished epochs, oldest first.
  const std::vector<EpochMetrics>& metrics() const { return metrics_; }

  /// The graph that is trained: without training-only outputs when the auxiliary weight is 0.
  const NetworkGraph& graph() const { return graph_; }
  /// What the steps change; may be overwritten before the first step (inherited weights).
  ParameterStore& parameters() { return parameters_; }
  /// What to evaluate and export: the moving average where the recipe keeps one.
  ParameterStore& network_parameters() { return average_ ? *average_ : parameters_; }

  /// All that the next step reads, with a checksum. A trainer with the same arguments that loads it
  /// goes on exactly as this one.
  std::string save_state() const;
  /// Throws kInvalidData for damaged bytes and kInvalidArgument for the state of another run;
  /// the trainer is then unchanged. `where` names the file.
  void load_state(std::string_view bytes, std::string_view where);

 private:
  // Sums over the steps of the current epoch.
  struct Sums {
    double loss = 0;
    double gradient_norm = 0;
    double seconds = 0;
    std::int64_t correct = 0;
    std::int64_t samples = 0;
  };

  void run_step(const LoadedBatch& loaded);
  void move_average();
  void finish_epoch();
  std::int64_t affordable_epochs(double per_epoch, double left) const;
  std::string fit_to_budget();
  void show(ProgressSink& progress) const;
  std::int64_t total_steps() const { return epochs_ * steps_per_epoch_; }
  std::string fingerprint() const;

  NetworkGraph graph_;
  const Dataset& dataset_;
  std::vector<std::int64_t> indices_;
  RecipeOptions recipe_;
  ScheduleOptions schedule_;
  RandomStream random_;
  std::string input_;
  ParameterStore parameters_;
  std::optional<ParameterStore> average_;
  OptimizerState optimizer_;
  std::unique_ptr<Step> step_program_;
  BatchLoader loader_;
  std::function<bool()> stop_;
  SystemClock system_clock_;
  const Clock* clock_ = &system_clock_;
  PlanHook plan_;

  std::int64_t steps_per_epoch_ = 0;
  std::int64_t epochs_ = 0;
  std::int64_t epoch_ = 0;
  std::int64_t batch_ = 0;  ///< batches done of the current epoch
  std::int64_t step_ = 0;   ///< steps done since the start
  Sums sums_;
  std::vector<EpochMetrics> metrics_;
};

}  // namespace nasmyth
