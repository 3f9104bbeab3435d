#pragma once

#include <functional>
#include <span>
#include <vector>

#include "nasmyth/torch/frame.h"

namespace nasmyth {

/// sum_j w_j x_j. `weights` is a site's leaf (float64, CPU, one weight an input of the select) and
/// `positions` say which weight belongs to which of `inputs`. Differentiable by both.
at::Tensor weighted_sum(const at::Tensor& weights, std::span<const int> positions,
                        const std::vector<at::Tensor>& inputs);

/// The same, differentiable any number of times, and slower.
at::Tensor plain_weighted_sum(const at::Tensor& weights, std::span<const int> positions,
                              const std::vector<at::Tensor>& inputs);

/// The same with constant weights.
at::Tensor weighted_sum(std::span<const double> weights, const std::vector<at::Tensor>& inputs);

/// What a value site makes of its weights: sum over the options of its choices of the product of
/// their weights times a row of numbers.
class ValueBlend {
 public:
  ValueBlend() = default;
  /// `sites` and `dims`: the sites that act and their option counts, the last fastest; `rows`: one
  /// row of `columns` numbers for each combination.
  ValueBlend(std::vector<int> sites, std::vector<std::int64_t> dims,
             const std::vector<double>& rows, std::int64_t columns);

  bool empty() const { return sites_.empty(); }
  /// [columns] in the frame's type and device; undefined where all numbers are known to be 1.
  at::Tensor operator()(Frame& frame) const;

 private:
  std::vector<int> sites_;
  std::vector<std::int64_t> dims_;
  std::int64_t columns_ = 0;
  at::Tensor table_;        // [combinations, columns], float64
  std::vector<char> ones_;  // by combination: the row is all ones
};

}  // namespace nasmyth
