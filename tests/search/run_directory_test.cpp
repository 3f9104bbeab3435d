#include "nasmyth/search/run_directory.h"

#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

TEST(RunDirectory, NothingIsOverwritten) {
  const test::TemporaryDirectory temporary;
  const auto path = temporary.path() / "run";
  const RunDirectory run = RunDirectory::create(path);
  run.write(RunDirectory::kConfiguration, "seed: 1\n");
  EXPECT_THROW(RunDirectory::create(path), Error);
  EXPECT_EQ(RunDirectory::open(path).read(RunDirectory::kConfiguration), "seed: 1\n");
  EXPECT_EQ(RunDirectory::free_name(temporary.path(), "run").filename(), "run-2");
  EXPECT_EQ(RunDirectory::free_name(temporary.path(), "other").filename(), "other");
}

TEST(RunDirectory, AFileOrAForeignDirectoryIsNoRun) {
  const test::TemporaryDirectory temporary;
  EXPECT_THROW(RunDirectory::open(temporary.path() / "absent"), Error);
  EXPECT_THROW(RunDirectory::open(temporary.path()), Error);
}

TEST(RunDirectory, MetricsAreAppended) {
  const test::TemporaryDirectory temporary;
  const RunDirectory run = RunDirectory::create(temporary.path() / "a/b/run");
  run.append_metrics("{}");
  run.append_metrics("{\"epoch\":1}");
  EXPECT_EQ(run.read(RunDirectory::kMetrics), "{}\n{\"epoch\":1}\n");
}

}  // namespace
}  // namespace nasmyth
