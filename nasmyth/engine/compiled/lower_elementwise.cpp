// Activations, sums and products, and what multiplies by random or chosen numbers.
#include <algorithm>
#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/kernel_calls.h"
#include "nasmyth/engine/compiled/lowering.h"

namespace nasmyth::compiled {
namespace {

Activation activation(const Node& node) {
  constexpr std::pair<std::string_view, Activation> kNames[] = {
      {"relu", Activation::kRelu},       {"h_swish", Activation::kHSwish},
      {"swish", Activation::kSwish},     {"gelu", Activation::kGelu},
      {"sigmoid", Activation::kSigmoid}, {"h_sigmoid", Activation::kHSigmoid},
      {"tanh", Activation::kTanh},       {"softplus", Activation::kSoftplus}};
  for (const auto& [name, f] : kNames)
    if (node.operation == name) return f;
  throw Error(ErrorKind::kInternal, node.scope, "no activation '" + node.operation + "'");
}

// Which element of b goes with element i of an image: the same, or that of its channel.
struct Beside {
  std::int64_t plane;  // 0: the same sizes
  std::int64_t operator()(std::int64_t i) const {
    return plane == 0 ? i : i / plane * kLanes + i % kLanes;
  }
};

// Random numbers of `count` places: 0, or 1 / (1 - drop).
template <class T, class Place>
void fill_kept(RandomStream random, std::int64_t count, double drop, Place&& place) {
  const auto threshold = static_cast<std::uint64_t>(std::ldexp(drop, 32));
  const T kept = T(1) / static_cast<T>(1 - drop);
  for (std::int64_t i = 0; i < count; i += 2) {  // 64 random bits serve two places
    const std::uint64_t bits = random.next();
    place(i) = (bits & 0xffffffffu) >= threshold ? kept : T(0);
    if (i + 1 < count) place(i + 1) = bits >> 32 >= threshold ? kept : T(0);
  }
}

// y = x m and dx += dy m, where `m` holds one number for each element that `beside` tells apart.
template <class T>
void lower_factor(Lowering<T>& l, std::string_view kernel, BufferId m, Beside beside,
                  std::function<void(Frame<T>&)> fill) {
  const BufferId x = l.input(), y = l.value(), dy = l.gradient(), dx = l.input_gradient();
  const std::int64_t size = l.size().elements();
  Instruction<T>& i = l.forward(kernel, {x}, {m, y});
  i.before = std::move(fill);
  i.image = [=](Frame<T>& f, int, std::int64_t n) {
    const T *from = f.image(x, n), *factor = f.image(m, n);
    T* to = f.image(y, n);
    for (std::int64_t k = 0; k < size; ++k) to[k] = from[k] * factor[beside(k)];
  };
  if (!l.input_needs_gradient()) return;
  l.backward_to(0, kernel, {m}).image = [=](Frame<T>& f, int, std::int64_t n) {
    const T *from = f.image(dy, n), *factor = f.image(m, n);
    T* to = f.image(dx, n);
    for (std::int64_t k = 0; k < size; ++k) to[k] += from[k] * factor[beside(k)];
  };
}

}  // namespace

template <class T>
void lower_activation(Lowering<T>& l) {
  const Activation function = activation(l.node());
  const BufferId x = l.input(), y = l.value(), dy = l.gradient(), dx = l.input_gradient();
  const ImageSize size = l.size();
  l.forward("activate", {x}, {y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    call_activate<T>(function, size, f.image(x, n), f.image(y, n));
  };
  if (!l.input_needs_gradient()) return;
  l.backward_to(0, "activate_gradient", {x}).image = [=](Frame<T>& f, int, std::int64_t n) {
    call_activate_gradient<T>(function, size, f.image(x, n), f.image(dy, n), f.image(dx, n));
  };
}

template <class T>
void lower_sum(Lowering<T>& l) {
  const BufferId y = l.value(), dy = l.gradient();
  const std::int64_t size = l.size().elements();
  std::vector<BufferId> inputs;
  for (int i = 0; i < l.inputs(); ++i) inputs.push_back(l.input(i));
  l.forward("sum", inputs, {y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    T* to = f.image(y, n);
    std::copy_n(f.image(inputs[0], n), size, to);
    for (std::size_t i = 1; i < inputs.size(); ++i) call_add<T>(size, 1, f.image(inputs[i], n), to);
  };
  for (int i = 0; i < l.inputs(); ++i) {
    if (!l.input_needs_gradient(i)) continue;
    const BufferId dx = l.input_gradient(i);
    l.backward_to(i, "add", {}).image = [=](Frame<T>& f, int, std::int64_t n) {
      call_add<T>(size, 1, f.image(dy, n), f.image(dx, n));
    };
  }
}

// x * y, where y may hold one number for each channel of x.
template <class T>
void lower_multiply(Lowering<T>& l) {
  const BufferId a = l.input(0), b = l.input(1), y = l.value(), dy = l.gradient();
  const std::int64_t size = l.size().elements();
  const ImageSize sa = l.input_size(0), sb = l.input_size(1);
  const auto beside = [&](const ImageSize& s) {
    return Beside{s == l.size() ? 0 : l.size().pixels() * kLanes};
  };
  const Beside at_a = beside(sa), at_b = beside(sb);
  l.forward("multiply", {a, b}, {y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    const T *u = f.image(a, n), *v = f.image(b, n);
    T* to = f.image(y, n);
    for (std::int64_t k = 0; k < size; ++k) to[k] = u[at_a(k)] * v[at_b(k)];
  };
  for (int i = 0; i < 2; ++i) {
    if (!l.input_needs_gradient(i)) continue;
    const BufferId other = l.input(1 - i), dx = l.input_gradient(i);
    const Beside own = i == 0 ? at_a : at_b, at_other = i == 0 ? at_b : at_a;
    l.backward_to(i, "multiply", {other}).image = [=](Frame<T>& f, int, std::int64_t n) {
      const T *g = f.image(dy, n), *v = f.image(other, n);
      T* to = f.image(dx, n);
      for (std::int64_t k = 0; k < size; ++k) to[own(k)] += g[k] * v[at_other(k)];
    };
  }
}

template <class T>
void lower_drop_path(Lowering<T>& l) {
  if (!l.spec().training) return lower_identity(l);
  const BufferId m = l.buffer("kept", 64 * static_cast<std::int64_t>(sizeof(T)));
  const std::int64_t plane = l.size().elements();
  // One number an image: every element reads the first.
  lower_factor<T>(
      l, "drop_path", m, Beside{plane * kLanes}, [=, scope = l.node().scope](Frame<T>& f) {
        const double drop = std::max(f.scalars->drop_path, 0.0);
        std::vector<T> kept(static_cast<std::size_t>(f.chunks.batch), T(1));
        if (drop > 0)
          fill_kept<T>(f.random.fork(scope), f.chunks.batch, drop,
                       [&](std::int64_t n) -> T& { return kept[static_cast<std::size_t>(n)]; });
        for (std::int64_t n = 0; n < f.chunks.batch; ++n)
          std::fill_n(f.image(m, n), kLanes, kept[static_cast<std::size_t>(n)]);
      });
}

template <class T>
void lower_dropout(Lowering<T>& l) {
  const double rate = l.node().constant("rate", 0.5);
  if (!l.spec().training || rate <= 0) return lower_identity(l);
  const ImageSize size = l.size();
  const BufferId m = l.buffer("kept", size.elements() * static_cast<std::int64_t>(sizeof(T)));
  lower_factor<T>(l, "dropout", m, Beside{0}, [=, scope = l.node().scope](Frame<T>& f) {
    const std::int64_t pixels = size.pixels(), each = size.channels * pixels;
    for (std::int64_t n = 0; n < f.chunks.batch; ++n)
      std::fill_n(f.image(m, n), size.elements(), T(0));
    fill_kept<T>(f.random.fork(scope), f.chunks.batch * each, rate, [&](std::int64_t i) -> T& {
      const std::int64_t p = i % pixels;
      const int c = static_cast<int>(i % each / pixels);
      return f.image(m, i / each)[size.at(c, 0, 0) + p * kLanes];
    });
  });
}

// y = x m, with m the blend of the masks of all widths.
template <class T>
void lower_mask(Lowering<T>& l) {
  const ChoiceFunction width =
      simplify(l.graph().shapes[static_cast<std::size_t>(l.input_node())].channels());
  if (width.is_constant()) return lower_identity(l);
  const ImageSize size = l.size();
  const int lanes = size.blocks() * kLanes;
  std::vector<ChoiceFunction> channels;
  for (int c = 0; c < size.channels; ++c)
    channels.push_back(combine(width, static_cast<double>(c),
                               [](double w, double at) { return at < w ? 1.0 : 0.0; }));
  const OptionBlend blend(l.graph(), l.sites(), l.index(), std::move(channels));
  const BufferId m = l.buffer("mask", 0, 0, lanes * static_cast<std::int64_t>(sizeof(T)));
  lower_factor<T>(l, "mask", m, Beside{size.pixels() * kLanes}, [=](Frame<T>& f) {
    std::vector<double> values(static_cast<std::size_t>(lanes), 0.0);
    blend.blend(*f.weights, values.data());
    std::copy(values.begin(), values.end(), f.template whole<T>(m));
  });
  if (!l.wants_choices()) return;
  const BufferId x = l.input(), dy = l.gradient();
  const BufferId sums = l.buffer("mask gradients", lanes * 8);
  Instruction<T>& i = l.backward("mask_gradient", {x}, {sums});
  i.image = [=](Frame<T>& f, int, std::int64_t n) {
    const T *from = f.image(x, n), *g = f.image(dy, n);
    double* sum = f.template image<double>(sums, n);
    std::fill_n(sum, lanes, 0.0);
    const Beside channel{size.pixels() * kLanes};
    for (std::int64_t k = 0; k < size.elements(); ++k)
      sum[channel(k)] += static_cast<double>(from[k]) * static_cast<double>(g[k]);
  };
  i.after = [=](Frame<T>& f) {
    std::vector<double> total(static_cast<std::size_t>(lanes), 0.0);
    for (std::int64_t n = 0; n < f.chunks.batch; ++n)
      for (int c = 0; c < lanes; ++c)
        total[static_cast<std::size_t>(c)] += f.template image<double>(sums, n)[c];
    blend.add_gradients(*f.weights, total.data(), f.result->site_gradients);
  };
}

#define NASMYTH_LOWER(T)                           \
  template void lower_activation<T>(Lowering<T>&); \
  template void lower_sum<T>(Lowering<T>&);        \
  template void lower_multiply<T>(Lowering<T>&);   \
  template void lower_drop_path<T>(Lowering<T>&);  \
  template void lower_dropout<T>(Lowering<T>&);    \
  template void lower_mask<T>(Lowering<T>&);
NASMYTH_LOWER(float)
NASMYTH_LOWER(double)
#undef NASMYTH_LOWER

}  // namespace nasmyth::compiled
