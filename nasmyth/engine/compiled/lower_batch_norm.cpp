#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/kernel_calls.h"
#include "nasmyth/engine/compiled/lowering.h"

namespace nasmyth::compiled {
namespace {

// Batch normalisation (arXiv 1502.03167). Per channel, in double: mean and 1 / deviation.
template <class T>
struct BatchNorm {
  ImageSize size;
  BatchNormMode mode;
  double momentum, epsilon;
  int weight, bias, mean, variance;  // parameters; -1: absent
  std::string scope;
  BufferId sums = -1;     // [image][2][lane], double: sums, and squares or products
  BufferId moments = -1;  // [2][lane], double
  BufferId factors = -1;  // [3][lane], T

  int lanes() const { return size.blocks() * kLanes; }
  double elements(const Frame<T>& f) const {
    return static_cast<double>(f.chunks.batch) * static_cast<double>(size.pixels());
  }
  T& parameter(const Frame<T>& f, int which, int c) const {
    return f.parameters[static_cast<std::size_t>(which)].value.at(c, 0, 0, 0);
  }
  double scale(const Frame<T>& f, int c) const {
    return weight < 0 ? 1.0 : static_cast<double>(parameter(f, weight, c));
  }
  // Sums of one channel over the batch, in the order of the images.
  std::pair<double, double> total(const Frame<T>& f, int c) const {
    double sum = 0, product = 0;
    for (std::int64_t n = 0; n < f.chunks.batch; ++n) {
      const double* s = f.template image<double>(sums, n);
      sum += s[c];
      product += s[lanes() + c];
    }
    return {sum, product};
  }

  // Sum of the squares of the distances from the mean of the batch.
  double squares_from(const Frame<T>& f, int c, double average) const {
    const auto pixels = static_cast<double>(size.pixels());
    double sum = 0;
    for (std::int64_t n = 0; n < f.chunks.batch; ++n) {
      const double* s = f.template image<double>(sums, n);
      const double between = s[c] / pixels - average;
      sum += s[lanes() + c] + pixels * between * between;
    }
    return sum;
  }

  void find_moments(Frame<T>& f) const {
    double* m = f.template whole<double>(moments);
    const double count = elements(f);
    for (int c = 0; c < size.channels; ++c) {
      double average, spread;
      if (mode == BatchNormMode::kRunning) {
        average = parameter(f, mean, c);
        spread = parameter(f, variance, c);
      } else {
        average = total(f, c).first / count;
        spread = squares_from(f, c, average) / count;
        if (mode == BatchNormMode::kBatchAndUpdate) {
          move(parameter(f, mean, c), average);
          move(parameter(f, variance, c), spread * count / (count - 1));
        }
      }
      m[c] = average;
      m[lanes() + c] = 1 / std::sqrt(spread + epsilon);
    }
  }
  void move(T& running, double to) const {
    running = static_cast<T>((1 - momentum) * static_cast<double>(running) + momentum * to);
  }

  void find_forward_factors(Frame<T>& f) const {
    const double* m = f.template whole<double>(moments);
    T* factor = f.template whole<T>(factors);
    for (int c = 0; c < lanes(); ++c) {
      const bool lives = c < size.channels;
      const double slope = lives ? m[lanes() + c] * scale(f, c) : 0;
      const double shift = !lives || bias < 0 ? 0 : static_cast<double>(parameter(f, bias, c));
      factor[c] = static_cast<T>(slope);
      factor[lanes() + c] = static_cast<T>(lives ? shift - m[c] * slope : 0);
    }
  }

  // dx = slope (dy - mean(dy) - x^ mean(dy x^)), with x^ = (x - mean) / deviation.
  void find_backward_factors(Frame<T>& f, bool parameters) const {
    const double* m = f.template whole<double>(moments);
    T* factor = f.template whole<T>(factors);
    for (int c = 0; c < lanes(); ++c) {
      if (c >= size.channels) {
        factor[c] = factor[lanes() + c] = factor[2 * lanes() + c] = 0;
        continue;
      }
      const auto [sum, product] = total(f, c);
      const double along = m[lanes() + c] * (product - m[c] * sum);  // sum of dy x^
      const double slope = scale(f, c) * m[lanes() + c];
      const bool batch = mode != BatchNormMode::kRunning;
      const double by_x = batch ? -slope * along / elements(f) * m[lanes() + c] : 0;
      factor[c] = static_cast<T>(slope);
      factor[lanes() + c] = static_cast<T>(by_x);
      factor[2 * lanes() + c] =
          static_cast<T>(batch ? -slope * sum / elements(f) - by_x * m[c] : 0);
      if (parameters) add_gradients(f, c, sum, along);
    }
  }
  void add_gradients(Frame<T>& f, int c, double sum, double along) const {
    const auto add = [&](int which, double g) {
      if (which < 0) return;
      const auto& p = f.parameters[static_cast<std::size_t>(which)];
      p.gradient.at(c, 0, 0, 0) += static_cast<T>(g);
      f.touched[static_cast<std::size_t>(p.entry)] = 1;
    };
    add(weight, along);
    add(bias, sum);
  }
};

template <class T>
void lower_forward(Lowering<T>& l, const BatchNorm<T>& b) {
  const BufferId x = l.input(), y = l.value();
  if (b.mode != BatchNormMode::kRunning) {
    Instruction<T>& i = l.forward("channel_moments", {x}, {b.sums});
    i.before = [b](Frame<T>& f) {
      if (b.elements(f) == 1)
        throw Error(ErrorKind::kShape, b.scope,
                    "batch statistics of one value a channel have no variance",
                    "use a batch of at least two samples");
    };
    i.image = [b, x](Frame<T>& f, int, std::int64_t n) {
      double* s = f.template image<double>(b.sums, n);
      call_channel_moments<T>(b.size, f.image(x, n), s, s + b.lanes());
    };
  }
  Instruction<T>& i = l.forward("scale_channels", {x, b.sums}, {b.moments, b.factors, y});
  i.before = [b](Frame<T>& f) {
    b.find_moments(f);
    b.find_forward_factors(f);
  };
  i.image = [b, x, y](Frame<T>& f, int, std::int64_t n) {
    const T* factor = f.template whole<T>(b.factors);
    call_scale_channels<T>(b.size, f.image(x, n), factor, factor + b.lanes(), f.image(y, n));
  };
}

template <class T>
void lower_backward(Lowering<T>& l, BatchNorm<T> b) {
  const BufferId x = l.input(), dy = l.gradient(), dx = l.input_gradient();
  const std::int64_t lanes = b.lanes();
  b.sums = l.buffer("gradient sums", 2 * lanes * 8);
  b.factors = l.buffer("gradient factors", 0, 0, 3 * lanes * static_cast<std::int64_t>(sizeof(T)));
  l.backward("channel_sums", {x}, {b.sums}).image = [b, x, dy](Frame<T>& f, int, std::int64_t n) {
    double* s = f.template image<double>(b.sums, n);
    call_channel_sums<T>(b.size, f.image(dy, n), f.image(x, n), s, s + b.lanes());
  };
  const auto factors = [b, parameters = l.wants_parameters()](Frame<T>& f) {
    b.find_backward_factors(f, parameters);
  };
  if (!l.input_needs_gradient()) {
    l.backward("normalise_parameters", {b.sums, b.moments}, {b.factors}).before = factors;
    return;
  }
  Instruction<T>& i = l.backward_to(0, "normalise_gradient", {x, b.sums, b.moments, b.factors});
  i.before = factors;
  i.image = [b, x, dy, dx](Frame<T>& f, int, std::int64_t n) {
    const T* factor = f.template whole<T>(b.factors);
    call_normalise_gradient<T>(b.size, f.image(dy, n), f.image(x, n), factor, factor + b.lanes(),
                               factor + 2 * b.lanes(), f.image(dx, n));
  };
}

}  // namespace

template <class T>
void lower_batch_norm(Lowering<T>& l) {
  BatchNorm<T> b{l.size(),
                 l.spec().batch_norm,
                 l.node().constant("momentum", 0.1),
                 l.node().constant("epsilon", 1e-5),
                 l.parameter("weight"),
                 l.parameter("bias"),
                 l.parameter("running_mean"),
                 l.parameter("running_variance"),
                 l.node().scope};
  const std::int64_t lanes = b.lanes();
  b.sums = l.buffer("sums", 2 * lanes * 8);
  b.moments = l.buffer("moments", 0, 0, 2 * lanes * 8);
  b.factors = l.buffer("factors", 0, 0, 2 * lanes * static_cast<std::int64_t>(sizeof(T)));
  lower_forward(l, b);
  if (l.needs_gradient()) lower_backward(l, b);
}

template void lower_batch_norm<float>(Lowering<float>&);
template void lower_batch_norm<double>(Lowering<double>&);

}  // namespace nasmyth::compiled
