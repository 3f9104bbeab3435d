#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace nasmyth {

/// Processors that this process may use: the affinity mask and the container's quota; at least 1.
int available_threads();

/// A fixed team of threads for data-parallel loops. Work is cut into one contiguous part for each
/// thread, which depends on the number of items and threads only; there is no stealing. The
/// caller is thread 0. Creating a team is slow, running a loop is not and allocates nothing. One
/// owner at a time: a loop inside of a loop of the same team, or from two threads, is an error.
class ThreadTeam {
 public:
  /// `threads` of at least 1; throws kOutOfRange. The threads take no signals.
  explicit ThreadTeam(int threads = available_threads());
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }

  /// Calls `function(begin, end, thread)` for non-empty parts [begin, end) of [0, count) and
  /// returns when all are done. When parts throw, the exception of the lowest thread is rethrown
  /// here, after all parts have ended.
  template <class F>
  void parallel_for(std::int64_t count, F&& function) {
    using Function = std::remove_reference_t<F>;
    run(count, const_cast<void*>(static_cast<const void*>(std::addressof(function))),
        [](void* f, std::int64_t begin, std::int64_t end, int thread) {
          (*static_cast<Function*>(f))(begin, end, thread);
        });
  }

  /// The part of one thread in [0, count): the first `count mod threads` parts have one item more.
  struct Part {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  static Part part(std::int64_t count, int thread, int threads);

 private:
  using Call = void (*)(void* function, std::int64_t begin, std::int64_t end, int thread);
  struct Shared;

  void run(std::int64_t count, void* function, Call call);

  int size_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace nasmyth
