#pragma once

#include <functional>

#include "nasmyth/graph/choice_set.h"
#include "nasmyth/supernet/relaxation.h"

namespace nasmyth::test {

/// A one-of-four choice, a one-of-three choice, two of three inputs, a width of two values.
ChoiceSetPtr sample_choices();

/// Logits for `choices` from N(0, deviation^2).
OptionWeights random_logits(const ChoiceSet& choices, double deviation, std::uint64_t seed);

/// Central differences of `loss` by each logit.
OptionWeights differences(const OptionWeights& logits,
                          const std::function<double(const OptionWeights&)>& loss);

/// Every element within `tolerance`.
void expect_near(const OptionWeights& a, const OptionWeights& b, double tolerance);

/// Chi-square statistic of counts against probabilities.
double chi_square(const std::vector<int>& counts, const std::vector<double>& probabilities);

}  // namespace nasmyth::test
