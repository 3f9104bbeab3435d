#include "nasmyth/search/ablation.h"

#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/core/json.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

AblationTraining training(double accuracy, double worse) {
  AblationTraining t;
  t.metrics = {{"accuracy", accuracy}, {"auc", 0.9}};
  t.loss = 1;
  t.corrupted = {{worse, worse - 0.1}};
  return t;
}

AblationRow row(std::vector<double> accuracies, double worse) {
  AblationRow r;
  for (double a : accuracies) {
    r.trainings.push_back(training(a, worse));
    r.objective.push_back(a);
  }
  r.corrupted.assign(1, std::vector<double>(accuracies.size(), worse - 0.05));
  return r;
}

AblationResult sample() {
  AblationResult r;
  r.options.severities = {1, 5};
  r.options.epochs = 4;
  r.objective = "accuracy";
  r.images = 600;
  r.corruptions = {"noise"};
  r.plan.costs = {{"params", 1000}, {"macs", 20000}};
  for (const char* choice : {"vital", "helpful", "useless", "harmful"}) {
    AblationVariant v;
    v.choice = choice;
    v.found = "a";
    v.instead = "b";
    v.costs = {{"params", 900}, {"macs", 20000}};
    r.plan.variants.push_back(v);
  }
  r.unchanged = row({0.900, 0.903, 0.897}, 0.8);
  r.rows.push_back(row({0.500, 0.504, 0.498}, 0.4));
  r.rows.push_back(row({0.880, 0.883, 0.876}, 0.8));
  r.rows.push_back(row({0.901, 0.903, 0.897}, 0.8));
  r.rows.push_back(row({0.920, 0.924, 0.917}, 0.8));
  compare_rows(r);
  return r;
}

TEST(Ablation, WordsFollowTheRule) {
  const AblationResult r = sample();
  EXPECT_EQ(r.rows[0].words, "vital");
  EXPECT_EQ(r.rows[1].words, "helps");
  EXPECT_EQ(r.rows[2].words, "useless");
  EXPECT_EQ(r.rows[3].words, "harmful");
  EXPECT_LT(r.rows[0].p_worse[0], 0.05);
  EXPECT_EQ(r.rows[1].p_worse[0], 1);
}

TEST(Ablation, TextNamesWhatMatters) {
  const std::string text = to_text(sample());
  for (const char* part :
       {"(unchanged)", "90.00 ± 0.30", "-39.93 ± 0.06", "vital: vital=a (b: -39.93)",
        "useless: useless=a (b: +0.03)", "harmful: harmful=a", "900 (-10.0 %)", "selection part",
        "severities 1, 5"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(Ablation, JsonHasEverySeed) {
  const Json json = Json::parse(to_json(sample()));
  ASSERT_EQ(json["changes"].size(), 4u);
  const Json& change = json["changes"][0];
  EXPECT_EQ(change["found_option_is"], "vital");
  EXPECT_EQ(change["accuracy"]["values"].size(), 3u);
  EXPECT_EQ(change["corrupted"]["noise"]["severity"]["5"]["values"][0], 0.4 - 0.1);
  EXPECT_LT(change["effect"]["p_adjusted"].get<double>(), 0.001);
  EXPECT_EQ(json["unchanged"]["costs"]["params"], 1000);
}

TEST(Ablation, ConfigurationMovesWithItsRun) {
  const test::TemporaryDirectory temporary;
  const auto run = temporary.path() / "run";
  const RunDirectory directory = RunDirectory::create(run / "ablation");
  AblationOptions options;
  options.run = run.string();
  options.only = "stage1/*";
  options.severities = {2};
  directory.write(RunDirectory::kConfiguration,
                  ablation_configuration(options, directory.path()).to_yaml());
  std::filesystem::rename(run, temporary.path() / "moved");
  const RunDirectory moved = RunDirectory::open(temporary.path() / "moved/ablation");
  const AblationOptions read = read_ablation_configuration(moved);
  EXPECT_EQ(std::filesystem::path(read.run), temporary.path() / "moved");
  EXPECT_EQ(read.only, options.only);
  EXPECT_EQ(read.severities, options.severities);
  EXPECT_EQ(ablation_configuration(read, moved.path()).to_yaml(),
            moved.read(RunDirectory::kConfiguration));
}

TEST(Ablation, OtherDirectoriesAreNoAblation) {
  const test::TemporaryDirectory temporary;
  const RunDirectory directory = RunDirectory::create(temporary.path() / "run");
  directory.write(RunDirectory::kConfiguration, "data: planted\n");
  EXPECT_THROW(read_ablation_configuration(directory), Error);
}

}  // namespace
}  // namespace nasmyth
