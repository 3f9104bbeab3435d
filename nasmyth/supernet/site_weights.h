#pragma once

#include <span>
#include <vector>

#include "nasmyth/engine/choice_weights.h"
#include "nasmyth/supernet/relaxation.h"

namespace nasmyth {

/// How a select whose options pick several inputs (k of n) is run while it is open.
enum class SubsetRule {
  kAllInputs,  ///< every input with weight 1, no gradient (DARTS's nodes)
  kRelaxed,    ///< input j with the summed weight of the options that pick it
};

/// Broadcasts option weights from choices to sites and reduces site gradients to choices.
class SiteWeights {
 public:
  SiteWeights(std::vector<Site> sites, ChoiceSetPtr choices, SubsetRule rule);

  ChoiceWeights broadcast(const RelaxedChoices& relaxed) const;
  /// Sums over the sites of each choice.
  OptionWeights reduce(std::span<const std::vector<double>> site_gradients) const;
  const std::vector<Site>& sites() const { return sites_; }

 private:
  bool all_inputs(const Site& site) const;

  std::vector<Site> sites_;
  ChoiceSetPtr choices_;
  SubsetRule rule_;
  std::vector<char> several_;  // by choice: an option picks other than one input
};

}  // namespace nasmyth
