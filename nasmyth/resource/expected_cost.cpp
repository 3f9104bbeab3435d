#include "nasmyth/resource/expected_cost.h"

#include "nasmyth/core/error.h"

namespace nasmyth {

ExpectedCost::ExpectedCost(const NetworkGraph& open_target, const OperationSet& operations,
                           const ResourceModel& model) {
  OpenNetwork open(open_target, operations, Naming::kWide);
  const auto terms = model.terms(open);
  if (!terms || terms->parts.size() != 1)
    throw Error(ErrorKind::kUnsupported, "expected cost",
                "the cost in " + model.unit() + " is no sum over the parts of a network",
                "leave it out of the loss (penalty 0); the selection still obeys its limit");
  for (const auto& choice : *open.graph().choices()) options_.push_back(choice.size());
  const std::vector<int> dims = open.dims();
  for (const auto& term : terms->parts[0])
    terms_.emplace_back(term, open.named(), dims, static_cast<int>(options_.size()));
}

void ExpectedCost::check(const std::vector<std::vector<double>>& probabilities) const {
  bool fits = probabilities.size() == options_.size();
  for (std::size_t c = 0; fits && c < options_.size(); ++c)
    fits = probabilities[c].size() == static_cast<std::size_t>(options_[c]);
  if (!fits)
    throw Error(ErrorKind::kInvalidArgument, "expected cost",
                "the probabilities do not fit the choices: one for each option is needed");
}

double ExpectedCost::value(const std::vector<std::vector<double>>& probabilities) const {
  check(probabilities);
  double value = 0;
  for (const auto& term : terms_) value += term.value(probabilities);
  return value;
}

double ExpectedCost::value_and_gradient(const std::vector<std::vector<double>>& probabilities,
                                        std::vector<std::vector<double>>& gradient) const {
  check(probabilities);
  gradient.resize(options_.size());
  for (std::size_t c = 0; c < options_.size(); ++c)
    gradient[c].assign(static_cast<std::size_t>(options_[c]), 0);
  double value = 0;
  for (const auto& term : terms_) value += term.value_and_gradient(probabilities, gradient);
  return value;
}

}  // namespace nasmyth
