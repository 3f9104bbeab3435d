#include "nasmyth/core/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr int kMostThreads = 4096;
constexpr int kSpins = 2000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Processors that the container's quota allows (control groups, version 2); 0 without a quota.
int quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string time;
  double period = 0;
  if (!(file >> time >> period) || time == "max" || period <= 0) return 0;
  try {
    return std::max(1, static_cast<int>(std::ceil(std::stod(time) / period)));
  } catch (const std::exception&) {
    return 0;
  }
}

/// Blocks all signals of this thread for its scope, so that threads started in it inherit that.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int threads = sched_getaffinity(0, sizeof(set), &set) == 0
                    ? CPU_COUNT(&set)
                    : static_cast<int>(std::thread::hardware_concurrency());
  if (const int allowed = quota(); allowed > 0) threads = std::min(threads, allowed);
  return std::max(1, threads);
}

/// What the owner and the other threads exchange. Waiting spins for a moment, as most loops are
/// short, and then sleeps.
struct ThreadTeam::Shared {
  void work(int thread);
  void run_part(int thread) noexcept;
  bool wait_for_round(std::uint64_t seen);
  void wait_for_others();
  void stop();

  int threads = 1;
  int spins = 0;
  std::int64_t count = 0;
  void* function = nullptr;
  Call call = nullptr;
  std::vector<std::exception_ptr> exceptions;

  std::mutex mutex;
  std::condition_variable round_begins;
  std::condition_variable round_ends;
  std::atomic<std::uint64_t> round{0};
  std::atomic<int> running{0};
  std::atomic<bool> busy{false};
  std::atomic<bool> stopping{false};
  std::vector<std::thread> others;
};

void ThreadTeam::Shared::run_part(int thread) noexcept {
  const Part range = part(count, thread, threads);
  if (range.begin == range.end) return;
  try {
    call(function, range.begin, range.end, thread);
  } catch (...) {
    exceptions[thread] = std::current_exception();
  }
}

// Returns false when the team is dissolved.
bool ThreadTeam::Shared::wait_for_round(std::uint64_t seen) {
  for (int i = 0; i < spins && round.load(std::memory_order_acquire) == seen; ++i) pause();
  if (round.load(std::memory_order_acquire) == seen) {
    std::unique_lock lock(mutex);
    round_begins.wait(lock, [&] { return round.load(std::memory_order_acquire) != seen; });
  }
  return !stopping.load(std::memory_order_acquire);
}

void ThreadTeam::Shared::work(int thread) {
  for (std::uint64_t seen = 0; wait_for_round(seen); ++seen) {
    run_part(thread);
    if (running.fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
    // The lock keeps the owner from falling asleep between its check and this call.
    { std::lock_guard lock(mutex); }
    round_ends.notify_one();
  }
}

void ThreadTeam::Shared::wait_for_others() {
  for (int i = 0; i < spins && running.load(std::memory_order_acquire) > 0; ++i) pause();
  if (running.load(std::memory_order_acquire) == 0) return;
  std::unique_lock lock(mutex);
  round_ends.wait(lock, [&] { return running.load(std::memory_order_acquire) == 0; });
}

void ThreadTeam::Shared::stop() {
  {
    std::lock_guard lock(mutex);
    stopping.store(true, std::memory_order_release);
    round.fetch_add(1, std::memory_order_release);
  }
  round_begins.notify_all();
  for (std::thread& thread : others) thread.join();
}

ThreadTeam::ThreadTeam(int threads) : size_(threads) {
  if (threads < 1 || threads > kMostThreads)
    throw Error(ErrorKind::kOutOfRange, "threads",
                "the number of threads is out of range; got " + std::to_string(threads),
                "allowed: 1 to " + std::to_string(kMostThreads));
  shared_ = std::make_unique<Shared>();
  shared_->threads = threads;
  shared_->spins = threads <= available_threads() ? kSpins : 0;
  shared_->exceptions.resize(threads);
  const SignalsBlocked blocked;
  try {
    for (int t = 1; t < threads; ++t)
      shared_->others.emplace_back([shared = shared_.get(), t] { shared->work(t); });
  } catch (const std::system_error& e) {
    shared_->stop();
    throw Error(ErrorKind::kUnsupported, "threads",
                "cannot start " + std::to_string(threads) + " threads: " + e.what(),
                "ask for fewer");
  }
}

ThreadTeam::~ThreadTeam() { shared_->stop(); }

ThreadTeam::Part ThreadTeam::part(std::int64_t count, int thread, int threads) {
  const std::int64_t each = count / threads, rest = count % threads;
  const std::int64_t begin = each * thread + std::min<std::int64_t>(thread, rest);
  return {begin, begin + each + (thread < rest ? 1 : 0)};
}

void ThreadTeam::run(std::int64_t count, void* function, Call call) {
  if (count <= 0) return;
  Shared& s = *shared_;
  if (s.busy.exchange(true, std::memory_order_acquire))
    throw Error(ErrorKind::kInternal, "threads", "a team of threads runs one loop at a time");
  s.count = count;
  s.function = function;
  s.call = call;
  // With one item, part 0 is all there is.
  const bool alone = size_ == 1 || count == 1;
  if (!alone) {
    {
      std::lock_guard lock(s.mutex);
      s.running.store(size_ - 1, std::memory_order_relaxed);
      s.round.fetch_add(1, std::memory_order_release);
    }
    s.round_begins.notify_all();
  }
  s.run_part(0);
  if (!alone) s.wait_for_others();
  std::exception_ptr first;
  for (std::exception_ptr& exception : s.exceptions) {
    if (exception && !first) first = exception;
    exception = nullptr;
  }
  s.busy.store(false, std::memory_order_release);
  if (first) std::rethrow_exception(first);
}

}  // namespace nasmyth
