#include "nasmyth/supernet/site_weights.h"

#include <bit>

namespace nasmyth {

SiteWeights::SiteWeights(std::vector<Site> sites, ChoiceSetPtr choices, SubsetRule rule)
    : sites_(std::move(sites)), choices_(std::move(choices)), rule_(rule) {
  for (const auto& choice : *choices_) {
    bool several = false;
    for (const auto& option : choice.options) several |= std::popcount(option.picks) > 1;
    several_.push_back(several);
  }
}

bool SiteWeights::all_inputs(const Site& site) const {
  return site.kind == Site::Kind::kSelect && rule_ == SubsetRule::kAllInputs &&
         several_[static_cast<std::size_t>(site.choice)];
}

ChoiceWeights SiteWeights::broadcast(const RelaxedChoices& relaxed) const {
  ChoiceWeights result;
  for (const auto& site : sites_) {
    const auto c = static_cast<std::size_t>(site.choice);
    auto& weights = result.weights.emplace_back(static_cast<std::size_t>(site.size), 0.0);
    auto& active = result.active.emplace_back(static_cast<std::size_t>(site.size), 0);
    const auto& options = (*choices_)[site.choice].options;
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (all_inputs(site)) {
        weights[j] = 1;
        active[j] = 1;
        continue;
      }
      if (site.kind == Site::Kind::kValue) {
        weights[j] = relaxed.weights[c][j];
        active[j] = !relaxed.hard || relaxed.sampled[c] == static_cast<int>(j);
        continue;
      }
      for (std::size_t o = 0; o < options.size(); ++o) {
        if (!(options[o].picks >> j & 1)) continue;
        weights[j] += relaxed.weights[c][o];
        active[j] |= !relaxed.hard || relaxed.sampled[c] == static_cast<int>(o);
      }
    }
  }
  return result;
}

OptionWeights SiteWeights::reduce(std::span<const std::vector<double>> site_gradients) const {
  OptionWeights result;
  for (const auto& choice : *choices_) result.emplace_back(choice.options.size(), 0.0);
  for (std::size_t s = 0; s < sites_.size(); ++s) {
    const Site& site = sites_[s];
    if (all_inputs(site) || site_gradients[s].empty()) continue;
    auto& row = result[static_cast<std::size_t>(site.choice)];
    const auto& options = (*choices_)[site.choice].options;
    for (std::size_t o = 0; o < row.size(); ++o) {
      if (site.kind == Site::Kind::kValue) {
        row[o] += site_gradients[s][o];
        continue;
      }
      for (std::size_t j = 0; j < site_gradients[s].size(); ++j)
        if (options[o].picks >> j & 1) row[o] += site_gradients[s][j];
    }
  }
  return result;
}

}  // namespace nasmyth
