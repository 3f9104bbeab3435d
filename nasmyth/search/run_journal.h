#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "nasmyth/core/clock.h"
#include "nasmyth/core/progress.h"
#include "nasmyth/search/plan_log.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth {

class Trainer;

/// What a run has finished and where it stands in the rest: named entries, written as one
/// checkpoint. A stage that finds its record takes it instead of running again, so that a run which
/// was killed at any moment goes on from its last checkpoint and ends with the same bytes. The
/// checkpoint before the last one is kept, and used where the last is damaged. metrics.jsonl is cut
/// back to what it held at the checkpoint. Not thread-safe.
class RunJournal {
 public:
  /// `stop` is asked between steps; `seconds` pass between two checkpoints of a stage. `begun`: the
  /// moment of SystemClock at which this process began to work on the run; empty: now.
  RunJournal(const RunDirectory& directory, ProgressSink& progress, std::function<bool()> stop,
             double seconds, std::optional<double> begun = {});

  /// Reads the newest whole checkpoint; a directory without one is an empty journal. Throws
  /// kInvalidData where there are checkpoints and none is whole, kInvalidArgument where
  /// configuration.yaml is not that of the checkpoint.
  void load();

  bool has(std::string_view name) const { return entries_.contains(name); }
  /// Empty where absent.
  std::string_view get(std::string_view name) const;
  void put(std::string_view name, std::string bytes);
  void erase(std::string_view name);

  /// The number that `name` was found to be, or what `find` gives, which is then kept. Empty where
  /// `find` was stopped and gave nothing.
  std::optional<double> number(const std::string& name,
                               const std::function<std::optional<double>()>& find);

  /// Times of a stage over all processes that worked on the run, without what a kill lost. `begin`
  /// does nothing where the stage has begun before, `end` stops its time.
  void begin(const std::string& stage);
  void end(const std::string& stage);
  double seconds(const std::string& stage) const;
  /// Of the whole run, over all processes.
  double run_seconds() const { return active_seconds(); }

  /// What was planned by the clock.
  PlanLog& plan() { return plan_; }

  /// Writes a checkpoint.
  void save();

  /// The run is to end: the caller saves and returns.
  bool stopped() const { return stop_ && stop_(); }
  /// A long loop is to come back to its caller, who saves: for a checkpoint or because it is
  /// stopped.
  bool pause() const;
  std::function<bool()> stop() const { return stop_; }

  /// Runs what is left of a training, with checkpoints under `name`, which is erased at its end.
  /// `on_epoch` is called after each whole epoch. False when it was stopped.
  bool train(Trainer& trainer, std::string_view name,
             const std::function<void(const Trainer&)>& on_epoch);

  const RunDirectory& directory() const { return directory_; }
  ProgressSink& progress() const { return progress_; }

  static constexpr std::string_view kFile = "checkpoint";
  static constexpr std::string_view kPrevious = "checkpoint.previous";

 private:
  void read(std::string_view bytes, const std::string& where);
  double active_seconds() const { return earlier_ + clock_.now_seconds() - opened_; }

  RunDirectory directory_;
  PlanLog plan_;
  ProgressSink& progress_;
  std::function<bool()> stop_;
  double seconds_;
  std::string configuration_;  // hash
  SystemClock clock_;
  double opened_;       // moment at which this process began
  double saved_;        // moment of the last checkpoint
  double earlier_ = 0;  // seconds of the processes before
  std::map<std::string, std::string, std::less<>> entries_;
};

}  // namespace nasmyth
