// The rule of DARTS (arXiv 1806.09055, section 2.4): on each edge the likeliest operation but
// *none*, at each node the edges whose operation is likeliest. The score of an operation is its
// probability and counts only where its edge is kept, so the unconstrained selection is that rule.
#include <bit>

#include "nasmyth/supernet/discretizer.h"

namespace nasmyth {
namespace {

class DartsTop2 : public Discretizer {
 public:
  OptionWeights scores(const ChoiceSet& choices, const OptionWeights& logits,
                       RandomStream&) const override {
    OptionWeights scores;
    for (int c = 0; c < choices.size(); ++c) {
      auto& row = scores.emplace_back(softmax(logits[static_cast<std::size_t>(c)]));
      bool several = false;
      for (const auto& option : choices[c].options) several |= std::popcount(option.picks) > 1;
      if (several) row.assign(row.size(), 0.0);
    }
    return scores;
  }
};

}  // namespace

DiscretizerEntry darts_top2_discretizer() {
  return {"likeliest operation on each edge, the strongest edges at each node (DARTS)",
          []() -> std::unique_ptr<Discretizer> { return std::make_unique<DartsTop2>(); }};
}

}  // namespace nasmyth
