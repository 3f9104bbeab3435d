#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nasmyth {

/// Memory of one step that a program asks for. Sizes in bytes.
struct Buffer {
  std::string name;  ///< "stem/conv: value"
  std::int64_t each_image = 0;
  std::int64_t each_chunk = 0;  ///< of the batch
  std::int64_t fixed = 0;
  int first = -1, last = -1;  ///< instructions between which it holds something

  void use(int instruction) {
    if (first < 0) first = instruction;
    last = instruction;
  }
};

/// Parts into which a batch is cut for the sums over it, whatever the number of threads: results
/// depend on this, not on those.
struct Chunks {
  explicit Chunks(std::int64_t batch);
  std::int64_t batch, size;
  int count;

  std::int64_t begin(int chunk) const { return chunk * size; }
  std::int64_t end(int chunk) const { return begin(chunk + 1) < batch ? begin(chunk + 1) : batch; }
};

/// Where each buffer lies in one arena: those that hold something at the same time lie apart.
struct MemoryPlan {
  std::vector<std::int64_t> offsets;  ///< bytes, multiples of 64
  std::int64_t peak = 0;              ///< bytes of the arena
  int peak_instruction = -1;          ///< during which most is held

  MemoryPlan() = default;
  MemoryPlan(const std::vector<Buffer>& buffers, const Chunks& chunks);
};

}  // namespace nasmyth
