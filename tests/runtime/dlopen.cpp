// The sanitizers refuse libraries that are opened with RTLD_DEEPBIND, as OpenVINO's task
// scheduler opens one of its own; here they are opened without.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#include <dlfcn.h>

extern "C" void* dlopen(const char* file, int flags) noexcept {
  using Open = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Open>(dlsym(RTLD_NEXT, "dlopen"));
  return next(file, flags & ~RTLD_DEEPBIND);
}
#endif
