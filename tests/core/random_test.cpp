#include "nasmyth/core/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "nasmyth/core/error.h"
#include "nasmyth/core/philox.h"

namespace nasmyth {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of the authors' library Random123 (kat_vectors, philox4x32 10).
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, DrawsPhiloxBlocks) {
  RandomStream random(RandomStream::State{0, 0});
  EXPECT_EQ(random.next(), 0xe169c58d6627e8d5u);
  EXPECT_EQ(random.state(), (RandomStream::State{0, 1}));
}

// Stored runs depend on these numbers: a change of any is a change of the format.
TEST(RandomStream, KeepsItsFirstNumbers) {
  RandomStream random(42);
  EXPECT_EQ(random.next(), 0x90567bfd4fa3a90fu);
  EXPECT_EQ(random.uniform(), 0.13899124863594681);
  EXPECT_EQ(random.normal(), 0.97996774997137737);
  EXPECT_EQ(random.gumbel(), 1.1110950044962746);
  EXPECT_EQ(random.below(1000), 259u);
  EXPECT_EQ(random.fork("augment").next(), 0x424ce3127442bc00u);
  EXPECT_EQ(random.fork(std::uint64_t{7}).next(), 0xb22974f3f0d68d3cu);
}

TEST(RandomStream, ContinuesFromItsState) {
  RandomStream random(7);
  for (int i = 0; i < 5; ++i) random.normal();
  RandomStream copy(random.state());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(random.normal(), copy.normal());
    EXPECT_EQ(random.below(13), copy.below(13));
  }
}

TEST(RandomStream, ForkDependsOnSeedAndNameOnly) {
  RandomStream random(1);
  const auto before = random.state();
  const auto fork = random.fork("data").state();
  EXPECT_EQ(random.state(), before);
  random.next();
  EXPECT_EQ(random.fork("data").state(), fork);
  std::set<std::uint64_t> keys = {random.state().key, fork.key};
  keys.insert(random.fork("data2").state().key);
  keys.insert(random.fork("").state().key);
  for (std::uint64_t i = 0; i < 1000; ++i) keys.insert(random.fork(i).state().key);
  keys.insert(RandomStream(2).fork("data").state().key);
  keys.insert(RandomStream(2).state().key);
  EXPECT_EQ(keys.size(), 1006u);
}

TEST(RandomStream, UniformFillsItsInterval) {
  RandomStream random(3);
  double sum = 0, least = 1, greatest = 0;
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    least = std::min(least, u);
    greatest = std::max(greatest, u);
  }
  EXPECT_NEAR(sum / kCount, 0.5, 0.005);
  EXPECT_LT(least, 1e-3);
  EXPECT_GT(greatest, 1 - 1e-3);
  const double next = std::nextafter(1.0, 2.0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.uniform(1.0, next), 1.0);
  for (int i = 0; i < 100; ++i) {
    const double u = random.uniform(-3, -2);
    EXPECT_TRUE(u >= -3 && u < -2);
  }
}

TEST(RandomStream, NormalHasTheMomentsAndTails) {
  RandomStream random(4);
  constexpr int kCount = 200000;
  double sum = 0, squares = 0, fourth = 0;
  int beyond_two = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    beyond_two += std::fabs(x) > 2;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(squares / kCount, 1, 0.015);
  EXPECT_NEAR(fourth / kCount, 3, 0.15);
  EXPECT_NEAR(beyond_two / double{kCount}, 0.0455, 0.002);
}

// The transform is checked against the distribution function of the C library: the same draw, read
// as uniform number and as normal number.
TEST(RandomStream, NormalIsTheQuantileOfItsDraw) {
  RandomStream random(5);
  for (int i = 0; i < 20000; ++i) {
    RandomStream same(random.state());
    const double p = (static_cast<double>(same.next() >> 12) + 0.5) * 0x1p-52;
    const double x = random.normal();
    EXPECT_NEAR(0.5 * std::erfc(-x / std::sqrt(2.0)), p, 4e-15 + 4e-14 * std::min(p, 1 - p));
  }
}

TEST(RandomStream, GumbelIsMinusLogMinusLog) {
  RandomStream random(6);
  double sum = 0;
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) {
    RandomStream same(random.state());
    const double u = (static_cast<double>(same.next() >> 12) + 0.5) * 0x1p-52;
    const double x = random.gumbel();
    ASSERT_NEAR(x, -std::log(-std::log(u)), 1e-13);
    sum += x;
  }
  EXPECT_NEAR(sum / kCount, 0.5772, 0.015);
}

TEST(RandomStream, BelowIsUniform) {
  RandomStream random(8);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
  EXPECT_EQ(random.below(1), 0u);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below(kMost), kMost);
  // Without rejection, two thirds of the draws would fall into the lower half.
  constexpr std::uint64_t kLarge = 3ull << 62;
  int low = 0;
  for (int i = 0; i < 20000; ++i) low += random.below(kLarge) < kLarge / 2;
  EXPECT_NEAR(low, 10000, 400);
  EXPECT_THROW(random.below(0), Error);
}

}  // namespace
}  // namespace nasmyth
