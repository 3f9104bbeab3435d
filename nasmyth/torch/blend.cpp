#include "nasmyth/torch/blend.h"

#include <numeric>

namespace nasmyth {

using ::torch::autograd::AutogradContext;
using ::torch::autograd::variable_list;

namespace {

// Expanded from one number, as is the result of `zero`: no memory of its own to read.
bool is_expanded(const at::Tensor& x) {
  return x.numel() > 1 &&
         std::all_of(x.strides().begin(), x.strides().end(), [](auto s) { return s == 0; });
}

bool is_zero(const at::Tensor& x) {
  return is_expanded(x) && !x.requires_grad() && x.as_strided({}, {}).item<double>() == 0;
}

// <a, b> as a tensor of rank 0.
at::Tensor inner_product(const at::Tensor& a, const at::Tensor& b) {
  if (is_expanded(b)) return b.as_strided({}, {}) * a.sum();
  if (a.strides() == b.strides() && a.is_non_overlapping_and_dense()) {
    const std::int64_t n = a.numel();
    return at::dot(a.as_strided({n}, {1}), b.as_strided({n}, {1}));
  }
  return at::dot(a.contiguous().view(-1), b.contiguous().view(-1));
}

at::Tensor accumulate(std::span<const double> weights, at::TensorList inputs) {
  std::size_t first = 0;  // its memory layout is that of the result
  while (first + 1 < inputs.size() && is_expanded(inputs[first])) ++first;
  at::Tensor sum = at::mul(inputs[first], weights[first]);
  for (std::size_t j = 0; j < inputs.size(); ++j)
    if (j != first && !is_zero(inputs[j])) sum.add_(inputs[j], weights[j]);
  return sum;
}

// sum_j w_j x_j; keeps the inputs for the gradient of the weights: <dL/dy, x_j>.
class WeightedSum : public ::torch::autograd::Function<WeightedSum> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& weights,
                            std::vector<std::int64_t> positions, at::TensorList inputs) {
    const double* w = weights.const_data_ptr<double>();
    std::vector<double> used;
    for (std::int64_t p : positions) used.push_back(w[p]);
    variable_list saved(inputs.begin(), inputs.end());
    context->save_for_backward(std::move(saved));
    context->saved_data["used"] = used;
    context->saved_data["positions"] = std::move(positions);
    context->saved_data["count"] = weights.numel();
    return used.size() == 1 && used[0] == 1 ? inputs[0].view_as(inputs[0])
                                            : accumulate(used, inputs);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto inputs = context->get_saved_variables();
    const std::vector<double> used = context->saved_data["used"].toDoubleVector();
    const std::vector<std::int64_t> positions = context->saved_data["positions"].toIntVector();
    const at::Tensor& g = gradients[0];
    variable_list result(2);  // of the weights; none of the positions
    std::vector<at::Tensor> products;
    for (std::size_t j = 0; j < inputs.size(); ++j) {
      products.push_back(inner_product(g, inputs[j]));
      result.push_back(used[j] == 1 ? g : g * used[j]);
    }
    const at::Tensor values = at::stack(products).to(at::kCPU, at::kDouble);
    result[0] = at::zeros({context->saved_data["count"].toInt()}, at::kDouble);
    for (std::size_t j = 0; j < inputs.size(); ++j)
      result[0][positions[j]] += values[static_cast<std::int64_t>(j)];
    return result;
  }
};

}  // namespace

at::Tensor weighted_sum(const at::Tensor& weights, std::span<const int> positions,
                        const std::vector<at::Tensor>& inputs) {
  return WeightedSum::apply(weights, std::vector<std::int64_t>(positions.begin(), positions.end()),
                            at::TensorList(inputs));
}

at::Tensor plain_weighted_sum(const at::Tensor& weights, std::span<const int> positions,
                              const std::vector<at::Tensor>& inputs) {
  at::Tensor sum;
  for (std::size_t j = 0; j < inputs.size(); ++j) {
    const at::Tensor term = inputs[j] * weights[positions[j]].to(inputs[j].options());
    sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

at::Tensor weighted_sum(std::span<const double> weights, const std::vector<at::Tensor>& inputs) {
  if (inputs.size() == 1 && weights[0] == 1) return inputs[0];
  return accumulate(weights, inputs);
}

ValueBlend::ValueBlend(std::vector<int> sites, std::vector<std::int64_t> dims,
                       const std::vector<double>& rows, std::int64_t columns)
    : sites_(std::move(sites)), dims_(std::move(dims)), columns_(columns) {
  const auto combinations = static_cast<std::int64_t>(rows.size()) / columns;
  table_ = at::tensor(rows, at::kDouble).view({combinations, columns});
  for (std::int64_t i = 0; i < combinations; ++i)
    ones_.push_back(std::all_of(rows.begin() + i * columns, rows.begin() + (i + 1) * columns,
                                [](double v) { return v == 1; }));
}

at::Tensor ValueBlend::operator()(Frame& frame) const {
  std::int64_t row = 0;
  for (std::size_t s = 0; s < sites_.size() && row >= 0; ++s) {
    const int hot = frame.site_gradients ? -1 : frame.hot(sites_[s]);
    row = hot < 0 ? -1 : row * dims_[s] + hot;
  }
  at::Tensor result = table_;
  if (row >= 0) {
    if (ones_[static_cast<std::size_t>(row)]) return {};
    result = table_[row];
  } else {
    for (std::size_t s = 0; s < sites_.size(); ++s)
      result = at::mv(result.reshape({dims_[s], -1}).t(), frame.site(sites_[s]));
  }
  return result.to(frame.device, frame.type);
}

}  // namespace nasmyth
