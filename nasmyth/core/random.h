#pragma once

#include <cstdint>
#include <string_view>

namespace nasmyth {

/// A counter-based stream of random numbers (Philox 4x32-10; Salmon et al., SC 2011). One seed a
/// run; every consumer forks a stream by name, so adding a consumer never moves another's numbers.
/// The same stream gives the same numbers on every machine. Not thread-safe; copies are cheap.
class RandomStream {
 public:
  /// All that a checkpoint must hold to continue a stream.
  struct State {
    std::uint64_t key = 0;
    std::uint64_t counter = 0;
    bool operator==(const State&) const = default;
  };

  explicit RandomStream(std::uint64_t seed = 0);
  explicit RandomStream(State state) : state_(state) {}

  /// An independent stream named by text or number; does not advance this one.
  RandomStream fork(std::string_view name) const;
  RandomStream fork(std::uint64_t index) const;

  std::uint64_t next();                      ///< 64 uniform bits
  double uniform();                          ///< in [0, 1)
  double uniform(double low, double high);   ///< in [low, high)
  double normal();                           ///< mean 0, deviation 1
  double gumbel();                           ///< -log(-log(u)), finite
  std::uint64_t below(std::uint64_t bound);  ///< in [0, bound), unbiased; bound > 0

  State state() const { return state_; }

 private:
  State state_;
};

}  // namespace nasmyth
