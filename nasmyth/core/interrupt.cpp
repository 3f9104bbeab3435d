#include "nasmyth/core/interrupt.h"

#include <signal.h>

#include <atomic>

namespace nasmyth {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<bool> interrupt_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void handle(int) { interrupt_flag.store(true, std::memory_order_relaxed); }

}  // namespace

void install_interrupt_handler() {
  struct sigaction action {};
  action.sa_handler = handle;
  sigemptyset(&action.sa_mask);
  // After the first signal the default action is back.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return interrupt_flag.load(std::memory_order_relaxed); }

void clear_interrupt() { interrupt_flag.store(false, std::memory_order_relaxed); }

}  // namespace nasmyth
