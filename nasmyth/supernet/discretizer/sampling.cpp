// A draw from the distribution of the logits: Gumbel noise on the log-probabilities, then the most
// likely architecture (perturb and maximise), so that limits hold for every draw.
#include <algorithm>
#include <cmath>

#include "nasmyth/supernet/discretizer.h"

namespace nasmyth {
namespace {

class Sampling : public Discretizer {
 public:
  OptionWeights scores(const ChoiceSet&, const OptionWeights& logits,
                       RandomStream& random) const override {
    OptionWeights scores;
    for (const auto& logit_row : logits) {
      // Not the logarithm of the softmax, which is -infinity for hopeless options.
      const double top = *std::max_element(logit_row.begin(), logit_row.end());
      double sum = 0;
      for (double x : logit_row) sum += std::exp(x - top);
      auto& row = scores.emplace_back();
      for (double x : logit_row) row.push_back(x - top - std::log(sum) + random.gumbel());
    }
    return scores;
  }
};

}  // namespace

DiscretizerEntry sampling_discretizer() {
  return {"a random draw by the probabilities, limits respected",
          []() -> std::unique_ptr<Discretizer> { return std::make_unique<Sampling>(); }};
}

}  // namespace nasmyth
