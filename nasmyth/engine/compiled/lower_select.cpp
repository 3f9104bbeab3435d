// The weighted sum over the inputs of a select.
#include <algorithm>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/kernel_calls.h"
#include "nasmyth/engine/compiled/lowering.h"

namespace nasmyth::compiled {
namespace {

template <class T>
bool is_active(const Frame<T>& f, bool sampled, int site, std::size_t option) {
  return !sampled || f.weights->active[static_cast<std::size_t>(site)][option] != 0;
}

template <class T>
T weight_of(const Frame<T>& f, int site, int option) {
  return static_cast<T>(
      f.weights->weights[static_cast<std::size_t>(site)][static_cast<std::size_t>(option)]);
}

// dL/dw_j = <dL/dy, x_j>, and w_j dL/dy to input j.
template <class T>
void lower_option(Lowering<T>& l, int site, int option) {
  const BufferId x = l.input(option), dy = l.gradient();
  const std::int64_t size = l.size().elements();
  if (l.wants_choices()) {
    const BufferId products = l.buffer("products with input " + std::to_string(option), 8);
    Instruction<T>& i = l.backward("inner_product", {x}, {products});
    i.site = site;
    i.option = option;
    i.image = [=](Frame<T>& f, int, std::int64_t n) {
      *f.template image<double>(products, n) = call_dot<T>(size, f.image(dy, n), f.image(x, n));
    };
    i.after = [=](Frame<T>& f) {
      double& gradient =
          f.result
              ->site_gradients[static_cast<std::size_t>(site)][static_cast<std::size_t>(option)];
      for (std::int64_t n = 0; n < f.chunks.batch; ++n)
        gradient += *f.template image<double>(products, n);
    };
  }
  if (!l.input_needs_gradient(option)) return;
  const BufferId dx = l.input_gradient(option);
  Instruction<T>& i = l.backward_to(option, "add_weighted", {});
  i.site = site;
  i.option = option;
  i.image = [=](Frame<T>& f, int, std::int64_t n) {
    call_add<T>(size, weight_of(f, site, option), f.image(dy, n), f.image(dx, n));
  };
}

}  // namespace

template <class T>
void lower_select(Lowering<T>& l) {
  int site = -1;
  for (std::size_t s = 0; s < l.sites().size(); ++s)
    if (l.sites()[s].node == l.index()) site = static_cast<int>(s);
  std::vector<BufferId> inputs;
  for (int j = 0; j < l.inputs(); ++j) inputs.push_back(l.input(j));
  const bool sampled = l.spec().execution != Execution::kDense;
  const std::int64_t size = l.size().elements();
  Instruction<T>& i = l.forward("weighted_sum", inputs, {l.value()});
  i.before = [=, scope = l.node().scope](Frame<T>& f) {
    for (std::size_t j = 0; j < inputs.size(); ++j)
      if (is_active(f, sampled, site, j)) return;
    throw Error(ErrorKind::kInvalidArgument, scope, "no input of the select is active");
  };
  i.image = [=, y = l.value()](Frame<T>& f, int, std::int64_t n) {
    T* to = f.image(y, n);
    std::fill_n(to, size, T(0));
    for (std::size_t j = 0; j < inputs.size(); ++j) {
      if (!is_active(f, sampled, site, j)) continue;
      call_add<T>(size, weight_of(f, site, static_cast<int>(j)), f.image(inputs[j], n), to);
    }
  };
  if (!l.needs_gradient()) return;
  for (int j = 0; j < l.inputs(); ++j) lower_option(l, site, j);
}

template void lower_select<float>(Lowering<float>&);
template void lower_select<double>(Lowering<double>&);

}  // namespace nasmyth::compiled
