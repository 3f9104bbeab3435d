#include "nasmyth/core/clock.h"

#include <gtest/gtest.h>

namespace nasmyth {
namespace {

TEST(Clock, SystemClockDoesNotRunBackwards) {
  const SystemClock clock;
  double before = clock.now_seconds();
  for (int i = 0; i < 1000; ++i) {
    const double now = clock.now_seconds();
    EXPECT_GE(now, before);
    before = now;
  }
}

TEST(Clock, FakeClockMovesWhenTold) {
  FakeClock clock(5);
  EXPECT_EQ(clock.now_seconds(), 5);
  clock.advance(0.5);
  EXPECT_EQ(clock.now_seconds(), 5.5);
}

}  // namespace
}  // namespace nasmyth
