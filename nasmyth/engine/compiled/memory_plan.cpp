#include "nasmyth/engine/compiled/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace nasmyth {
namespace {

constexpr std::int64_t kMostChunks = 16;
constexpr std::int64_t kAlignment = 64;

std::int64_t bytes(const Buffer& b, const Chunks& chunks) {
  const std::int64_t size = b.each_image * chunks.batch + b.each_chunk * chunks.count + b.fixed;
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

bool overlap(const Buffer& a, const Buffer& b) { return a.first <= b.last && b.first <= a.last; }

int fullest_instruction(const std::vector<Buffer>& buffers, const Chunks& chunks) {
  int end = 0;
  for (const auto& b : buffers) end = std::max(end, b.last + 1);
  std::vector<std::int64_t> change(static_cast<std::size_t>(end) + 1, 0);
  for (const auto& b : buffers) {
    if (b.first < 0) continue;
    change[static_cast<std::size_t>(b.first)] += bytes(b, chunks);
    change[static_cast<std::size_t>(b.last) + 1] -= bytes(b, chunks);
  }
  std::partial_sum(change.begin(), change.end(), change.begin());
  return static_cast<int>(std::max_element(change.begin(), change.end()) - change.begin());
}

}  // namespace

Chunks::Chunks(std::int64_t n)
    : batch(n),
      size((n + kMostChunks - 1) / kMostChunks),
      count(static_cast<int>((n + size - 1) / size)) {}

// Greatest first, each at the lowest place that is free for as long as it is held.
MemoryPlan::MemoryPlan(const std::vector<Buffer>& buffers, const Chunks& chunks)
    : offsets(buffers.size(), 0), peak_instruction(fullest_instruction(buffers, chunks)) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return bytes(buffers[a], chunks) > bytes(buffers[b], chunks);
  });
  std::vector<std::size_t> placed;  // by offset
  for (std::size_t i : order) {
    if (buffers[i].first < 0) continue;
    const std::int64_t size = bytes(buffers[i], chunks);
    std::int64_t offset = 0;
    for (std::size_t j : placed) {
      if (!overlap(buffers[i], buffers[j])) continue;
      if (offsets[j] >= offset + size) break;
      offset = std::max(offset, offsets[j] + bytes(buffers[j], chunks));
    }
    offsets[i] = offset;
    peak = std::max(peak, offset + size);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), i,
                         [&](std::size_t a, std::size_t b) { return offsets[a] < offsets[b]; }),
        i);
  }
}

}  // namespace nasmyth
