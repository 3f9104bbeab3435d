#include "nasmyth/kernels/optimizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"

namespace nasmyth {
namespace {

constexpr char kMagic[8] = {'N', 'A', 'S', 'M', 'O', 'P', 'T', '1'};

bool has_second(const OptimizerSpec& spec) { return spec.kind != OptimizerKind::kSgd; }

// Sixteen running sums, whatever the machine: the order of additions never changes.
template <class T>
double sum_of_squares(std::span<const T> values) {
  constexpr std::size_t kLanes = 16;
  std::array<double, kLanes> sums{};
  const T* v = values.data();
  const std::size_t whole = values.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) {
      const double x = static_cast<double>(v[i + k]);
      sums[k] += x * x;
    }
  for (std::size_t i = whole; i < values.size(); ++i)
    sums[i - whole] += static_cast<double>(v[i]) * static_cast<double>(v[i]);
  for (std::size_t width = kLanes / 2; width > 0; width /= 2)
    for (std::size_t k = 0; k < width; ++k) sums[k] += sums[k + width];
  return sums[0];
}

template <class T>
void check_sizes(const OptimizerSpec& spec, const OptimizerSegment<T>& s) {
  const std::size_t n = s.values.size();
  if (s.gradients.size() != n || s.first.size() != n ||
      (has_second(spec) && s.second.size() != n) || s.steps == nullptr)
    throw Error(ErrorKind::kShape, "optimizer",
                "the parts of a segment differ in length; got " + std::to_string(n) + " values, " +
                    std::to_string(s.gradients.size()) + " gradients, moments of " +
                    std::to_string(s.first.size()) + " and " + std::to_string(s.second.size()));
}

// The numbers of one update in the type of the parameters.
template <class T>
struct Rates {
  T scale;      // of the gradient: clipping
  T decay;      // L2 penalty added to the gradient
  T shrink;     // decoupled decay: factor of the value
  T step_size;  // learning rate, over the first bias correction (Adam)
};

template <class T>
void update_sgd(const OptimizerSpec& spec, const Rates<T>& r, const OptimizerSegment<T>& s) {
  T* __restrict value = s.values.data();
  const T* __restrict gradient = s.gradients.data();
  float* __restrict first = s.first.data();
  const T momentum = static_cast<T>(spec.momentum);
  const std::size_t n = s.values.size();
  if (momentum == T{0}) {
    for (std::size_t i = 0; i < n; ++i)
      value[i] -= r.step_size * (r.scale * gradient[i] + r.decay * value[i]);
    return;
  }
  if (!spec.nesterov) {
    for (std::size_t i = 0; i < n; ++i) {
      const T g = r.scale * gradient[i] + r.decay * value[i];
      const T m = momentum * static_cast<T>(first[i]) + g;
      first[i] = static_cast<float>(m);
      value[i] -= r.step_size * m;
    }
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const T g = r.scale * gradient[i] + r.decay * value[i];
    const T m = momentum * static_cast<T>(first[i]) + g;
    first[i] = static_cast<float>(m);
    value[i] -= r.step_size * (g + momentum * m);
  }
}

template <class T>
void update_adam(const OptimizerSpec& spec, const Rates<T>& r, T root_correction,
                 const OptimizerSegment<T>& s) {
  T* __restrict value = s.values.data();
  const T* __restrict gradient = s.gradients.data();
  float* __restrict first = s.first.data();
  float* __restrict second = s.second.data();
  const T new1 = static_cast<T>(1 - spec.beta1);
  const T beta2 = static_cast<T>(spec.beta2);
  const T new2 = static_cast<T>(1 - spec.beta2);
  const T epsilon = static_cast<T>(spec.epsilon);
  const std::size_t n = s.values.size();
  for (std::size_t i = 0; i < n; ++i) {
    const T shrunk = value[i] * r.shrink;
    const T g = r.scale * gradient[i] + r.decay * value[i];
    const T old = static_cast<T>(first[i]);
    const T m = old + new1 * (g - old);
    const T v = static_cast<T>(second[i]) * beta2 + new2 * g * g;
    first[i] = static_cast<float>(m);
    second[i] = static_cast<float>(v);
    value[i] = shrunk - r.step_size * m / (std::sqrt(v) / root_correction + epsilon);
  }
}

template <class T>
void update_segment(const OptimizerSpec& spec, double learning_rate, double scale,
                    const OptimizerSegment<T>& s) {
  const double decay = spec.decay_all || s.decay ? spec.weight_decay : 0;
  ++*s.steps;
  Rates<T> r{static_cast<T>(scale), static_cast<T>(decay), T{1}, static_cast<T>(learning_rate)};
  if (spec.kind == OptimizerKind::kSgd) return update_sgd(spec, r, s);
  if (spec.kind == OptimizerKind::kAdamW) {
    r.decay = 0;
    r.shrink = static_cast<T>(1 - learning_rate * decay);
  }
  const double count = static_cast<double>(*s.steps);
  r.step_size = static_cast<T>(learning_rate / (1 - std::pow(spec.beta1, count)));
  update_adam(spec, r, static_cast<T>(std::sqrt(1 - std::pow(spec.beta2, count))), s);
}

void append(std::string& bytes, const void* data, std::size_t size) {
  bytes.append(static_cast<const char*>(data), size);
}

template <class T>
void append_vector(std::string& bytes, const std::vector<T>& values) {
  const auto count = static_cast<std::uint64_t>(values.size());
  append(bytes, &count, sizeof count);
  append(bytes, values.data(), values.size() * sizeof(T));
}

[[noreturn]] void fail(std::string_view where, std::string_view what) {
  throw Error(ErrorKind::kInvalidData, where, what, "use an undamaged state of this version");
}

template <class T>
std::vector<T> take_vector(std::string_view& bytes, std::string_view where) {
  std::uint64_t count = 0;
  if (bytes.size() < sizeof count) fail(where, "the optimiser state is truncated");
  std::memcpy(&count, bytes.data(), sizeof count);
  bytes.remove_prefix(sizeof count);
  if (count > bytes.size() / sizeof(T)) fail(where, "the optimiser state is truncated");
  std::vector<T> values(static_cast<std::size_t>(count));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  bytes.remove_prefix(values.size() * sizeof(T));
  return values;
}

}  // namespace

OptimizerState OptimizerState::zeros(const OptimizerSpec& spec, std::int64_t size,
                                     std::int64_t entries) {
  OptimizerState state;
  state.first.assign(static_cast<std::size_t>(size), 0.0f);
  if (has_second(spec)) state.second.assign(static_cast<std::size_t>(size), 0.0f);
  state.steps.assign(static_cast<std::size_t>(entries), 0);
  return state;
}

std::string OptimizerState::serialize() const {
  std::string bytes(kMagic, sizeof kMagic);
  append_vector(bytes, first);
  append_vector(bytes, second);
  append_vector(bytes, steps);
  const std::uint64_t checksum = hash64(bytes);
  append(bytes, &checksum, sizeof checksum);
  return bytes;
}

OptimizerState OptimizerState::deserialize(std::string_view bytes, std::string_view where) {
  std::uint64_t checksum = 0;
  if (bytes.size() < sizeof kMagic + sizeof checksum ||
      std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    fail(where, "it is no optimiser state of this program, or of another version");
  std::string_view body = bytes.substr(0, bytes.size() - sizeof checksum);
  std::memcpy(&checksum, bytes.data() + body.size(), sizeof checksum);
  if (checksum != hash64(body)) fail(where, "the checksum of the optimiser state is wrong");
  body.remove_prefix(sizeof kMagic);
  OptimizerState state;
  state.first = take_vector<float>(body, where);
  state.second = take_vector<float>(body, where);
  state.steps = take_vector<std::int64_t>(body, where);
  if (!body.empty()) fail(where, "bytes follow the end of the optimiser state");
  return state;
}

template <class T>
double update(const OptimizerSpec& spec, double learning_rate,
              std::span<const OptimizerSegment<T>> segments) {
  double squares = 0;
  for (const auto& segment : segments) {
    check_sizes(spec, segment);
    squares += sum_of_squares(segment.gradients);
  }
  const double norm = std::sqrt(squares);
  double scale = 1;
  // Written so that a norm that is not a number reaches the parameters, as it does in PyTorch.
  if (spec.clip_norm > 0 && !(spec.clip_norm / (norm + 1e-6) >= 1))
    scale = spec.clip_norm / (norm + 1e-6);
  for (const auto& segment : segments) update_segment(spec, learning_rate, scale, segment);
  return norm;
}

template double update<float>(const OptimizerSpec&, double,
                              std::span<const OptimizerSegment<float>>);
template double update<double>(const OptimizerSpec&, double,
                               std::span<const OptimizerSegment<double>>);

}  // namespace nasmyth
