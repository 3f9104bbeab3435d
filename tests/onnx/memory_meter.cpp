// Counts what operator new holds, in this test program and the libraries that it loads.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/onnx/model_samples.h"

namespace {

std::atomic<std::size_t> held{0}, peak{0}, base{0};

void add(void* p) {
  const std::size_t now = held += malloc_usable_size(p);
  std::size_t before = peak;
  while (before < now && !peak.compare_exchange_weak(before, now)) {
  }
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* p = std::malloc(std::max<std::size_t>(size, 1));
  if (p) add(p);
  return p;
}
void* operator new(std::size_t size) {
  void* p = operator new(size, std::nothrow);
  if (!p) throw std::bad_alloc();
  return p;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size, std::nothrow);
}

void operator delete(void* p) noexcept {
  if (p) held -= malloc_usable_size(p);
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { operator delete(p); }
void operator delete[](void* p) noexcept { operator delete(p); }
void operator delete[](void* p, std::size_t) noexcept { operator delete(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { operator delete(p); }

namespace nasmyth::test {

std::size_t peak_memory() { return peak - base; }

void reset_peak_memory() {
  base = held.load();
  peak = held.load();
}

}  // namespace nasmyth::test
