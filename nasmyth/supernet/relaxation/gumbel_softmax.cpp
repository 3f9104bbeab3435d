// Gumbel-softmax (Jang, Gu, Poole, arXiv 1611.01144; SNAS, arXiv 1812.09926) and its
// straight-through form with one option per choice (GDAS, arXiv 1910.04465). The temperature is
// annealed by the caller.
#include <algorithm>

#include "nasmyth/supernet/relaxation.h"

namespace nasmyth {
namespace {

class GumbelSoftmax : public Relaxation {
 public:
  explicit GumbelSoftmax(bool hard) : hard_(hard) {}

  RelaxedChoices relax(const OptionWeights& logits, double temperature,
                       RandomStream& random) const override {
    RelaxedChoices r;
    r.hard = hard_;
    r.temperature = temperature;
    for (const auto& row : logits) {
      std::vector<double> noisy = row;
      for (double& x : noisy) x += random.gumbel();
      r.soft.push_back(softmax(noisy, temperature));
      const auto top = std::max_element(noisy.begin(), noisy.end()) - noisy.begin();
      r.sampled.push_back(hard_ ? static_cast<int>(top) : -1);
      if (!hard_) {
        r.weights.push_back(r.soft.back());
        continue;
      }
      auto& weights = r.weights.emplace_back(row.size(), 0.0);
      weights[static_cast<std::size_t>(top)] = 1;
    }
    return r;
  }

 private:
  bool hard_;
};

template <bool kHard>
std::unique_ptr<Relaxation> make() {
  return std::make_unique<GumbelSoftmax>(kHard);
}

}  // namespace

RelaxationEntry gumbel_softmax_relaxation() {
  return {"softmax of logits with Gumbel noise, temperature annealed (SNAS)", &make<false>};
}

RelaxationEntry gumbel_straight_through_relaxation() {
  return {"one sampled option per choice, gradient through the Gumbel softmax (GDAS)", &make<true>};
}

}  // namespace nasmyth
