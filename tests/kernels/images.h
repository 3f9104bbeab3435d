#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/kernels/image.h"

namespace nasmyth::test {

/// 64-byte aligned numbers, zero at first.
class Aligned {
 public:
  explicit Aligned(std::int64_t size)
      : size_(size),
        data_(static_cast<float*>(
            std::aligned_alloc(64, static_cast<std::size_t>((size * 4 + 63) / 64 * 64 + 64)))) {
    std::fill_n(data_.get(), size, 0.0f);
  }
  float* data() const { return data_.get(); }
  float& operator[](std::int64_t i) const { return data_.get()[i]; }
  std::int64_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::int64_t size_;
  std::unique_ptr<float[], Free> data_;
};

inline std::vector<double> in_double(const Aligned& a) { return {a.data(), a.data() + a.size()}; }

/// Normal numbers about `mean`; zero beyond the last channel.
inline Aligned random_image(const ImageSize& size, RandomStream& random, double mean = 0) {
  Aligned image(size.elements());
  for (int c = 0; c < size.channels; ++c)
    for (std::int64_t p = 0; p < size.pixels(); ++p)
      image[size.at(c, 0, 0) + p * kLanes] = static_cast<float>(mean + random.normal());
  return image;
}

/// Calls `f(name)` once for each instruction set that the machine has, while it is the one in use.
template <class F>
void for_each_instruction_set(F&& f) {
  const auto supported = hwy::SupportedTargets();
  int count = 0;
  for (std::int64_t target : {HWY_SSE4, HWY_AVX2, HWY_AVX3, HWY_AVX3_DL, HWY_NEON}) {
    if ((supported & target) == 0) continue;
    hwy::SetSupportedTargetsForTest(target);
    f(std::string(hwy::TargetName(target)));
    ++count;
  }
  hwy::SetSupportedTargetsForTest(0);
  EXPECT_GT(count, 0);
}

}  // namespace nasmyth::test
