#include "nasmyth/search/random_search.h"

#include <algorithm>
#include <array>
#include <set>

#include "nasmyth/core/clock.h"

namespace nasmyth {
namespace {

constexpr int kTries = 1000;
}  // namespace

void describe(OptionFields<RandomSearchOptions>& f) {
  f.add("candidates", &RandomSearchOptions::candidates,
        {"architectures to train, 0 for any number", "architectures", 0, 1e6})
      .add("seconds", &RandomSearchOptions::seconds,
           {"time budget, 0 for none; the control takes the time of the search", "s", 0, 1e7})
      .add("epochs", &RandomSearchOptions::epochs, {"training of a candidate", "epochs", 1, 10000});
}

RandomSearchResult random_search(const ShortTraining& parts, const SelectionProblem& problem,
                                 const RandomSearchOptions& options, RandomStream random,
                                 ProgressSink& progress, const std::function<bool()>& stop) {
  if (options.candidates == 0 && options.seconds <= 0)
    throw Error(ErrorKind::kOutOfRange, "random",
                "neither a number of candidates nor a time budget is given",
                "set candidates or seconds");
  const SystemClock clock;
  const double begun = clock.now_seconds();
  const auto elapsed = [&] { return clock.now_seconds() - begun; };
  RandomSearchResult result;
  result.validation_accuracy = -1;
  std::set<std::string> seen;
  RandomStream draws = random.fork("draws");
  ProgressPhase phase(progress, "random search", options.candidates, "candidates");
  for (std::int64_t drawn = 0;; ++drawn) {
    if (options.candidates > 0 && result.candidates >= options.candidates) break;
    const double each = result.candidates ? elapsed() / static_cast<double>(result.candidates) : 0;
    if (options.seconds > 0 && result.candidates > 0 && elapsed() + each > options.seconds) break;
    if (result.repeated > kTries) break;  // a space smaller than the budget
    const auto found = random_feasible(problem, draws, kTries);
    if (!found) throw problem.feasibility().error();
    const Architecture& architecture = *found;
    if (!seen.insert(parts.space.equivalence_key(architecture)).second) {
      ++result.repeated;
      continue;
    }
    const double accuracy = parts.accuracy(
        architecture, options.epochs,
        random.fork("candidate").fork(static_cast<std::uint64_t>(drawn)), progress, stop);
    if (accuracy < 0 && result.candidates > 0) break;
    ++result.candidates;
    if (accuracy > result.validation_accuracy || result.candidates == 1) {
      result.validation_accuracy = accuracy;
      result.architecture = architecture;
    }
    const std::array<std::pair<std::string, double>, 2> figures{
        {{"validation", accuracy}, {"best", result.validation_accuracy}}};
    phase.advance(result.candidates, figures);
    if (accuracy < 0) break;
  }
  result.seconds = elapsed();
  return result;
}

}  // namespace nasmyth
