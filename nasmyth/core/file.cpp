#include "nasmyth/core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, std::string_view action, int code) {
  std::string_view remedy = "check the path and its disk";
  const bool reads = action == "cannot open the file" || action == "cannot read the file";
  if (code == ENOENT || code == ENOTDIR)
    remedy = reads ? "check the path" : "make its folder first, or check the path";
  if (code == EISDIR) remedy = "name a file";
  if (code == ENAMETOOLONG) remedy = "give a shorter path";
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    remedy = "free space or choose another folder";
  if (code == EACCES || code == EPERM || code == EROFS)
    remedy = "check the permissions or choose another folder";
  throw Error(ErrorKind::kIo, path.string(),
              std::string(action) + ": " + std::generic_category().message(code), remedy);
}

/// An open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0) {
    do value_ = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    while (value_ < 0 && errno == EINTR);
  }
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return value_; }
  /// Returns 0 or an errno value; EINTR leaves the descriptor closed on Linux.
  int close() {
    if (value_ < 0) return 0;
    const int result = ::close(value_);
    value_ = -1;
    return result < 0 && errno != EINTR ? errno : 0;
  }

 private:
  int value_ = -1;
};

/// Removes a temporary file unless it was renamed into place.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    if (!kept_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool kept_ = false;
};

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// The file behind a symbolic link, so that the link stays one.
fs::path link_target(const fs::path& path) {
  std::error_code code;
  if (!fs::is_symlink(path, code)) return path;
  fs::path target = fs::canonical(path, code);
  if (code) fail(path, "cannot follow the symbolic link", code.value());
  return target;
}

fs::path temporary_name(const fs::path& path) {
  static std::atomic<unsigned> serial{0};
  return path.parent_path() / ("." + path.filename().string() + ".tmp-" +
                               std::to_string(::getpid()) + "-" + std::to_string(serial++));
}

void sync_directory(const fs::path& file) {
  const fs::path parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
  Descriptor directory(parent, O_RDONLY | O_DIRECTORY);
  // Some file systems offer no fsync of directories; the rename itself has happened.
  if (directory.get() >= 0 && ::fsync(directory.get()) != 0 && errno != EINVAL && errno != EBADF)
    fail(parent, "cannot flush the folder to disk", errno);
}

// Writes and flushes the temporary file with the permissions of the file that it will replace.
void write_temporary(const TemporaryFile& temporary, const fs::path& target,
                     std::string_view bytes) {
  Descriptor file(temporary.path(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0666);
  if (file.get() < 0) fail(target, "cannot create the file", errno);
  struct stat old {};
  if (::stat(target.c_str(), &old) == 0) {
    if (!S_ISREG(old.st_mode))
      fail(target, "cannot replace what is no regular file",
           S_ISDIR(old.st_mode) ? EISDIR : EINVAL);
    // A file system without permissions refuses; the default ones are then right.
    [[maybe_unused]] const int ignored = ::fchmod(file.get(), old.st_mode & 07777);
  }
  int code = write_all(file.get(), bytes);
  if (code == 0 && ::fsync(file.get()) != 0) code = errno;
  if (const int closed = file.close(); code == 0) code = closed;
  if (code != 0) fail(target, "cannot write the file", code);
}

}  // namespace

std::string read_file(const fs::path& path) {
  Descriptor file(path, O_RDONLY);
  if (file.get() < 0) fail(path, "cannot open the file", errno);
  std::string bytes;
  struct stat info {};
  if (::fstat(file.get(), &info) == 0 && info.st_size > 0)
    bytes.reserve(static_cast<std::size_t>(info.st_size));
  std::array<char, 1 << 16> buffer;
  while (true) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot read the file", errno);
    if (got == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void write_file_atomic(const fs::path& path, std::string_view bytes) {
  const fs::path target = link_target(path);
  if (!target.has_filename()) fail(path, "cannot create the file", EISDIR);
  TemporaryFile temporary(temporary_name(target));
  write_temporary(temporary, target, bytes);
  if (::rename(temporary.path().c_str(), target.c_str()) != 0)
    fail(path, "cannot replace the file", errno);
  temporary.keep();
  sync_directory(target);
}

void write_file_keeping(const fs::path& path, const fs::path& previous, std::string_view bytes) {
  TemporaryFile temporary(temporary_name(path));
  write_temporary(temporary, path, bytes);
  if (::rename(path.c_str(), previous.c_str()) != 0 && errno != ENOENT)
    fail(previous, "cannot replace the file", errno);
  if (::rename(temporary.path().c_str(), path.c_str()) != 0)
    fail(path, "cannot replace the file", errno);
  temporary.keep();
  sync_directory(path);
}

void append_file(const fs::path& path, std::string_view bytes) {
  Descriptor file(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (file.get() < 0) fail(path, "cannot create the file", errno);
  int code = write_all(file.get(), bytes);
  if (const int closed = file.close(); code == 0) code = closed;
  if (code != 0) fail(path, "cannot write the file", code);
}

bool truncate_file(const fs::path& path, std::uint64_t size) {
  std::error_code code;
  const std::uintmax_t now = fs::file_size(path, code);
  if (code == std::errc::no_such_file_or_directory || (!code && now <= size)) return false;
  if (!code) fs::resize_file(path, size, code);
  if (code) fail(path, "cannot shorten the file", code.value());
  return true;
}

std::string content_hash(std::string_view bytes) {
  __extension__ using Wide = unsigned __int128;
  constexpr Wide kPrime = Wide{1} << 88 | 0x13b;
  Wide hash = Wide{0x6c62272e07bb0142ull} << 64 | 0x62b821756295c58dull;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kPrime;
  }
  std::string text(32, '0');
  for (std::size_t i = text.size(); i-- > 0; hash >>= 4)
    text[i] = "0123456789abcdef"[static_cast<unsigned>(hash & 15)];
  return text;
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  for (const char c : bytes) {
    seed ^= static_cast<unsigned char>(c);
    seed *= 0x100000001b3ull;
  }
  return seed;
}

}  // namespace nasmyth
