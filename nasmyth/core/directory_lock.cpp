#include "nasmyth/core/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

// The process number that the owner wrote, for people.
std::string owner(int descriptor) {
  char text[32];
  const ssize_t got = ::pread(descriptor, text, sizeof text, 0);
  std::string number;
  for (ssize_t i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) number += text[i];
  return number.empty() ? "" : " (process " + number + ")";
}

}  // namespace

DirectoryLock::DirectoryLock(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kFile;
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    throw Error(ErrorKind::kIo, file.string(),
                "cannot create the file: " + std::generic_category().message(errno),
                "check the permissions or choose another folder");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    const std::string other = owner(descriptor_);
    ::close(descriptor_);
    if (code != EWOULDBLOCK)
      throw Error(ErrorKind::kIo, file.string(),
                  "cannot lock the file: " + std::generic_category().message(code),
                  "choose a folder on a file system with locks");
    throw Error(ErrorKind::kInvalidArgument, directory.string(),
                "another process" + other + " works on this run",
                "wait for it or end it; to look at the run, use `nasmyth derive`");
  }
  const std::string number = std::to_string(::getpid()) + "\n";
  // For messages only: a full disk does not matter here.
  [[maybe_unused]] const int shortened = ::ftruncate(descriptor_, 0);
  [[maybe_unused]] const ssize_t written = ::pwrite(descriptor_, number.data(), number.size(), 0);
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace nasmyth
