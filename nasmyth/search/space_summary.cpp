#include "nasmyth/search/space_summary.h"

#include <algorithm>
#include <limits>

#include "nasmyth/resource/resource_model.h"
#include "nasmyth/search/run_loading.h"

namespace nasmyth {
namespace {

constexpr int kSamples = 101;

double count_assignments(const ChoiceSet& choices) {
  double product = 1;
  for (const auto& choice : choices)
    product *= static_cast<double>(
        std::count_if(choice.options.begin(), choice.options.end(),
                      [](const Option& option) { return !option.search_only; }));
  return product;
}

}  // namespace

SpaceSummary summarize(const SearchSpace& space, const Form& target, const OperationSet& operations,
                       const std::vector<Limit>& limits, RandomStream random) {
  const NetworkGraph open = open_network(space, target);
  SpaceSummary summary;
  summary.choices = space.choices()->size();
  summary.assignments = count_assignments(*space.choices());
  std::vector<Limit> everything;  // limits that nothing breaks, for the sake of their bounds
  for (const auto& name : resource_models().names())
    everything.push_back({name, std::numeric_limits<double>::max()});
  const SelectionProblem bounds(open, operations, everything);
  const std::vector<double> least = bounds.least(), greatest = bounds.greatest();
  std::vector<std::vector<double>> samples(everything.size());
  for (int i = 0; i < kSamples; ++i) {
    const Architecture a = random_architecture(space.choices(), random);
    for (std::size_t r = 0; r < everything.size(); ++r) samples[r].push_back(bounds.cost(r, a));
  }
  for (std::size_t r = 0; r < everything.size(); ++r) {
    const auto middle = samples[r].begin() + kSamples / 2;
    std::nth_element(samples[r].begin(), middle, samples[r].end());
    summary.resources.push_back({everything[r].resource, least[r], *middle, greatest[r]});
  }
  summary.feasibility = SelectionProblem(open, operations, limits).feasibility();
  return summary;
}

}  // namespace nasmyth
