#include "nasmyth/engine/option_blend.h"

#include <algorithm>

#include "nasmyth/core/error.h"

namespace nasmyth {

OptionBlend::OptionBlend(const ExpandedGraph& graph, std::span<const Site> all, int node,
                         std::vector<ChoiceFunction> functions)
    : columns(static_cast<int>(functions.size())) {
  const ChoiceSet& choices = *graph.graph.choices();
  for (auto& function : functions) function = simplify(function);
  for (std::size_t s = 0; s < all.size(); ++s)
    if (all[s].node == node && all[s].kind == Site::Kind::kValue) {
      sites.push_back(static_cast<int>(s));
      sizes.push_back(all[s].size);
    }
  const auto site = [&](int i) -> const Site& { return all[static_cast<std::size_t>(i)]; };
  for (const auto& function : functions)
    for (int c : function.scope())
      if (std::none_of(sites.begin(), sites.end(), [&](int s) { return site(s).choice == c; }))
        throw Error(ErrorKind::kInternal, graph.graph.node(node).scope,
                    "no site for the choice '" + choices[c].name + "'");
  std::vector<int> at(static_cast<std::size_t>(choices.size()), 0);
  for (int i = 0; i < combinations(); ++i) {
    const std::vector<int> picked = options(i);
    for (std::size_t k = 0; k < sites.size(); ++k)
      at[static_cast<std::size_t>(site(sites[k]).choice)] = picked[k];
    for (const auto& function : functions) rows.push_back(function.at(at));
  }
}

int OptionBlend::combinations() const {
  int count = 1;
  for (int size : sizes) count *= size;
  return count;
}

std::vector<int> OptionBlend::options(int combination) const {
  std::vector<int> picked(sizes.size());
  for (std::size_t k = sizes.size(); k-- > 0; combination /= sizes[k])
    picked[k] = combination % sizes[k];
  return picked;
}

void OptionBlend::blend(const ChoiceWeights& weights, double* result) const {
  std::fill_n(result, columns, 0.0);
  for (int i = 0; i < combinations(); ++i) {
    const std::vector<int> picked = options(i);
    double product = 1;
    for (std::size_t k = 0; k < sites.size(); ++k)
      product *=
          weights.weights[static_cast<std::size_t>(sites[k])][static_cast<std::size_t>(picked[k])];
    if (product == 0) continue;
    const double* row = rows.data() + static_cast<std::size_t>(i) * columns;
    for (int c = 0; c < columns; ++c) result[c] += product * row[c];
  }
}

void OptionBlend::add_gradients(const ChoiceWeights& weights, const double* gradient,
                                std::vector<std::vector<double>>& site_gradients) const {
  for (int i = 0; i < combinations(); ++i) {
    const std::vector<int> picked = options(i);
    const double* row = rows.data() + static_cast<std::size_t>(i) * columns;
    double along = 0;
    for (int c = 0; c < columns; ++c) along += row[c] * gradient[c];
    for (std::size_t k = 0; k < sites.size(); ++k) {
      double others = 1;
      for (std::size_t m = 0; m < sites.size(); ++m)
        if (m != k)
          others *=
              weights
                  .weights[static_cast<std::size_t>(sites[m])][static_cast<std::size_t>(picked[m])];
      site_gradients[static_cast<std::size_t>(sites[k])][static_cast<std::size_t>(picked[k])] +=
          others * along;
    }
  }
}

}  // namespace nasmyth
