// Most likely option of each choice: the score is the log-probability short of the best one's, so
// an unconstrained selection takes every argmax, and limits give up as little likelihood as
// possible.
#include <algorithm>
#include <cmath>

#include "nasmyth/supernet/discretizer.h"

namespace nasmyth {
namespace {

class Argmax : public Discretizer {
 public:
  OptionWeights scores(const ChoiceSet& choices, const OptionWeights& logits,
                       RandomStream&) const override {
    OptionWeights scores = logits;
    for (int c = 0; c < choices.size(); ++c) {
      auto& row = scores[static_cast<std::size_t>(c)];
      double top = -kInfinity;
      for (std::size_t o = 0; o < row.size(); ++o)
        if (!choices[c].options[o].search_only) top = std::max(top, row[o]);
      for (double& x : row) x = std::min(x - top, 0.0);
    }
    return scores;
  }
};

}  // namespace

DiscretizerEntry argmax_discretizer() {
  return {"most likely option of each choice",
          []() -> std::unique_ptr<Discretizer> { return std::make_unique<Argmax>(); }};
}

}  // namespace nasmyth
