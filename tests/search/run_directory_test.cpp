#include "nasmyth/search/run_directory.h"

#include <gtest/gtest.h>

#include <fstream>

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

// A process that was killed before it wrote anything leaves its lock, and perhaps a temporary file.
TEST(RunDirectory, WhatAKilledProcessLeavesIsNothing) {
  const test::TemporaryDirectory temporary;
  std::ofstream(temporary / "lock") << "123";
  std::ofstream(temporary / ".configuration.yaml.tmp-123-0") << "seed";
  EXPECT_NO_THROW(RunDirectory::create(temporary.path()));
  std::ofstream(temporary / "notes") << "mine";
  EXPECT_THROW(RunDirectory::create(temporary.path()), Error);
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
