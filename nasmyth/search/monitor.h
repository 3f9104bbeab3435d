#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/graph/architecture.h"
#include "nasmyth/graph/choice_set.h"
#include "nasmyth/resource/limits.h"
#include "nasmyth/strategy/gradient_search.h"

namespace nasmyth {

/// When a search ends before its last epoch.
struct EarlyStopOptions {
  /// `none`; `collapse`: at the first alarm of it; `stable`: when no leading option has changed for
  /// `stable_epochs`.
  std::string rule = "none";
  std::int64_t stable_epochs = 5;
};

void describe(OptionFields<EarlyStopOptions>& fields);

/// What a search looks like after an epoch, beside its losses.
struct MonitorFigures {
  /// Of the choices that offer one, the part in which a skip leads.
  double skip_share = 0;
  std::int64_t changed_leaders = 0;   ///< choices whose leading option is another than before
  std::vector<std::string> warnings;  ///< new ones, in words, with a remedy
  std::string stop;                   ///< why the search ends now; empty: it goes on
};

/// Watches the choice probabilities of a search from epoch to epoch and says early, in words, when
/// it goes wrong: skips that take over (the collapse of DARTS, arXiv 1909.09656, 1909.06035),
/// nothing learnt, nothing decided, limits exceeded. Each warning is given once. Not thread-safe.
class SearchMonitor {
 public:
  SearchMonitor(ChoiceSetPtr choices, std::vector<Limit> limits, std::int64_t classes,
                EarlyStopOptions options);

  /// Whether the space has groups of choices in which skips can take over.
  bool watches_skips() const;

  /// `probabilities`: of the options of each choice, after the epoch; `total`: epochs planned;
  /// `derived`: what would be derived now, canonical, or null: it can hold more skips than lead,
  /// where the strongest edges are kept.
  MonitorFigures observe(const SearchEpoch& epoch, std::int64_t total,
                         const OptionWeights& probabilities, const Architecture* derived = nullptr);

  std::string save() const;
  void load(std::string_view bytes, std::string_view where);

 private:
  // The choices that offer a skip, by the part of their name before the first '/'.
  struct Group {
    std::vector<int> choices;
    std::int64_t since = 0;  // epoch since which skips lead in too many of them; 0: they do not
  };

  bool skip_leads(int choice) const;
  void watch_skips(std::int64_t epoch, const OptionWeights& probabilities,
                   const Architecture* derived, MonitorFigures& figures);
  void watch_learning(const SearchEpoch& epoch, std::int64_t total, MonitorFigures& figures);
  void warn(const std::string& kind, std::string text, MonitorFigures& figures);

  ChoiceSetPtr choices_;
  std::vector<Limit> limits_;
  std::int64_t classes_;
  EarlyStopOptions options_;
  std::map<std::string, Group> groups_;
  std::vector<int> leaders_;        // option of each choice; empty before the first epoch
  std::int64_t stable_ = 0;         // epochs without a change
  std::vector<std::string> given_;  // kinds of warnings
};

}  // namespace nasmyth
