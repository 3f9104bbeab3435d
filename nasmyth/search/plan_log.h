#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "nasmyth/core/plan_hook.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth {

/// What a run planned by the clock, as numbers with names: decisions.jsonl, one line for each
/// decision, written before it takes effect and never taken back. A run that goes on after it was
/// killed, and a run that is repeated to verify it, take the decisions from here and do not ask the
/// clock: the same decisions give the same bits. Not thread-safe.
class PlanLog {
 public:
  using Numbers = std::map<std::string, double, std::less<>>;

  /// Reads what the directory has. Throws kInvalidData with the line where it is damaged.
  explicit PlanLog(const RunDirectory& directory);

  /// The numbers of the decision `name`: those of the log, or what `find` gives, which are then
  /// written down.
  Numbers decide(const std::string& name, const std::function<Numbers()>& find);
  /// The same for one number.
  std::int64_t decide_number(const std::string& name, const std::function<std::int64_t()>& find);

  /// For a stage that asks at its boundaries ("search", "retrain hand_made"); borrows this log.
  PlanHook hook(std::string stage);
  /// The same without asking the clock or writing: what is not in the log stays as `planned` says.
  PlanHook replay(std::string stage, std::function<std::int64_t()> planned) const;

  bool has(std::string_view name) const { return decisions_.contains(name); }
  /// Throws kInvalidData where it is absent.
  const Numbers& at(std::string_view name) const;
  /// Of a decision for one number.
  std::int64_t number_at(std::string_view name) const;

 private:
  RunDirectory directory_;
  std::string text_;  ///< all lines
  std::map<std::string, Numbers, std::less<>> decisions_;
};

}  // namespace nasmyth
