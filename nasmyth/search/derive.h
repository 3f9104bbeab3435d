#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/progress.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/search/search_configuration.h"
#include "nasmyth/search/short_training.h"
#include "nasmyth/supernet/architecture_parameters.h"

namespace nasmyth {

/// An architecture that was weighed at the end of a search.
struct RankedCandidate {
  Architecture architecture;
  double score = 0;            ///< sum of the discretiser's scores
  double validation = -1;      ///< objective with the supernet's weights; -1: not measured
  double short_training = -1;  ///< objective as a finalist, trained shortly; -1: not measured
};

/// The outcome of a derivation.
struct Derivation {
  Architecture architecture;                ///< within the limits
  Selection selection;                      ///< the exact selection by the discretiser's scores
  std::vector<RankedCandidate> candidates;  ///< best first; one without a ranking
};

/// What ranking reads of a finished search.
struct RankingParts {
  const NetworkGraph& search_form;  ///< open
  const ParameterStore& weights;    ///< the supernet's
  ShortTraining training;
};

/// The network of a finished search under the limits: the exact selection by the discretiser's
/// scores; with `options.candidates` > 1 also draws from the choice probabilities, selected under
/// the same limits, all ranked by the objective on search-validation with the supernet's weights
/// and renewed batch-norm statistics. The best `options.finalists` of them are then trained shortly
/// and ranked by that. Cannot fail once the limits were found feasible. The journal has each
/// measurement; empty when it was stopped.
std::optional<Derivation> derive(const SelectionProblem& problem, const OptionWeights& scores,
                                 const OptionWeights& logits, const DeriveOptions& options,
                                 const RankingParts& parts, RandomStream random,
                                 RunJournal& journal);

/// The logits of all choices as JSON {choice: {option: logit}}, and back; what `derive` reads of a
/// run. Errors name `where`.
std::string logits_to_json(const ChoiceSet& choices, const OptionWeights& logits);
OptionWeights logits_from_json(const ChoiceSet& choices, std::string_view text,
                               std::string_view where);

}  // namespace nasmyth
