#include "nasmyth/torch/primitive_table.h"

#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/option_blend.h"
#include "nasmyth/engine/step_checks.h"

namespace nasmyth {
namespace {

using Sizes = std::vector<std::int64_t>;

std::int64_t axis_integer(const Lowering& l, const char* name, const char* suffix,
                          std::int64_t fallback) {
  return l.integer(std::string(name) + suffix, l.integer(name, fallback));
}

// [channels] or [1] beside [batch, channels, height, width] or [batch, channels].
at::Tensor beside(const at::Tensor& row, const at::Tensor& x) {
  return x.dim() == 4 ? row.view({1, -1, 1, 1}) : row.view({1, -1});
}

NodeKernel lower_input(const Lowering& l) {
  const std::string name = l.node.scope;
  const TensorShape shape = l.shape();
  return [name, shape](Frame& f) {
    const TensorView& view = find_input(*f.batch, name, shape);
    const at::Tensor x = at::from_blob(const_cast<float*>(view.data), view.shape, at::kFloat);
    const at::Tensor moved = x.to(f.device, f.type);
    return moved.dim() == 4 ? moved.contiguous(f.layout) : moved;
  };
}

// One convolution; 0 groups stand for depthwise.
struct Convolution {
  int input = -1;
  ParameterSlice weight;
  std::optional<ParameterSlice> bias;
  ValueBlend kernels;
  std::int64_t stride[2], padding[2], dilation = 1, groups = 1;
  bool same[2];  // padding follows the kernel

  // The part of a blend of the greatest kernel that covers `w`, beside it.
  at::Tensor centre(const at::Tensor& blend, const at::Tensor& w) const {
    at::Tensor part = blend.view({1, 1, weight.shape[2].greatest, weight.shape[3].greatest});
    for (std::int64_t axis : {2, 3})
      part = part.narrow(axis, (part.size(axis) - w.size(axis)) / 2, w.size(axis));
    return part;
  }

  at::Tensor operator()(Frame& f) const {
    const at::Tensor& x = f.value(input);
    at::Tensor w = f.parameter(weight);
    if (!kernels.empty() && (!f.sliced || f.site_gradients))
      if (const at::Tensor blend = kernels(f); blend.defined()) w = w * centre(blend, w);
    std::int64_t pads[2];
    for (int axis = 0; axis < 2; ++axis)
      pads[axis] = same[axis] ? dilation * (w.size(2 + axis) - 1) / 2 : padding[axis];
    // One input channel has no layout of its own, so the result may come in another one.
    return at::conv2d(x, w, bias ? f.parameter(*bias) : at::Tensor(), at::IntArrayRef(stride, 2),
                      at::IntArrayRef(pads, 2), dilation, groups == 0 ? x.size(1) : groups)
        .contiguous(f.layout);
  }
};

// One row for each combination of options: 1 within the centre of its kernel.
ValueBlend kernel_blend(const Lowering& l, const ParameterSlice& weight) {
  const OpenSize &high = weight.shape[2], &wide = weight.shape[3];
  if (!high.open() && !wide.open()) return {};
  std::vector<ChoiceFunction> cells;
  for (std::int64_t y = 0; y < high.greatest; ++y)
    for (std::int64_t x = 0; x < wide.greatest; ++x)
      cells.push_back(combine(high.function, wide.function, [=](double kh, double kw) {
        const auto h = static_cast<std::int64_t>(kh), w = static_cast<std::int64_t>(kw);
        const std::int64_t y0 = (high.greatest - h) / 2, x0 = (wide.greatest - w) / 2;
        return y >= y0 && y < y0 + h && x >= x0 && x < x0 + w ? 1.0 : 0.0;
      }));
  return l.blend(l.index, std::move(cells));
}

NodeKernel lower_conv2d(const Lowering& l) {
  Convolution c;
  c.input = l.input();
  c.weight = *l.parameter("weight");
  if (const auto* bias = l.parameter("bias")) c.bias = *bias;
  c.kernels = kernel_blend(l, c.weight);
  c.dilation = l.integer("dilation", 1);
  const char* suffixes[2] = {"_height", "_width"};
  for (int axis = 0; axis < 2; ++axis) {
    c.same[axis] = !l.node.has("padding") && !l.node.has(std::string("padding") + suffixes[axis]);
    c.stride[axis] = axis_integer(l, "stride", suffixes[axis], 1);
    c.padding[axis] = c.same[axis] ? 0 : axis_integer(l, "padding", suffixes[axis], 0);
  }
  const auto groups = l.node.attributes.find("groups");
  const bool depthwise =
      groups != l.node.attributes.end() && std::holds_alternative<std::string>(groups->second);
  c.groups = depthwise ? 0 : l.integer("groups", 1);
  return c;
}

NodeKernel lower_linear(const Lowering& l) {
  const ParameterSlice weight = *l.parameter("weight");
  const auto* b = l.parameter("bias");
  const std::optional<ParameterSlice> bias = b ? std::optional(*b) : std::nullopt;
  return [in = l.input(), weight, bias](Frame& f) {
    return bias ? at::linear(f.value(in), f.parameter(weight), f.parameter(*bias))
                : at::linear(f.value(in), f.parameter(weight));
  };
}

NodeKernel lower_batch_norm(const Lowering& l) {
  struct Norm {
    int input;
    std::optional<ParameterSlice> weight, bias;
    ParameterSlice mean, variance;
    BatchNormMode mode;
    double momentum, epsilon;
    std::string scope;
  };
  Norm n{l.input(),
         {},
         {},
         *l.parameter("running_mean"),
         *l.parameter("running_variance"),
         l.spec.batch_norm,
         l.node.constant("momentum", 0.1),
         l.node.constant("epsilon", 1e-5),
         l.node.scope};
  if (const auto* p = l.parameter("weight")) n.weight = *p;
  if (const auto* p = l.parameter("bias")) n.bias = *p;
  return [n](Frame& f) {
    const at::Tensor& x = f.value(n.input);
    const bool batch = n.mode != BatchNormMode::kRunning;
    if (batch && x.numel() == x.size(1))
      throw Error(ErrorKind::kShape, n.scope,
                  "batch statistics of one value a channel have no variance",
                  "use a batch of at least two samples");
    const at::Tensor none;
    const bool running = n.mode != BatchNormMode::kBatch;
    return std::get<0>(at::native_batch_norm(
        x, n.weight ? f.parameter(*n.weight) : none, n.bias ? f.parameter(*n.bias) : none,
        running ? f.parameter(n.mean) : none, running ? f.parameter(n.variance) : none, batch,
        n.momentum, n.epsilon));
  };
}

NodeKernel lower_relu(const Lowering& l) {
  if (l.overwrite) return [in = l.input()](Frame& f) { return at::relu_(f.value(in)); };
  return [in = l.input()](Frame& f) { return at::relu(f.value(in)); };
}

template <at::Tensor (*function)(const at::Tensor&)>
NodeKernel lower_pointwise(const Lowering& l) {
  return [in = l.input()](Frame& f) { return function(f.value(in)); };
}

// In double, LibTorch's own multiply by the single-precision sixth.
at::Tensor h_sigmoid(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? at::clamp(x + 3, 0, 6) / 6 : at::hardsigmoid(x);
}
at::Tensor h_swish(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x * h_sigmoid(x) : at::hardswish(x);
}

at::Tensor softplus(const at::Tensor& x) {
  return at::softplus(x, 1, 40);  // beyond it, the difference from x is below any rounding
}
at::Tensor gelu(const at::Tensor& x) { return at::gelu(x); }

struct PoolWindow {
  explicit PoolWindow(const Lowering& l) : input(l.input()) {
    const char* suffixes[2] = {"_height", "_width"};
    for (const char* suffix : suffixes) {
      kernel.push_back(axis_integer(l, "kernel", suffix, 3));
      stride.push_back(axis_integer(l, "stride", suffix, 1));
      padding.push_back(axis_integer(l, "padding", suffix, (kernel.back() - 1) / 2));
    }
  }
  int input;
  Sizes kernel, stride, padding;  // height, width
};

NodeKernel lower_max_pool(const Lowering& l) {
  return [w = PoolWindow(l)](Frame& f) {
    return at::max_pool2d(f.value(w.input), w.kernel, w.stride, w.padding);
  };
}

NodeKernel lower_avg_pool(const Lowering& l) {
  return [w = PoolWindow(l)](Frame& f) {
    return at::avg_pool2d(f.value(w.input), w.kernel, w.stride, w.padding, /*ceil_mode=*/false,
                          /*count_include_pad=*/false);
  };
}

NodeKernel lower_global_pool(const Lowering& l) {
  return [in = l.input()](Frame& f) { return at::mean(f.value(in), at::IntArrayRef{2, 3}); };
}

NodeKernel lower_identity(const Lowering& l) {
  return [in = l.input()](Frame& f) { return f.value(in); };
}

Sizes strided_sizes(const at::Tensor& x, std::int64_t stride) {
  Sizes sizes = x.sizes().vec();
  for (std::size_t d = 2; d < sizes.size(); ++d) sizes[d] = (sizes[d] - 1) / stride + 1;
  return sizes;
}

// No memory of its own: one zero, expanded.
NodeKernel lower_zero(const Lowering& l) {
  return [in = l.input(), stride = l.integer("stride", 1)](Frame& f) {
    const at::Tensor& x = f.value(in);
    return at::zeros({}, x.options()).expand(strided_sizes(x, stride));
  };
}

NodeKernel lower_gaussian_noise(const Lowering& l) {
  if (!l.spec.training) return lower_zero(l);
  return [in = l.input(), stride = l.integer("stride", 1), scope = l.node.scope](Frame& f) {
    RandomStream random = f.random.fork(scope);
    at::Tensor noise = at::empty(strided_sizes(f.value(in), stride), at::kFloat);
    float* numbers = noise.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < noise.numel(); ++i)
      numbers[i] = static_cast<float>(random.normal());
    noise = noise.to(f.device, f.type);
    return noise.dim() == 4 ? noise.contiguous(f.layout) : noise;
  };
}

NodeKernel lower_sum(const Lowering& l) {
  return [inputs = l.node.inputs](Frame& f) {
    if (inputs.size() == 1) return f.value(inputs[0]);
    at::Tensor sum = at::add(f.value(inputs[0]), f.value(inputs[1]));
    for (std::size_t i = 2; i < inputs.size(); ++i) sum.add_(f.value(inputs[i]));
    return sum;
  };
}

NodeKernel lower_multiply(const Lowering& l) {
  return [a = l.input(0), b = l.input(1)](Frame& f) {
    const at::Tensor &x = f.value(a), &y = f.value(b);
    return x.dim() == 4 && y.dim() == 2 ? x * y.unsqueeze(-1).unsqueeze(-1) : x * y;
  };
}

NodeKernel lower_concat(const Lowering& l) {
  return [inputs = l.node.inputs](Frame& f) {
    std::vector<at::Tensor> parts;
    for (int i : inputs) parts.push_back(f.value(i));
    return at::cat(parts, 1);
  };
}

NodeKernel lower_slice(const Lowering& l) {
  const OpenSize begin = l.node.number("begin", 0), channels = l.shape().channels();
  return [in = l.input(), begin, channels](Frame& f) {
    return f.value(in).narrow(1, f.size(begin), f.size(channels));
  };
}

NodeKernel lower_shift(const Lowering& l) {
  return [in = l.input(), rows = l.integer("rows", 1)](Frame& f) {
    const at::Tensor& x = f.value(in);
    return x.narrow(2, rows, x.size(2) - rows).narrow(3, 1, x.size(3) - 1);
  };
}

NodeKernel lower_shuffle(const Lowering& l) {
  return [in = l.input(), groups = l.integer("groups", 1)](Frame& f) {
    const at::Tensor& x = f.value(in);
    const Sizes s = x.sizes().vec();
    return x.reshape({s[0], groups, s[1] / groups, s[2], s[3]})
        .transpose(1, 2)
        .reshape(s)
        .contiguous(f.layout);
  };
}

NodeKernel lower_mask(const Lowering& l) {
  const OpenSize width = l.input_shape().channels();
  if (!width.open()) return lower_identity(l);
  std::vector<ChoiceFunction> channels;
  for (std::int64_t c = 0; c < width.greatest; ++c)
    channels.push_back(combine(width.function, static_cast<double>(c),
                               [](double w, double at) { return at < w ? 1.0 : 0.0; }));
  return [in = l.input(), blend = l.blend(l.index, std::move(channels))](Frame& f) {
    const at::Tensor& x = f.value(in);
    if (f.sliced && !f.site_gradients) return x;
    const at::Tensor mask = blend(f);
    if (!mask.defined()) return x;
    return x * beside(f.sliced ? mask.narrow(0, 0, x.size(1)) : mask, x);
  };
}

// Random numbers of `count` places, in the frame's type: 0, or 1 / keep.
at::Tensor kept(Frame& f, const std::string& scope, std::int64_t count, double drop) {
  RandomStream random = f.random.fork(scope);
  at::Tensor mask = at::empty({count}, at::kFloat);
  float* m = mask.mutable_data_ptr<float>();
  const auto threshold = static_cast<std::uint64_t>(std::ldexp(drop, 32));
  for (std::int64_t i = 0; i < count; i += 2) {  // 64 random bits serve two places
    const std::uint64_t bits = random.next();
    m[i] = (bits & 0xffffffffu) >= threshold ? 1.0f : 0.0f;
    if (i + 1 < count) m[i + 1] = bits >> 32 >= threshold ? 1.0f : 0.0f;
  }
  return mask.to(f.device, f.type).div_(1 - drop);
}

NodeKernel lower_drop_path(const Lowering& l) {
  if (!l.spec.training) return lower_identity(l);
  return [in = l.input(), scope = l.node.scope](Frame& f) {
    const at::Tensor& x = f.value(in);
    const double drop = f.scalars->drop_path;
    if (drop <= 0) return x;
    Sizes sizes(static_cast<std::size_t>(x.dim()), 1);
    sizes[0] = -1;
    return x * kept(f, scope, x.size(0), drop).view(sizes);
  };
}

NodeKernel lower_dropout(const Lowering& l) {
  const double rate = l.node.constant("rate", 0.5);
  if (!l.spec.training || rate <= 0) return lower_identity(l);
  return [in = l.input(), scope = l.node.scope, rate](Frame& f) {
    const at::Tensor& x = f.value(in);
    return x * kept(f, scope, x.numel(), rate).view(x.sizes());
  };
}

// With q, k and v as [batch, heads, positions, channels of a head]: softmax(q k' / sqrt(c)) v, the
// softmax over the positions of k.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
  return at::matmul(at::softmax(at::matmul(q * scale, k.transpose(2, 3)), -1), v);
}

NodeKernel lower_attention(const Lowering& l) {
  return [inputs = l.node.inputs, heads = l.integer("heads", 1)](Frame& f) {
    constexpr std::int64_t kManyPositions = 128;
    const Sizes s = f.value(inputs[0]).sizes().vec();
    const std::int64_t positions = s[2] * s[3];
    const auto part = [&](std::size_t i) {
      return f.value(inputs[i])
          .permute({0, 2, 3, 1})
          .reshape({s[0], positions, heads, s[1] / heads})
          .transpose(1, 2);
    };
    // The fused kernel never holds the table of scores; it pays where that is large.
    const bool fused = f.device.is_cpu() && f.type == at::kFloat && positions >= kManyPositions;
    const at::Tensor y = fused ? at::scaled_dot_product_attention(part(0), part(1), part(2))
                               : attend(part(0), part(1), part(2));
    return y.transpose(1, 2)
        .reshape({s[0], s[2], s[3], s[1]})
        .permute({0, 3, 1, 2})
        .contiguous(f.layout);
  };
}

// `select` has no row: the program runs it itself, since its inputs depend on the step.
constexpr PrimitiveRow kRows[] = {
    {"input", lower_input},
    {"conv2d", lower_conv2d},
    {"linear", lower_linear},
    {"batch_norm", lower_batch_norm},
    {"relu", lower_relu},
    {"h_swish", lower_pointwise<h_swish>},
    {"swish", lower_pointwise<at::silu>},
    {"gelu", lower_pointwise<gelu>},
    {"sigmoid", lower_pointwise<at::sigmoid>},
    {"h_sigmoid", lower_pointwise<h_sigmoid>},
    {"tanh", lower_pointwise<at::tanh>},
    {"softplus", lower_pointwise<softplus>},
    {"max_pool", lower_max_pool},
    {"avg_pool", lower_avg_pool},
    {"global_pool", lower_global_pool},
    {"identity", lower_identity},
    {"zero", lower_zero},
    {"gaussian_noise", lower_gaussian_noise},
    {"sum", lower_sum},
    {"multiply", lower_multiply},
    {"concat", lower_concat},
    {"slice", lower_slice},
    {"shift", lower_shift},
    {"shuffle", lower_shuffle},
    {"mask", lower_mask},
    {"drop_path", lower_drop_path},
    {"dropout", lower_dropout},
    {"attention", lower_attention},
};

}  // namespace

const TensorShape& Lowering::input_shape(std::size_t i) const {
  return graph.shapes[static_cast<std::size_t>(node.inputs[i])];
}

const ParameterSlice* Lowering::parameter(std::string_view role) const {
  const auto it = parameters.find(role);
  return it == parameters.end() ? nullptr : &it->second;
}

std::int64_t Lowering::integer(std::string_view name, std::int64_t fallback) const {
  return whole_attribute(node, name, fallback, 1e15);
}

ValueBlend Lowering::blend(int site_node, std::vector<ChoiceFunction> functions) const {
  const OptionBlend b(graph, sites, site_node, std::move(functions));
  return ValueBlend(b.sites, {b.sizes.begin(), b.sizes.end()}, b.rows, b.columns);
}

const PrimitiveRow* find_primitive_row(std::string_view primitive) {
  for (const auto& row : kRows)
    if (row.primitive == primitive) return &row;
  return nullptr;
}

}  // namespace nasmyth
