#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "nasmyth/cli/run_options.h"
#include "nasmyth/core/clock.h"
#include "nasmyth/core/terminal_progress.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// What commands that work on a run directory have in common: progress on the terminal, the lock,
/// Ctrl-C, and the line that resumes.
class RunSession {
 public:
  /// Exit code of a run that was interrupted.
  static constexpr int kInterrupted = 130;

  /// `command`: "search" or "train".
  RunSession(std::string command, bool quiet);

  ProgressSink& progress() { return quiet_ ? silent_ : terminal_; }

  /// The directory of a run: the one of --resume, else a new one named by --output, else a free one
  /// below runs/ that begins with `name`.
  RunDirectory directory(const RunCommandOptions& options, const std::string& name);

  /// Makes the directory of a run; it goes again where the run ends with an error before it has
  /// written its configuration.
  RunDirectory create(const std::filesystem::path& path);

  /// Calls `job` with the directory locked and Ctrl-C caught; it is given what to ask for a stop
  /// and answers whether it was finished. Says how to go on where it was not, also after an error.
  bool run(const RunDirectory& directory,
           const std::function<bool(const std::function<bool()>& stop)>& job);

  /// Writes report.html of a finished run, which is whole without: where it fails, a note says why.
  /// `data`: the run's, where the caller has it.
  void add_report(const RunDirectory& directory, const DatasetPair* data = nullptr);

 private:
  void remove_if_empty(const RunDirectory& directory) const;

  std::string command_;
  bool quiet_;
  bool made_ = false;  // the directory was not there before
  SystemClock clock_;
  TerminalProgress terminal_;
  ProgressSink silent_;
};

}  // namespace nasmyth
