#include "nasmyth/supernet/relaxation.h"

namespace nasmyth {

#define NASMYTH_RELAXATION(name, entry) RelaxationEntry entry();
#include "nasmyth/supernet/relaxations.def"
#undef NASMYTH_RELAXATION

// d/d logit_o of sum_k g_k p_k with p = softmax(logits / t): p_o (g_o - sum_k p_k g_k) / t.
OptionWeights Relaxation::gradients(const RelaxedChoices& relaxed,
                                    const OptionWeights& weight_gradients) const {
  OptionWeights result = weight_gradients;
  for (std::size_t c = 0; c < result.size(); ++c) {
    const auto& p = relaxed.soft[c];
    double mean = 0;
    for (std::size_t o = 0; o < p.size(); ++o) mean += p[o] * weight_gradients[c][o];
    for (std::size_t o = 0; o < p.size(); ++o)
      result[c][o] = p[o] * (weight_gradients[c][o] - mean) / relaxed.temperature;
  }
  return result;
}

Registry<RelaxationEntry>& relaxations() {
  static Registry<RelaxationEntry>& registry = *[] {
    auto* r = new Registry<RelaxationEntry>("relaxation");  // never destroyed
#define NASMYTH_RELAXATION(name, entry) r->add(#name, entry());
#include "nasmyth/supernet/relaxations.def"
#undef NASMYTH_RELAXATION
    return r;
  }();
  return registry;
}

std::unique_ptr<Relaxation> make_relaxation(std::string_view name) {
  return relaxations().get(name, "relaxation").make();
}

}  // namespace nasmyth
