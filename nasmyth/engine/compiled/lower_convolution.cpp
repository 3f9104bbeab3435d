// conv2d and linear; a linear layer is a convolution over an image of one pixel.
#include <memory>
#include <type_traits>
#include <variant>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/lowering.h"
#include "nasmyth/kernels/fast_convolution.h"

namespace nasmyth::compiled {
namespace {

// All that the calls of one convolution share. Where the kernel size is open, they read the blended
// weight: the stored one times the blend of what each option covers.
template <class T>
struct Convolution {
  ConvolutionSize size;
  int weight = -1, bias = -1;
  OptionBlend kernels;
  BufferId blended = -1;  // dense weight
  BufferId cells = -1;    // the blend, double
  BufferId partial = -1;  // gradients of weight and bias, one for each chunk
  // Single precision, and a size that the vector kernels know.
  std::shared_ptr<const FastConvolution> fast;
  BufferId packed = -1, flipped = -1, scratch = -1;

  std::int64_t weight_elements() const {
    return static_cast<std::int64_t>(size.output.channels) * size.depth() * plane();
  }
  std::int64_t plane() const { return static_cast<std::int64_t>(size.kernel[0]) * size.kernel[1]; }

  template <class U>
  WeightView<U> dense(U* data) const {
    return {data, {size.depth() * plane(), plane(), size.kernel[1], 1}};
  }
  // Elements of the weight's gradient of a chunk, and where each lies.
  std::int64_t gradient_elements() const {
    return fast ? fast->packed_elements() : weight_elements();
  }
  std::int64_t gradient_index(std::int64_t i, int o, int in, int y, int x) const {
    return fast ? fast->packed_index(o, in, y, x) : i;
  }
  WeightView<const T> weights(const Frame<T>& f) const {
    if (blended >= 0) return dense<const T>(f.template whole<T>(blended));
    const WeightView<T>& w = f.parameters[static_cast<std::size_t>(weight)].value;
    return {w.data, {w.stride[0], w.stride[1], w.stride[2], w.stride[3]}};
  }
  template <class F>
  void for_each_weight(F&& f) const {
    std::int64_t i = 0;
    for (int o = 0; o < size.output.channels; ++o)
      for (int in = 0; in < size.depth(); ++in)
        for (int y = 0; y < size.kernel[0]; ++y)
          for (int x = 0; x < size.kernel[1]; ++x) f(i++, o, in, y, x);
  }
};

// Of each chunk's part of a buffer.
std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

template <class T>
OptionBlend kernel_blend(const Lowering<T>& l, const ParameterSpec& weight) {
  const ChoiceFunction &high = weight.shape[2], &wide = weight.shape[3];
  if (simplify(high).is_constant() && simplify(wide).is_constant()) return {};
  const auto rows = static_cast<std::int64_t>(high.maximum());
  const auto columns = static_cast<std::int64_t>(wide.maximum());
  std::vector<ChoiceFunction> cells;
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < columns; ++x)
      cells.push_back(combine(high, wide, [=](double kh, double kw) {
        const auto h = static_cast<std::int64_t>(kh), w = static_cast<std::int64_t>(kw);
        const std::int64_t y0 = (rows - h) / 2, x0 = (columns - w) / 2;
        return y >= y0 && y < y0 + h && x >= x0 && x < x0 + w ? 1.0 : 0.0;
      }));
  return OptionBlend(l.graph(), l.sites(), l.index(), std::move(cells));
}

template <class T>
void lower_blend(Lowering<T>& l, Convolution<T>& c) {
  if (c.kernels.empty()) return;
  c.blended =
      l.buffer("blended weight", 0, 0, c.weight_elements() * static_cast<std::int64_t>(sizeof(T)));
  c.cells = l.buffer("blend of kernels", 0, 0, c.kernels.columns * 8);
  l.forward("blend_kernels", {}, {c.blended, c.cells}).before = [c](Frame<T>& f) {
    double* cells = f.template whole<double>(c.cells);
    c.kernels.blend(*f.weights, cells);
    const WeightView<T>& w = f.parameters[static_cast<std::size_t>(c.weight)].value;
    T* to = f.template whole<T>(c.blended);
    c.for_each_weight([&](std::int64_t i, int o, int in, int y, int x) {
      to[i] = w.at(o, in, y, x) * static_cast<T>(cells[y * c.size.kernel[1] + x]);
    });
  };
}

// Adds the sums over the chunks to the gradients of weight, bias and kernel sites.
template <class T>
void add_weight_gradients(const Convolution<T>& c, bool parameters, bool choices, Frame<T>& f) {
  const auto total = [&](std::int64_t i) {
    double sum = 0;
    for (int k = 0; k < f.chunks.count; ++k) sum += f.template chunk<T>(c.partial, k)[i];
    return sum;
  };
  const BoundParameter<T>& w = f.parameters[static_cast<std::size_t>(c.weight)];
  const double* cells = c.cells >= 0 ? f.template whole<double>(c.cells) : nullptr;
  std::vector<double> of_cells(cells ? static_cast<std::size_t>(c.plane()) : 0, 0.0);
  c.for_each_weight([&](std::int64_t i, int o, int in, int y, int x) {
    const double sum = total(c.gradient_index(i, o, in, y, x));
    const std::int64_t cell = static_cast<std::int64_t>(y) * c.size.kernel[1] + x;
    if (cells)
      of_cells[static_cast<std::size_t>(cell)] +=
          sum * static_cast<double>(w.value.at(o, in, y, x));
    if (parameters) w.gradient.at(o, in, y, x) += static_cast<T>(cells ? sum * cells[cell] : sum);
  });
  if (parameters) f.touched[static_cast<std::size_t>(w.entry)] = 1;
  if (cells && choices)
    c.kernels.add_gradients(*f.weights, of_cells.data(), f.result->site_gradients);
  if (c.bias < 0 || !parameters) return;
  const BoundParameter<T>& b = f.parameters[static_cast<std::size_t>(c.bias)];
  for (int o = 0; o < c.size.output.channels; ++o)
    b.gradient.at(o, 0, 0, 0) += static_cast<T>(total(c.gradient_elements() + o));
  f.touched[static_cast<std::size_t>(b.entry)] = 1;
}

// What the vector kernels read: weights in their own order, once a step.
template <class T>
void lower_packing(Lowering<T>& l, Convolution<T>& c) {
  if constexpr (std::is_same_v<T, float>) {
    if (!FastConvolution::fits(c.size)) return;
    c.fast = std::make_shared<FastConvolution>(c.size);
    c.packed = l.buffer("packed weight", 0, 0, c.fast->packed_elements() * 4);
    c.scratch = l.buffer("padded image", 0, c.fast->scratch_elements() * 4);
    std::vector<BufferId> reads, writes{c.packed};
    if (c.blended >= 0) reads.push_back(c.blended);
    if (l.input_needs_gradient()) {
      c.flipped = l.buffer("flipped weight", 0, 0, c.fast->packed_elements() * 4);
      writes.push_back(c.flipped);
    }
    l.forward("pack_weight", reads, writes).before = [c](Frame<float>& f) {
      c.fast->pack(c.weights(f), f.template whole<float>(c.packed));
      if (c.flipped >= 0) c.fast->pack_flipped(c.weights(f), f.template whole<float>(c.flipped));
    };
  }
}

template <class T>
void run_forward(const Convolution<T>& c, const T* x, T* y, Frame<T>& f, int chunk) {
  const T* bias = c.bias < 0 ? nullptr : f.parameters[static_cast<std::size_t>(c.bias)].value.data;
  if constexpr (std::is_same_v<T, float>)
    if (c.fast)
      return c.fast->forward(x, f.template whole<float>(c.packed), bias, y,
                             f.template chunk<float>(c.scratch, chunk));
  convolve<T>(c.size, x, c.weights(f), bias, y);
}

template <class T>
void run_input_gradient(const Convolution<T>& c, const T* dy, T* dx, Frame<T>& f, int chunk) {
  if constexpr (std::is_same_v<T, float>)
    if (c.fast)
      return c.fast->input_gradient(dy, f.template whole<float>(c.flipped), dx,
                                    f.template chunk<float>(c.scratch, chunk));
  convolve_input_gradient<T>(c.size, dy, c.weights(f), dx);
}

template <class T>
void run_weight_gradient(const Convolution<T>& c, const T* x, const T* dy, Frame<T>& f, int chunk) {
  T* sum = f.template chunk<T>(c.partial, chunk);
  T* bias = c.bias < 0 ? nullptr : sum + c.gradient_elements();
  if constexpr (std::is_same_v<T, float>)
    if (c.fast) {
      c.fast->weight_gradient(x, dy, sum, f.template chunk<float>(c.scratch, chunk));
      if (bias) add_bias_gradient<T>(c.size.output, dy, bias);
      return;
    }
  convolve_weight_gradient<T>(c.size, x, dy, c.template dense<T>(sum), bias);
}

template <class T>
void lower_weight_gradient(Lowering<T>& l, Convolution<T> c) {
  const BufferId x = l.input(), dy = l.gradient();
  const bool parameters = l.wants_parameters();
  const bool choices = l.wants_choices() && c.blended >= 0;
  if (!parameters && !choices) return;
  const std::int64_t elements = c.gradient_elements() + (c.bias < 0 ? 0 : c.size.output.channels);
  c.partial =
      l.buffer("weight gradients", 0, aligned(elements * static_cast<std::int64_t>(sizeof(T))));
  std::vector<BufferId> reads{x}, writes{c.partial};
  if (c.cells >= 0) reads.push_back(c.cells);
  if (c.scratch >= 0) writes.push_back(c.scratch);
  Instruction<T>& i = l.backward("convolve_weight_gradient", reads, writes);
  i.partial = c.partial;
  i.image = [=](Frame<T>& f, int chunk, std::int64_t n) {
    run_weight_gradient(c, f.image(x, n), f.image(dy, n), f, chunk);
  };
  i.after = [=](Frame<T>& f) { add_weight_gradients(c, parameters, choices, f); };
}

template <class T>
void lower_calls(Lowering<T>& l, Convolution<T> c) {
  lower_blend(l, c);
  lower_packing(l, c);
  const BufferId x = l.input(), y = l.value(), dy = l.gradient(), dx = l.input_gradient();
  std::vector<BufferId> weights;
  for (BufferId b : {c.blended, c.packed})
    if (b >= 0) weights.push_back(b);
  std::vector<BufferId> reads = weights, writes{y};
  reads.push_back(x);
  if (c.scratch >= 0) writes.push_back(c.scratch);
  l.forward("convolve", reads, writes).image = [=](Frame<T>& f, int chunk, std::int64_t n) {
    run_forward(c, f.image(x, n), f.image(y, n), f, chunk);
  };
  if (l.needs_gradient()) lower_weight_gradient(l, c);
  if (!l.input_needs_gradient()) return;
  std::vector<BufferId> from;
  for (BufferId b : {c.blended, c.flipped})
    if (b >= 0) from.push_back(b);
  Instruction<T>& i = l.backward_to(0, "convolve_input_gradient", from);
  if (c.scratch >= 0) i.writes.push_back(c.scratch);
  i.image = [=](Frame<T>& f, int chunk, std::int64_t n) {
    run_input_gradient(c, f.image(dy, n), f.image(dx, n), f, chunk);
  };
}

}  // namespace

template <class T>
void lower_convolution(Lowering<T>& l) {
  Convolution<T> c;
  c.weight = l.parameter("weight");
  c.bias = l.parameter("bias");
  const ParameterUse& weight = l.use(c.weight);
  ConvolutionSize& s = c.size;
  s.input = l.input_size();
  s.output = l.size();
  s.dilation = l.integer("dilation", 1);
  const char* paddings[2] = {"padding_height", "padding_width"};
  for (int axis = 0; axis < 2; ++axis) {
    s.kernel[axis] = static_cast<int>(weight.shape[static_cast<std::size_t>(axis) + 2]);
    s.stride[axis] = l.axis_integer("stride", axis, 1);
    const bool stated = l.node().has("padding") || l.node().has(paddings[axis]);
    s.padding[axis] =
        stated ? l.axis_integer("padding", axis, 0) : s.dilation * (s.kernel[axis] - 1) / 2;
  }
  const auto groups = l.node().attributes.find("groups");
  const bool depthwise =
      groups != l.node().attributes.end() && std::holds_alternative<std::string>(groups->second);
  s.groups = depthwise ? s.input.channels : l.integer("groups", 1);
  c.kernels = kernel_blend(l, l.parameter_spec("weight"));
  lower_calls(l, std::move(c));
}

template <class T>
void lower_linear(Lowering<T>& l) {
  Convolution<T> c;
  c.weight = l.parameter("weight");
  c.bias = l.parameter("bias");
  c.size.input = l.input_size();
  c.size.output = l.size();
  lower_calls(l, std::move(c));
}

template void lower_convolution<float>(Lowering<float>&);
template void lower_convolution<double>(Lowering<double>&);
template void lower_linear<float>(Lowering<float>&);
template void lower_linear<double>(Lowering<double>&);

}  // namespace nasmyth::compiled
