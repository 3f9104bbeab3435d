#include "nasmyth/core/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <string>

#include "nasmyth/core/error.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

template <class F>
std::string io_fault(F&& function) {
  try {
    function();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kIo);
    return e.what();
  }
  return "none";
}

TEST(File, WritesAndReadsBack) {
  const test::TemporaryDirectory folder;
  const fs::path path = folder / "a.bin";
  std::string bytes(300000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  write_file_atomic(path, bytes);
  EXPECT_EQ(read_file(path), bytes);
  write_file_atomic(path, "");
  EXPECT_EQ(read_file(path), "");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(File, ReadsFilesWithoutKnownSize) {
  EXPECT_NE(read_file("/proc/self/status").find("Name:"), std::string::npos);
}

TEST(File, FaultsNamePathAndReason) {
  const test::TemporaryDirectory folder;
  const std::string missing = io_fault([&] { read_file(folder / "none"); });
  EXPECT_NE(missing.find((folder / "none").string()), std::string::npos);
  EXPECT_NE(missing.find("No such file"), std::string::npos);
  EXPECT_NE(io_fault([&] { read_file(folder.path()); }), "none");
  EXPECT_NE(io_fault([&] { write_file_atomic(folder / "no/such/folder", "x"); }), "none");
  EXPECT_NE(io_fault([&] { write_file_atomic(folder.path(), "x"); }), "none");
  EXPECT_NE(io_fault([&] { write_file_atomic("/dev/null", "x"); }), "none");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(entries(folder.path()), 0);
}

/// Lets writes past `bytes` fail for a scope, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(File, FailedWriteLeavesTheOldFileAndNoRemains) {
  const test::TemporaryDirectory folder;
  const fs::path path = folder / "checkpoint";
  write_file_atomic(path, "old");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = io_fault([&] { write_file_atomic(path, std::string(100000, 'x')); });
  }
  EXPECT_NE(message.find("cannot write the file: File too large"), std::string::npos) << message;
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(File, KeepsPermissionsAndLinks) {
  const test::TemporaryDirectory folder;
  const fs::path path = folder / "a", link = folder / "link";
  write_file_atomic(path, "1");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", link);
  write_file_atomic(link, "2");
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_file(path), "2");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

// Known answers: the FNV reference (Landon Curt Noll) for 64 and 128 bits.
TEST(Hash, GivesTheKnownAnswers) {
  EXPECT_EQ(hash64(""), 0xcbf29ce484222325u);
  EXPECT_EQ(hash64("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(hash64("foobar"), 0x85944171f73967e8u);
  EXPECT_EQ(hash64("bar", hash64("foo")), hash64("foobar"));
  EXPECT_EQ(content_hash(""), "6c62272e07bb014262b821756295c58d");
  EXPECT_EQ(content_hash("a"), "d228cb696f1a8caf78912b704e4a8964");
}

}  // namespace
}  // namespace nasmyth
