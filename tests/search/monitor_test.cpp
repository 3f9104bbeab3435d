#include "nasmyth/search/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/space/search_space.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

// Every option alike, but skip_connect `skip` times as likely in the first `edges` normal edges.
OptionWeights probabilities(const ChoiceSet& choices, int edges, double skip) {
  OptionWeights all;
  int left = edges;
  for (const auto& choice : choices) {
    std::vector<double> row(static_cast<std::size_t>(choice.size()), 1.0);
    const int o = choice.index_of("skip_connect");
    if (o >= 0) row[1] = 1.1;  // something leads
    if (o >= 0 && choice.name.starts_with("normal") && left-- > 0)
      row[static_cast<std::size_t>(o)] = skip;
    double sum = 0;
    for (double v : row) sum += v;
    for (double& v : row) v /= sum;
    all.push_back(std::move(row));
  }
  return all;
}

SearchEpoch epoch(std::int64_t number) {
  SearchEpoch e;
  e.epoch = number;
  e.train_accuracy = 0.5;
  e.entropy = 0.8;
  return e;
}

class MonitorTest : public testing::Test {
 protected:
  SearchMonitor monitor(EarlyStopOptions options = {}) {
    return {space_->choices(), {{"params", 1000}}, 10, options};
  }
  MonitorFigures observe(SearchMonitor& m, std::int64_t number, int edges) {
    return m.observe(epoch(number), 20, probabilities(*space_->choices(), edges, 3));
  }
  std::unique_ptr<SearchSpace> space_ = make_space("darts");
};

TEST_F(MonitorTest, SkipsThatTakeOverRaiseTheAlarmOnce) {
  SearchMonitor m = monitor();
  EXPECT_TRUE(observe(m, 1, 0).warnings.empty());
  EXPECT_TRUE(observe(m, 2, 4).warnings.empty());
  const MonitorFigures f = observe(m, 3, 6);
  ASSERT_EQ(f.warnings.size(), 1u);
  EXPECT_THAT(f.warnings[0], HasSubstr("6 of 14 choices of 'normal' since epoch 3"));
  EXPECT_THAT(f.warnings[0], HasSubstr("partial_channels"));
  EXPECT_DOUBLE_EQ(f.skip_share, 6.0 / 28);
  EXPECT_EQ(f.changed_leaders, 2);
  EXPECT_EQ(f.stop, "");
  EXPECT_TRUE(observe(m, 4, 9).warnings.empty());
}

TEST_F(MonitorTest, SkipsAmongTheStrongestEdgesRaiseTheAlarm) {
  const auto genotype = [](const std::string& third) {
    return "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), "
           "('sep_conv_3x3', 1), ('" +
           third +
           "', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 0), ('dil_conv_3x3', 2)], "
           "normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), "
           "('sep_conv_3x3', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('sep_conv_3x3', 2), "
           "('sep_conv_3x3', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))";
  };
  SearchMonitor m = monitor();
  ASSERT_TRUE(m.watches_skips());
  const auto three_lead = probabilities(*space_->choices(), 3, 3);
  const Architecture two = space_->architecture(genotype("sep_conv_5x5"));
  EXPECT_TRUE(m.observe(epoch(1), 20, three_lead, &two).warnings.empty());
  const Architecture three = space_->architecture(genotype("skip_connect"));
  const MonitorFigures f = m.observe(epoch(2), 20, three_lead, &three);
  ASSERT_EQ(f.warnings.size(), 1u);
  EXPECT_THAT(f.warnings[0],
              HasSubstr("of 'normal', 3 of 8 choices that would be derived are skips"));
  EXPECT_FALSE(SearchMonitor(make_space("compact")->choices(), {}, 10, {}).watches_skips());
}

TEST_F(MonitorTest, Stops) {
  SearchMonitor collapse = monitor({"collapse", 5});
  EXPECT_EQ(observe(collapse, 1, 2).stop, "");
  EXPECT_THAT(observe(collapse, 2, 8).stop, HasSubstr("'normal'"));
  SearchMonitor stable = monitor({"stable", 2});
  EXPECT_EQ(observe(stable, 1, 3).stop, "");
  EXPECT_EQ(observe(stable, 2, 3).stop, "");
  EXPECT_THAT(observe(stable, 3, 3).stop, HasSubstr("2 epochs"));
}

TEST_F(MonitorTest, NothingLearntNothingDecidedLimitExceeded) {
  SearchMonitor m = monitor();
  SearchEpoch e = epoch(16);
  e.train_accuracy = 0.11;
  e.entropy = 0.99;
  e.expected_costs = {{"params", 1300}};
  const auto f = m.observe(e, 20, probabilities(*space_->choices(), 0, 1));
  ASSERT_EQ(f.warnings.size(), 3u);
  EXPECT_THAT(f.warnings[0], HasSubstr("no better than chance"));
  EXPECT_THAT(f.warnings[1], HasSubstr("hardly anything is decided"));
  EXPECT_THAT(f.warnings[2], HasSubstr("1.30 k"));
}

TEST_F(MonitorTest, SavedAndLoadedGoesOn) {
  SearchMonitor a = monitor({"stable", 2});
  observe(a, 1, 6);
  observe(a, 2, 6);
  SearchMonitor b = monitor({"stable", 2});
  b.load(a.save(), "test");
  const MonitorFigures f = observe(b, 3, 6);
  EXPECT_TRUE(f.warnings.empty());
  EXPECT_THAT(f.stop, HasSubstr("2 epochs"));
  EXPECT_THROW(b.load(a.save().substr(1), "test"), Error);
}

}  // namespace
}  // namespace nasmyth::test
