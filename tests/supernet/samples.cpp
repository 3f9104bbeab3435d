#include "tests/supernet/samples.h"

#include <gtest/gtest.h>

#include <numeric>

namespace nasmyth::test {

ChoiceSetPtr sample_choices() {
  return std::make_shared<const ChoiceSet>(std::vector<Choice>{
      one_of("edge", {"none", "skip", "conv", "pool"}), one_of("depth", {"1", "2", "3"}),
      subset_of("inputs", 3, 2), value_of("width", {8, 16})});
}

OptionWeights random_logits(const ChoiceSet& choices, double deviation, std::uint64_t seed) {
  RandomStream random(seed);
  OptionWeights logits;
  for (const Choice& choice : choices) {
    auto& row = logits.emplace_back();
    for (int o = 0; o < choice.size(); ++o) row.push_back(deviation * random.normal());
  }
  return logits;
}

OptionWeights differences(const OptionWeights& logits,
                          const std::function<double(const OptionWeights&)>& loss) {
  constexpr double kStep = 1e-5;
  OptionWeights result = logits, moved = logits;
  for (std::size_t c = 0; c < logits.size(); ++c)
    for (std::size_t o = 0; o < logits[c].size(); ++o) {
      moved[c][o] = logits[c][o] + kStep;
      const double above = loss(moved);
      moved[c][o] = logits[c][o] - kStep;
      result[c][o] = (above - loss(moved)) / (2 * kStep);
      moved[c][o] = logits[c][o];
    }
  return result;
}

void expect_near(const OptionWeights& a, const OptionWeights& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t c = 0; c < a.size(); ++c) {
    ASSERT_EQ(a[c].size(), b[c].size());
    for (std::size_t o = 0; o < a[c].size(); ++o)
      EXPECT_NEAR(a[c][o], b[c][o], tolerance) << "choice " << c << " option " << o;
  }
}

double chi_square(const std::vector<int>& counts, const std::vector<double>& probabilities) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0);
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = total * probabilities[i];
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  return sum;
}

}  // namespace nasmyth::test
