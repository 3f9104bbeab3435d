#pragma once

#include <filesystem>

namespace nasmyth {

/// Keeps other processes out of a directory for as long as it lives: a lock on the file `lock` in
/// it, which the system gives back however the process ends. Move-only.
class DirectoryLock {
 public:
  /// Throws kInvalidArgument with the other's process number where it is taken, kIo where no lock
  /// can be made.
  explicit DirectoryLock(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;

  static constexpr const char* kFile = "lock";

 private:
  int descriptor_ = -1;
};

}  // namespace nasmyth
