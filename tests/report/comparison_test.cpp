#include "nasmyth/report/comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/report/sample_run.h"
#include "tests/report/well_formed.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

class Comparison : public ::testing::Test {
 protected:
  RunDirectory add(const std::string& name, const test::SampleRun& sample) {
    directories_.push_back(test::write_sample_run(temporary_ / name, sample));
    records_.push_back(read_run(directories_.back()));
    return directories_.back();
  }
  static test::SampleRun sample(int seed, int mistakes, std::string epochs = "2") {
    test::SampleRun s;
    s.seed = seed;
    s.mistakes = mistakes;
    s.epochs = std::move(epochs);
    return s;
  }
  test::TemporaryDirectory temporary_;
  std::vector<RunDirectory> directories_;
  std::vector<RunRecord> records_;
};

TEST_F(Comparison, PairsAreComparedOnTheirImages) {
  add("a", sample(1, 0));
  add("b", sample(2, 12));
  std::vector<std::string> notes;
  const auto pairs = compare_pairs(records_, notes);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(pairs[0].only_first, 12);
  EXPECT_EQ(pairs[0].only_second, 0);
  EXPECT_NEAR(pairs[0].p_value, 2 * std::pow(0.5, 12), 1e-12);
  EXPECT_EQ(pairs[0].words, "better");
}

TEST_F(Comparison, LittleDifferenceIsNotDistinguishable) {
  add("a", sample(1, 3));
  add("b", sample(2, 4));
  std::vector<std::string> notes;
  EXPECT_EQ(compare_pairs(records_, notes).at(0).words, "not distinguishable");
}

TEST_F(Comparison, WhatCannotBeComparedIsNamed) {
  add("a", sample(1, 3));
  test::SampleRun unfinished;
  unfinished.tested = false;
  add("b", unfinished);
  add("c", sample(1, 3)).write(RunDirectory::kPredictions, "{}");
  records_.back() = read_run(directories_.back());
  records_.push_back(records_.front());
  records_.back().labels[0] = 2;
  std::vector<std::string> notes;
  EXPECT_TRUE(compare_pairs(records_, notes).empty());
  EXPECT_EQ(notes.size(), 3u);
}

TEST_F(Comparison, SeedsOfOneConfigurationAreAGroup) {
  add("a", sample(1, 3));
  add("b", sample(2, 4));
  add("c", sample(1, 5, "3"));
  const auto groups = group_by_configuration(records_);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].runs, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(groups[0].accuracies.size(), 2u);
}

TEST_F(Comparison, DifferentSettingsAreFound) {
  add("a", sample(1, 3));
  add("b", sample(2, 4, "3"));
  const auto different = different_settings(records_);
  ASSERT_EQ(different.size(), 2u);
  EXPECT_EQ(different[0].first, "seed");
  EXPECT_EQ(different[1].first, "search.epochs");
  EXPECT_EQ(different[1].second, (std::vector<std::string>{"2", "3"}));
}

TEST_F(Comparison, NamesTellRunsApart) {
  add("x/run", sample(1, 3));
  add("y/run", sample(2, 3));
  EXPECT_EQ(run_names(records_), (std::vector<std::string>{"x/run", "y/run"}));
  records_.push_back(records_.front());
  EXPECT_EQ(run_names(records_).back(), "run (3)");
}

TEST_F(Comparison, ThePageIsWellFormedAndEscapes) {
  test::SampleRun hostile = sample(1, 3);
  hostile.word = "</script><img src=x>\"&";
  add("<b>a", hostile);
  add("b", sample(2, 4, "3"));
  add("c", sample(3, 4, "3"));
  test::SampleRun unfinished;
  unfinished.tested = false;
  add("d", unfinished);
  const std::string html = write_comparison(directories_);
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_EQ(html.find("<img src=x"), std::string::npos);
  EXPECT_EQ(html.find("<b>a"), std::string::npos);
  EXPECT_NE(html.find("not distinguishable"), std::string::npos);
}

}  // namespace
}  // namespace nasmyth
