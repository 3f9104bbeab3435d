// Softmax mixture (DARTS, arXiv 1806.09055, eq. 2): every option runs with its probability.
#include "nasmyth/supernet/relaxation.h"

namespace nasmyth {
namespace {

class Softmax : public Relaxation {
 public:
  RelaxedChoices relax(const OptionWeights& logits, double, RandomStream&) const override {
    RelaxedChoices r;
    for (const auto& row : logits) r.weights.push_back(softmax(row));
    r.soft = r.weights;
    r.sampled.assign(logits.size(), -1);
    return r;
  }
};

}  // namespace

RelaxationEntry softmax_relaxation() {
  return {"mixture of all options by the softmax of their logits (DARTS)",
          []() -> std::unique_ptr<Relaxation> { return std::make_unique<Softmax>(); }};
}

}  // namespace nasmyth
