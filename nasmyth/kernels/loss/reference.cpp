#include <algorithm>
#include <cmath>

#include "nasmyth/kernels/loss.h"

namespace nasmyth {

// With p = softmax(z), e the smoothing and w the weights of the C classes:
//   loss = (1 - e) w_t (-log p_t) + e / C sum_c w_c (-log p_c)
template <class T>
double cross_entropy(const CrossEntropy& spec, const T* logits, std::int64_t target, double factor,
                     T* gradient) {
  const auto weight = [&](int c) { return spec.weight(c); };
  const double greatest = *std::max_element(logits, logits + spec.classes);
  double sum = 0, total = 0;
  for (int c = 0; c < spec.classes; ++c) {
    sum += std::exp(static_cast<double>(logits[c]) - greatest);
    total += weight(c);
  }
  const double log_sum = greatest + std::log(sum);
  const double hard = (1 - spec.smoothing) * weight(static_cast<int>(target));
  const double soft = spec.smoothing / spec.classes;
  double loss = hard * (log_sum - static_cast<double>(logits[target]));
  for (int c = 0; c < spec.classes; ++c) {
    const double surprise = log_sum - static_cast<double>(logits[c]);
    if (soft != 0) loss += soft * weight(c) * surprise;
    if (gradient)
      gradient[c] += static_cast<T>(factor * ((hard + soft * total) * std::exp(-surprise) -
                                              (c == target ? hard : 0) - soft * weight(c)));
  }
  return loss;
}

template double cross_entropy<float>(const CrossEntropy&, const float*, std::int64_t, double,
                                     float*);
template double cross_entropy<double>(const CrossEntropy&, const double*, std::int64_t, double,
                                      double*);

}  // namespace nasmyth
