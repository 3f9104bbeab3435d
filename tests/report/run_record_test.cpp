#include "nasmyth/report/run_record.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nasmyth/core/error.h"
#include "tests/report/sample_run.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

TEST(RunRecord, HasAllOfARun) {
  const test::TemporaryDirectory temporary;
  const RunRecord run = read_run(test::write_sample_run(temporary / "run"));
  EXPECT_TRUE(run.faults.empty()) << run.faults.front();
  EXPECT_EQ(run.name, "run");
  EXPECT_TRUE(run.finished());
  ASSERT_EQ(run.arms.size(), 2u);
  EXPECT_NEAR(run.own()->test_accuracy(), 0.75, 1e-12);
  EXPECT_EQ(run.own()->cost("params"), 120);
  EXPECT_TRUE(std::isnan(run.own()->cost("energy")));
  EXPECT_EQ(run.own()->test_images(), 12);
  EXPECT_EQ(run.own()->predictions.size(), 12u);
  ASSERT_EQ(run.limits.size(), 2u);
  EXPECT_EQ(run.limits[0].at_most, 1000);
  ASSERT_EQ(run.search.size(), 2u);
  EXPECT_TRUE(std::isnan(run.search[0].figures.validation_loss));  // of a warm-up epoch
  EXPECT_EQ(run.search[1].figures.expected_costs.size(), 2u);
  EXPECT_EQ(run.search[1].probabilities, (OptionWeights{{0.25, 0.75}}));
  EXPECT_EQ(run.search[1].warnings.size(), 1u);
  ASSERT_NE(run.training("search"), nullptr);
  EXPECT_EQ(run.training("search")->epochs.size(), 2u);
  EXPECT_EQ(run.choices.size(), 1u);
  EXPECT_TRUE(run.derivation->proven);
  EXPECT_TRUE(run.graph.has_value());
  EXPECT_EQ(run.classes.size(), 3u);
  EXPECT_EQ(run.setting("search.epochs"), "2");
}

TEST(RunRecord, OfARunThatIsUnderWay) {
  const test::TemporaryDirectory temporary;
  test::SampleRun sample;
  sample.tested = false;
  const RunDirectory run = test::write_sample_run(temporary / "run", sample);
  run.append_metrics("{\"phase\": \"search\", \"epoch\": 3}\n{\"phase\": \"sea");
  std::string metrics = run.read(RunDirectory::kMetrics);
  metrics.pop_back();  // the last line is not whole yet
  run.write(RunDirectory::kMetrics, metrics);
  const RunRecord record = read_run(run);
  EXPECT_TRUE(record.faults.empty()) << record.faults.front();
  EXPECT_EQ(record.search.size(), 3u);
  EXPECT_EQ(record.own(), nullptr);
  EXPECT_FALSE(record.finished());
}

TEST(RunRecord, DamagedFilesAreFaultsAndTheRestIsRead) {
  const test::TemporaryDirectory temporary;
  const RunDirectory run = test::write_sample_run(temporary / "run");
  run.write(RunDirectory::kResult, "{\"arms\": [{\"confusion\": \"none\"}]}");
  run.write(RunDirectory::kGraph, "{}");
  run.write(RunDirectory::kLogits, "[1");
  run.write(RunDirectory::kData, "{\"channels\": -1}");
  run.write(RunDirectory::kPredictions, "{}");
  run.write(RunDirectory::kMetrics, run.read(RunDirectory::kMetrics) + "not json\n");
  const RunRecord record = read_run(run);
  EXPECT_EQ(record.faults.size(), 7u);  // the six, and probabilities without their choices
  EXPECT_EQ(record.search.size(), 2u);
  EXPECT_EQ(record.settings.empty(), false);
}

TEST(RunRecord, WhatDoesNotFitIsLeftOut) {
  const test::TemporaryDirectory temporary;
  const RunDirectory run = test::write_sample_run(temporary / "run");
  run.write(RunDirectory::kData,
            "{\"channels\": 1, \"height\": 8, \"width\": 8, \"mean\": [0], \"deviation\": [1], "
            "\"classes\": [\"a\", \"b\"]}");
  run.write(RunDirectory::kPredictions, "{\"labels\": [0, 1], \"arms\": {\"search\": [0]}}");
  run.write(RunDirectory::kLogits, "{\"op\": {\"a\": 0}}");
  const RunRecord record = read_run(run);
  EXPECT_TRUE(record.own()->confusion.empty());
  EXPECT_TRUE(record.own()->predictions.empty());
  EXPECT_TRUE(record.search[0].probabilities.empty());
  EXPECT_EQ(record.faults.size(), 3u);  // one for each confusion matrix, one for the choices
}

TEST(RunRecord, AnEmptyDirectoryIsNoRun) {
  const test::TemporaryDirectory temporary;
  EXPECT_THROW(read_run(RunDirectory::open(temporary.path())), Error);
}

}  // namespace
}  // namespace nasmyth
