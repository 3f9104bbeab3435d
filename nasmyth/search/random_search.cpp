#include "nasmyth/search/random_search.h"

#include <algorithm>
#include <array>
#include <set>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr int kTries = 1000;

// A candidate that would not be finished in time is not begun, but for the first.
bool no_time_left(double elapsed, std::int64_t candidates, const RandomSearchOptions& options) {
  if (options.seconds <= 0 || candidates == 0) return false;
  return elapsed + elapsed / static_cast<double>(candidates) > options.seconds;
}

}  // namespace

void describe(OptionFields<RandomSearchOptions>& f) {
  f.add("candidates", &RandomSearchOptions::candidates,
        {"architectures to train, 0 for any number", "architectures", 0, 1e6})
      .add("seconds", &RandomSearchOptions::seconds,
           {"time budget, 0 for none; the control takes the time of the search", "s", 0, 1e7})
      .add("epochs", &RandomSearchOptions::epochs, {"training of a candidate", "epochs", 1, 10000});
}

std::optional<RandomSearchResult> random_search(const ShortTraining& parts,
                                                const SelectionProblem& problem,
                                                const RandomSearchOptions& options,
                                                RandomStream random, RunJournal& journal,
                                                const std::string& name) {
  if (options.candidates == 0 && options.seconds <= 0)
    throw Error(ErrorKind::kOutOfRange, "random",
                "neither a number of candidates nor a time budget is given",
                "set candidates or seconds");
  journal.begin(name);
  RandomSearchResult result;
  result.validation = -1;
  std::set<std::string> seen;
  RandomStream draws = random.fork("draws");
  ProgressPhase phase(journal.progress(), "random search", options.candidates, "candidates");
  for (std::int64_t drawn = 0;; ++drawn) {
    if (options.candidates > 0 && result.candidates >= options.candidates) break;
    const std::string candidate = name + ":" + std::to_string(drawn);
    if (!journal.has(candidate) && no_time_left(journal.seconds(name), result.candidates, options))
      break;
    if (result.repeated > kTries) break;  // a space smaller than the budget
    const auto found = random_feasible(problem, draws, kTries);
    if (!found) throw problem.feasibility().error();
    const Architecture& architecture = *found;
    if (!seen.insert(parts.space.equivalence_key(architecture)).second) {
      ++result.repeated;
      continue;
    }
    const auto accuracy = parts.measure(
        architecture, options.epochs,
        random.fork("candidate").fork(static_cast<std::uint64_t>(drawn)), journal, candidate);
    if (!accuracy) return std::nullopt;
    ++result.candidates;
    if (*accuracy > result.validation) {
      result.validation = *accuracy;
      result.architecture = architecture;
    }
    const std::array<std::pair<std::string, double>, 2> figures{
        {{"validation", *accuracy}, {"best", result.validation}}};
    phase.advance(result.candidates, figures);
  }
  journal.end(name);
  result.seconds = journal.seconds(name);
  return result;
}

}  // namespace nasmyth
