#include "nasmyth/search/sampling_search.h"

#include <algorithm>
#include <array>
#include <map>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr int kTries = 1000;  // proposals of known networks

// A candidate that would not be finished in time is not begun, but for the first.
bool goes_on(const std::string& candidate, double elapsed, std::int64_t done,
             const SamplingSearchOptions& options, RunJournal& journal) {
  if (options.seconds <= 0 || done == 0 || journal.has(candidate)) return true;
  return journal.plan().decide_number(candidate, [&] {
    return elapsed + elapsed / static_cast<double>(done) <= options.seconds ? 1 : 0;
  }) != 0;
}

}  // namespace

void describe(OptionFields<SamplingSearchOptions>& f) {
  f.add("candidates", &SamplingSearchOptions::candidates,
        {"architectures to train, 0 for any number", "architectures", 0, 1e6})
      .add("seconds", &SamplingSearchOptions::seconds,
           {"time budget, 0 for none; the control takes the time of the search", "s", 0, 1e7})
      .add("epochs", &SamplingSearchOptions::epochs,
           {"training of a candidate", "epochs", 1, 10000});
}

std::optional<SamplingSearchResult> sampling_search(SamplingStrategy& strategy,
                                                    const ShortTraining& parts,
                                                    const SamplingSearchOptions& options,
                                                    RandomStream random, RunJournal& journal,
                                                    const std::string& name) {
  if (options.candidates == 0 && options.seconds <= 0)
    throw Error(ErrorKind::kOutOfRange, name,
                "neither a number of candidates nor a time budget is given",
                "set candidates or seconds");
  journal.begin(name);
  SamplingSearchResult result;
  result.validation = -1;
  std::map<std::string, double> known;
  ProgressPhase phase(journal.progress(), name, options.candidates, "candidates");
  for (std::int64_t asked = 0;; ++asked) {
    if (options.candidates > 0 && result.candidates >= options.candidates) break;
    const std::string candidate = name + ":" + std::to_string(asked);
    if (!goes_on(candidate, journal.seconds(name), result.candidates, options, journal)) break;
    if (result.repeated > kTries) break;  // a space smaller than the budget
    const Architecture architecture = strategy.ask();
    const std::string key = parts.space.equivalence_key(architecture);
    if (const auto it = known.find(key); it != known.end()) {
      strategy.tell(architecture, it->second);
      ++result.repeated;
      continue;
    }
    const auto objective = parts.measure(
        architecture, options.epochs,
        random.fork("candidate").fork(static_cast<std::uint64_t>(asked)), journal, candidate);
    if (!objective) return std::nullopt;
    known[key] = *objective;
    strategy.tell(architecture, *objective);
    ++result.candidates;
    if (*objective > result.validation) {
      result.validation = *objective;
      result.architecture = architecture;
    }
    const std::array<std::pair<std::string, double>, 2> figures{
        {{"validation", *objective}, {"best", result.validation}}};
    phase.advance(result.candidates, figures);
  }
  journal.end(name);
  result.seconds = journal.seconds(name);
  return result;
}

}  // namespace nasmyth
