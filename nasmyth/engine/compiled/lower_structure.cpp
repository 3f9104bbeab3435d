// Inputs and outputs, pools, and what only moves elements.
#include <algorithm>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/kernel_calls.h"
#include "nasmyth/engine/compiled/lowering.h"
#include "nasmyth/kernels/attention.h"
#include "nasmyth/kernels/pooling.h"
#include "nasmyth/kernels/structure.h"

namespace nasmyth::compiled {
namespace {

// One call of `gather` from input i, and its way back.
template <class T>
void lower_gather(Lowering<T>& l, int i, std::vector<int> channels, int row = 0, int column = 0) {
  const BufferId x = l.input(i), y = l.value(), dy = l.gradient(), dx = l.input_gradient(i);
  const ImageSize from = l.input_size(i), to = l.size();
  l.forward("gather", {x}, {y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    if (i == 0) std::fill_n(f.image(y, n), to.elements(), T(0));
    gather<T>({from, to, channels, row, column}, f.image(x, n), f.image(y, n));
  };
  if (!l.input_needs_gradient(i)) return;
  l.backward_to(i, "gather_gradient", {}).image = [=](Frame<T>& f, int, std::int64_t n) {
    gather_gradient<T>({from, to, channels, row, column}, f.image(dy, n), f.image(dx, n));
  };
}

// Channels begin, begin + 1 ... of the input.
std::vector<int> channel_range(int count, int begin) {
  std::vector<int> channels(static_cast<std::size_t>(count));
  for (int c = 0; c < count; ++c) channels[static_cast<std::size_t>(c)] = begin + c;
  return channels;
}

template <class T>
PoolSize pool_size(const Lowering<T>& l) {
  PoolSize s{l.input_size(), l.size()};
  for (int axis = 0; axis < 2; ++axis) {
    s.kernel[axis] = l.axis_integer("kernel", axis, 3);
    s.stride[axis] = l.axis_integer("stride", axis, 1);
    s.padding[axis] = l.axis_integer("padding", axis, (s.kernel[axis] - 1) / 2);
  }
  return s;
}

template <class T>
void lower_average(Lowering<T>& l, const PoolSize& size) {
  const BufferId x = l.input(), y = l.value(), dy = l.gradient(), dx = l.input_gradient();
  l.forward("average_pool", {x}, {y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    average_pool<T>(size, f.image(x, n), f.image(y, n));
  };
  if (!l.input_needs_gradient()) return;
  l.backward_to(0, "average_pool_gradient", {}).image = [=](Frame<T>& f, int, std::int64_t n) {
    average_pool_gradient<T>(size, f.image(dy, n), f.image(dx, n));
  };
}

}  // namespace

template <class T>
void lower_input(Lowering<T>& l) {
  const BufferId y = l.value();
  const ImageSize size = l.size();
  const TensorShape shape = l.graph().shapes[static_cast<std::size_t>(l.index())];
  Instruction<T>& i = l.forward("from_rows", {}, {y});
  i.image = [=, name = l.node().scope](Frame<T>& f, int, std::int64_t n) {
    const float* rows = find_input(*f.batch, name, shape).data;
    from_rows<T>(size, rows + n * size.channels * size.pixels(), f.image(y, n));
  };
}

template <class T>
void lower_max_pool(Lowering<T>& l) {
  const BufferId x = l.input(), y = l.value(), dy = l.gradient(), dx = l.input_gradient();
  const PoolSize size = pool_size(l);
  l.forward("max_pool", {x}, {y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    max_pool<T>(size, f.image(x, n), f.image(y, n));
  };
  if (!l.input_needs_gradient()) return;
  l.backward_to(0, "max_pool_gradient", {x, y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    max_pool_gradient<T>(size, f.image(x, n), f.image(y, n), f.image(dy, n), f.image(dx, n));
  };
}

template <class T>
void lower_average_pool(Lowering<T>& l) {
  lower_average(l, pool_size(l));
}

template <class T>
void lower_global_pool(Lowering<T>& l) {
  const ImageSize in = l.input_size();
  lower_average(l, {in, l.size(), {in.height, in.width}, {1, 1}, {0, 0}});
}

template <class T>
void lower_identity(Lowering<T>& l) {
  const BufferId x = l.input(), y = l.value(), dy = l.gradient(), dx = l.input_gradient();
  const std::int64_t size = l.size().elements();
  l.forward("copy", {x}, {y}).image = [=](Frame<T>& f, int, std::int64_t n) {
    std::copy_n(f.image(x, n), size, f.image(y, n));
  };
  if (!l.input_needs_gradient()) return;
  l.backward_to(0, "add", {}).image = [=](Frame<T>& f, int, std::int64_t n) {
    call_add<T>(size, 1, f.image(dy, n), f.image(dx, n));
  };
}

template <class T>
void lower_zero(Lowering<T>& l) {
  const BufferId y = l.value();
  l.forward("zero", {}, {y}).image = [y, size = l.size()](Frame<T>& f, int, std::int64_t n) {
    std::fill_n(f.image(y, n), size.elements(), T(0));
  };
}

template <class T>
void lower_gaussian_noise(Lowering<T>& l) {
  if (!l.spec().training) return lower_zero(l);
  const BufferId y = l.value();
  Instruction<T>& i = l.forward("gaussian_noise", {}, {y});
  i.before = [y, size = l.size(), scope = l.node().scope](Frame<T>& f) {
    RandomStream random = f.random.fork(scope);
    std::vector<float> rows(static_cast<std::size_t>(size.channels * size.pixels()));
    for (std::int64_t n = 0; n < f.chunks.batch; ++n) {
      for (auto& row : rows) row = static_cast<float>(random.normal());
      from_rows<T>(size, rows.data(), f.image(y, n));
    }
  };
}

template <class T>
void lower_concat(Lowering<T>& l) {
  int begin = 0;
  for (int i = 0; i < l.inputs(); ++i) {
    std::vector<int> channels(static_cast<std::size_t>(l.size().channels), -1);
    const int count = l.input_size(i).channels;
    for (int c = 0; c < count; ++c) channels[static_cast<std::size_t>(begin + c)] = c;
    begin += count;
    lower_gather(l, i, std::move(channels));
  }
}

template <class T>
void lower_slice(Lowering<T>& l) {
  const int begin = static_cast<int>(l.node().number("begin", 0).maximum());
  lower_gather(l, 0, channel_range(l.size().channels, begin));
}

template <class T>
void lower_shift(Lowering<T>& l) {
  const int rows = l.integer("rows", 1);
  lower_gather(l, 0, channel_range(l.size().channels, 0), rows, 1);
}

// Channel c of the result is channel (c mod groups) (channels / groups) + c / groups of the input.
template <class T>
void lower_shuffle(Lowering<T>& l) {
  const int groups = l.integer("groups", 1), each = l.size().channels / groups;
  std::vector<int> channels;
  for (int c = 0; c < l.size().channels; ++c) channels.push_back(c % groups * each + c / groups);
  lower_gather(l, 0, std::move(channels));
}

template <class T>
void lower_attention(Lowering<T>& l) {
  const AttentionSize size{l.size(), l.integer("heads", 1)};
  const std::int64_t bytes = size.scratch() * static_cast<std::int64_t>(sizeof(T));
  const BufferId q = l.input(0), k = l.input(1), v = l.input(2), y = l.value(), dy = l.gradient();
  const BufferId scratch = l.buffer("scores", 0, bytes);
  Instruction<T>& i = l.forward("attend", {q, k, v}, {y, scratch});
  i.image = [=](Frame<T>& f, int chunk, std::int64_t n) {
    attend<T>(size, f.image(q, n), f.image(k, n), f.image(v, n), f.image(y, n),
              f.chunk(scratch, chunk));
  };
  std::vector<BufferId> writes(3, -1);
  for (int input = 0; input < 3; ++input)
    if (l.input_needs_gradient(input))
      writes[static_cast<std::size_t>(input)] = l.input_gradient(input);
  if (!l.needs_gradient()) return;
  const BufferId slopes = l.buffer("gradients of scores", 0, bytes);
  std::vector<BufferId> written{slopes};
  for (BufferId b : writes)
    if (b >= 0) written.push_back(b);
  Instruction<T>& back = l.backward("attend_gradient", {q, k, v}, std::move(written));
  for (int input = 0; input < 3; ++input)
    if (l.input_needs_gradient(input)) back.gradients.push_back(l.input_node(input));
  back.image = [=](Frame<T>& f, int chunk, std::int64_t n) {
    const auto to = [&](std::size_t input) {
      return writes[input] < 0 ? nullptr : f.image(writes[input], n);
    };
    attend_gradient<T>(size, f.image(q, n), f.image(k, n), f.image(v, n), f.image(dy, n), to(0),
                       to(1), to(2), f.chunk(slopes, chunk));
  };
}

#define NASMYTH_LOWER(T)                               \
  template void lower_input<T>(Lowering<T>&);          \
  template void lower_max_pool<T>(Lowering<T>&);       \
  template void lower_average_pool<T>(Lowering<T>&);   \
  template void lower_global_pool<T>(Lowering<T>&);    \
  template void lower_identity<T>(Lowering<T>&);       \
  template void lower_zero<T>(Lowering<T>&);           \
  template void lower_gaussian_noise<T>(Lowering<T>&); \
  template void lower_concat<T>(Lowering<T>&);         \
  template void lower_slice<T>(Lowering<T>&);          \
  template void lower_shift<T>(Lowering<T>&);          \
  template void lower_shuffle<T>(Lowering<T>&);        \
  template void lower_attention<T>(Lowering<T>&);
NASMYTH_LOWER(float)
NASMYTH_LOWER(double)
#undef NASMYTH_LOWER

}  // namespace nasmyth::compiled
