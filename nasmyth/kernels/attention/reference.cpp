#include <algorithm>
#include <cmath>

#include "nasmyth/kernels/attention.h"

namespace nasmyth {
namespace {

// One head of one image: element of channel `c` of the head at position `p`.
struct Head {
  const AttentionSize& size;
  int head;

  std::int64_t at(int c, std::int64_t p) const {
    return size.image.at(head * size.depth() + c, 0, 0) + p * kLanes;
  }
  template <class T>
  T dot(const T* a, std::int64_t i, const T* b, std::int64_t j) const {
    T sum = 0;
    for (int c = 0; c < size.depth(); ++c) sum += a[at(c, i)] * b[at(c, j)];
    return sum;
  }
  // row += weight * b[position j].
  template <class T>
  void add(T weight, const T* b, std::int64_t j, T* row, std::int64_t i) const {
    for (int c = 0; c < size.depth(); ++c) row[at(c, i)] += weight * b[at(c, j)];
  }
};

template <class T>
T scale(const AttentionSize& size) {
  return 1 / std::sqrt(static_cast<T>(size.depth()));
}

// Rows of the table of probabilities.
template <class T>
void probabilities(const Head& h, const T* q, const T* k, T* table) {
  const std::int64_t n = h.size.image.pixels();
  for (std::int64_t i = 0; i < n; ++i) {
    T* row = table + i * n;
    for (std::int64_t j = 0; j < n; ++j) row[j] = h.dot(q, i, k, j) * scale<T>(h.size);
    const T greatest = *std::max_element(row, row + n);
    T sum = 0;
    for (std::int64_t j = 0; j < n; ++j) sum += row[j] = std::exp(row[j] - greatest);
    for (std::int64_t j = 0; j < n; ++j) row[j] /= sum;
  }
}

}  // namespace

template <class T>
void attend(const AttentionSize& size, const T* q, const T* k, const T* v, T* y, T* scratch) {
  const std::int64_t n = size.image.pixels();
  std::fill_n(y, size.image.elements(), T(0));
  for (int head = 0; head < size.heads; ++head) {
    const Head h{size, head};
    probabilities(h, q, k, scratch);
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j) h.add(scratch[i * n + j], v, j, y, i);
  }
}

template <class T>
void attend_gradient(const AttentionSize& size, const T* q, const T* k, const T* v, const T* dy,
                     T* dq, T* dk, T* dv, T* scratch) {
  const std::int64_t n = size.image.pixels();
  T* slope = scratch + n * n;
  for (int head = 0; head < size.heads; ++head) {
    const Head h{size, head};
    probabilities(h, q, k, scratch);
    for (std::int64_t i = 0; i < n; ++i) {
      const T* p = scratch + i * n;
      T* s = slope + i * n;
      T mean = 0;
      for (std::int64_t j = 0; j < n; ++j) mean += p[j] * (s[j] = h.dot(dy, i, v, j));
      for (std::int64_t j = 0; j < n; ++j) s[j] = p[j] * (s[j] - mean) * scale<T>(size);
      for (std::int64_t j = 0; j < n; ++j) {
        if (dq) h.add(s[j], k, j, dq, i);
        if (dk) h.add(s[j], q, i, dk, j);
        if (dv) h.add(p[j], dy, i, dv, j);
      }
    }
  }
}

#define NASMYTH_ATTENTION(T)                                                                     \
  template void attend<T>(const AttentionSize&, const T*, const T*, const T*, T*, T*);           \
  template void attend_gradient<T>(const AttentionSize&, const T*, const T*, const T*, const T*, \
                                   T*, T*, T*, T*);
NASMYTH_ATTENTION(float)
NASMYTH_ATTENTION(double)
#undef NASMYTH_ATTENTION

}  // namespace nasmyth
