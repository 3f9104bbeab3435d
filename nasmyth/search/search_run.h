#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/resource/selection.h"
#include "nasmyth/search/arm.h"
#include "nasmyth/search/derive.h"
#include "nasmyth/search/first_steps.h"
#include "nasmyth/search/forecast.h"
#include "nasmyth/search/search_configuration.h"

namespace nasmyth {

/// What a finished run found.
struct SearchResult {
  Architecture architecture;
  std::vector<Limit> limits;
  std::string data;  ///< name of the data set that was used
  double search_seconds = 0;
  std::vector<std::string> decisions;    ///< changes of plan and fallbacks, in words
  std::optional<Derivation> derivation;  ///< absent for a sampling strategy
  std::vector<ArmResult> arms;           ///< "search" first, then the controls
  std::vector<ArmComparison> comparisons;
};

/// The main job (architecture.md, section 1): data and limits in, a trained and exported network in
/// the run's directory out.
///
///   limits checked and an incumbent kept -> search -> architecture -> retraining -> test
///   -> controls, trained alike -> comparison -> files
///
/// One seed gives the same architecture.json and the same metrics but for times. What is planned by
/// the clock (time budgets, the time limit, the length of the random control) stands in
/// decisions.jsonl: with the same decisions, too, the same bits. Not thread-safe.
class SearchRun {
 public:
  /// Reads the data and refuses what cannot be met: limits that no architecture of the space meets
  /// (kInfeasible, before the first step). Makes nothing on disk.
  SearchRun(SearchConfiguration configuration, ProgressSink& progress);
  ~SearchRun();

  /// Runs all that the directory's journal does not have yet: a directory that has a configuration
  /// already is a run that goes on. `stop` is asked between steps; when it answers true the state
  /// is saved and the result is empty.
  std::optional<SearchResult> run(const RunDirectory& directory, const std::function<bool()>& stop);

  /// The first steps of the search anew, without a directory. Throws kUnsupported for a strategy
  /// without steps (a sampling one).
  /// They follow the schedule that `recorded` has planned, if any.
  FirstSteps first_steps(const RunDirectory& recorded);

  /// How long the pieces of this run take, from about `seconds` of timed steps.
  PieceTimes time_pieces(double seconds);

  const Selection& incumbent() const;
  /// What the run learns from and is tested on.
  const DatasetPair& data() const;

 private:
  std::unique_ptr<SearchParts> parts_;
};

/// The result as text for people: the table of arms, limits, comparisons.
std::string to_text(const SearchResult& result);
/// The content of result.json.
std::string to_json(const SearchResult& result, const SearchConfiguration& configuration);
/// Writes result.json and predictions.json.
void write_result(const RunDirectory& directory, const SearchResult& result,
                  const SearchConfiguration& configuration, const Dataset& test);

}  // namespace nasmyth
