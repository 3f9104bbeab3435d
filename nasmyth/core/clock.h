#pragma once

#include <chrono>

namespace nasmyth {

/// A source of time that never runs backwards; tests put their own in its place.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since an arbitrary moment.
  virtual double now_seconds() const = 0;
};

/// The machine's monotonic clock. Thread-safe.
class SystemClock final : public Clock {
 public:
  double now_seconds() const override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
  }
};

/// A clock that stands still until it is told to move.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(double seconds = 0) : seconds_(seconds) {}
  double now_seconds() const override { return seconds_; }
  void advance(double seconds) { seconds_ += seconds; }

 private:
  double seconds_;
};

}  // namespace nasmyth
