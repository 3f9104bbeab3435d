#include "nasmyth/core/directory_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nasmyth/core/error.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {
namespace {

std::string refusal(const std::filesystem::path& directory) {
  try {
    DirectoryLock lock(directory);
    return {};
  } catch (const Error& e) {
    return e.what();
  }
}

TEST(DirectoryLock, KeepsOthersOutWhileItLives) {
  TemporaryDirectory directory;
  {
    const DirectoryLock lock(directory.path());
    EXPECT_THAT(refusal(directory.path()),
                testing::HasSubstr("process " + std::to_string(::getpid())));
    DirectoryLock moved(DirectoryLock(directory.path() / ".."));
  }
  EXPECT_EQ(refusal(directory.path()), "");
}

// The system gives the lock back, however the process ends.
TEST(DirectoryLock, EndsWithItsProcess) {
  TemporaryDirectory directory;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const DirectoryLock lock(directory.path());
    [[maybe_unused]] const ssize_t written = ::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal(directory.path()), testing::HasSubstr("process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(refusal(directory.path()), "");
}

TEST(DirectoryLock, NeedsTheDirectory) {
  EXPECT_THAT(refusal("/nonexistent/directory"), testing::HasSubstr("cannot create the file"));
}

}  // namespace
}  // namespace nasmyth::test
