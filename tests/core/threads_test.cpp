#include "nasmyth/core/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

TEST(AvailableThreads, IsPositive) { EXPECT_GE(available_threads(), 1); }

TEST(ThreadTeam, PartsCoverTheRange) {
  for (const std::int64_t count : {0ll, 1ll, 2ll, 7ll, 8ll, 9ll, 1000001ll, 1ll << 62})
    for (const int threads : {1, 2, 3, 8}) {
      std::int64_t end = 0;
      for (int t = 0; t < threads; ++t) {
        const auto part = ThreadTeam::part(count, t, threads);
        EXPECT_EQ(part.begin, end);
        EXPECT_LE(part.end - part.begin, count / threads + 1);
        end = part.end;
      }
      EXPECT_EQ(end, count);
    }
}

TEST(ThreadTeam, VisitsEachItemOnceOnItsThread) {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadTeam team(threads);
    EXPECT_EQ(team.size(), threads);
    for (int count = 0; count < 40; ++count) {
      std::vector<int> visitor(count, -1);
      team.parallel_for(count, [&](std::int64_t begin, std::int64_t end, int thread) {
        for (auto i = begin; i < end; ++i) visitor[i] = visitor[i] == -1 ? thread : -2;
      });
      for (int i = 0; i < count; ++i) {
        const auto part = ThreadTeam::part(count, std::max(0, visitor[i]), threads);
        EXPECT_TRUE(visitor[i] >= 0 && part.begin <= i && i < part.end);
      }
    }
  }
}

TEST(ThreadTeam, ManyShortLoops) {
  ThreadTeam team(4);
  std::vector<std::int64_t> sums(4);
  for (int round = 0; round < 20000; ++round)
    team.parallel_for(
        4, [&](std::int64_t begin, std::int64_t end, int thread) { sums[thread] += end - begin; });
  EXPECT_EQ(sums, std::vector<std::int64_t>(4, 20000));
}

TEST(ThreadTeam, LowestThreadsExceptionReachesTheCaller) {
  ThreadTeam team(3);
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> ended{0};
    try {
      team.parallel_for(3, [&](std::int64_t, std::int64_t, int thread) {
        ++ended;
        if (thread > 0) throw std::runtime_error(std::to_string(thread));
      });
      FAIL();
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "1");
      EXPECT_EQ(ended, 3);
    }
  }
  int calls = 0;
  team.parallel_for(1, [&](std::int64_t, std::int64_t, int) { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(ThreadTeam, LoopInsideALoopIsAnError) {
  ThreadTeam team(2);
  const auto inner = [](std::int64_t, std::int64_t, int) {};
  EXPECT_THROW(
      team.parallel_for(2, [&](std::int64_t, std::int64_t, int) { team.parallel_for(2, inner); }),
      Error);
  team.parallel_for(2, inner);
}

TEST(ThreadTeam, RefusesSillySizes) {
  EXPECT_THROW(ThreadTeam(0), Error);
  EXPECT_THROW(ThreadTeam(1 << 20), Error);
}

}  // namespace
}  // namespace nasmyth
