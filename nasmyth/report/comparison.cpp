#include "nasmyth/report/comparison.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "nasmyth/train/statistics.h"

namespace nasmyth {
namespace {

// The last `parts` parts of a path.
std::string tail(const std::string& path, std::size_t parts) {
  const auto whole = (std::filesystem::absolute(path) / "").parent_path().lexically_normal();
  std::filesystem::path name;
  std::size_t count = 0;
  for (auto p = whole; count < parts && !p.filename().empty(); p = p.parent_path(), ++count)
    name = name.empty() ? p.filename() : p.filename() / name;
  return name.string();
}

// Whether a key has to do with what network is found; seeds are what groups are made of.
bool matters(const std::string& key) {
  return key != "seed" && key != "threads" && key != "checkpoint_seconds" && key != "controls" &&
         !key.starts_with("random.");
}

}  // namespace

std::vector<std::string> run_names(const std::vector<RunRecord>& runs) {
  constexpr std::size_t kMostParts = 8;
  for (std::size_t parts = 1; parts <= kMostParts; ++parts) {
    std::vector<std::string> names;
    for (const auto& run : runs) names.push_back(tail(run.path, parts));
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  }
  std::vector<std::string> names;  // one run was named twice
  for (std::size_t i = 0; i < runs.size(); ++i)
    names.push_back(tail(runs[i].path, 1) + " (" + std::to_string(i + 1) + ")");
  return names;
}

std::vector<RunPair> compare_pairs(const std::vector<RunRecord>& runs,
                                   std::vector<std::string>& notes) {
  const std::vector<std::string> names = run_names(runs);
  std::vector<RunPair> pairs;
  std::vector<std::size_t> able;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const ArmRecord* own = runs[i].own();
    if (!own)
      notes.push_back(names[i] + ": no network was tested yet");
    else if (own->predictions.empty())
      notes.push_back(names[i] + ": the run has no record of its predictions (" +
                      std::string(RunDirectory::kPredictions) + ")");
    else
      able.push_back(i);
  }
  for (std::size_t a = 0; a < able.size(); ++a)
    for (std::size_t b = a + 1; b < able.size(); ++b) {
      const RunRecord &first = runs[able[a]], &second = runs[able[b]];
      if (first.labels != second.labels) {
        notes.push_back(names[able[a]] + " and " + names[able[b]] +
                        ": they were tested on different images");
        continue;
      }
      const McNemarTest test =
          mcnemar_test(first.own()->predictions, second.own()->predictions, first.labels);
      pairs.push_back(
          {able[a], able[b], test.first_only, test.second_only, test.p_value, compare_words(test)});
    }
  return pairs;
}

std::vector<RunGroup> group_by_configuration(const std::vector<RunRecord>& runs) {
  std::vector<RunGroup> groups;
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::string text;
    // A training of a given architecture has its architecture as its configuration.
    if (runs[i].strategy.empty())
      for (const auto& [choice, option] : runs[i].architecture)
        text += choice + "=" + option + "\n";
    for (const auto& [key, value] : runs[i].settings)
      if (matters(key)) text += key + "=" + value + "\n";
    const auto [it, fresh] = index.emplace(text, groups.size());
    if (fresh) groups.emplace_back();
    RunGroup& group = groups[it->second];
    group.runs.push_back(i);
    if (const ArmRecord* own = runs[i].own()) group.accuracies.push_back(own->test_accuracy());
  }
  return groups;
}

std::vector<std::pair<std::string, std::vector<std::string>>> different_settings(
    const std::vector<RunRecord>& runs) {
  std::vector<std::string> keys;
  for (const auto& run : runs)
    for (const auto& [key, value] : run.settings)
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  std::vector<std::pair<std::string, std::vector<std::string>>> different;
  for (const auto& key : keys) {
    std::vector<std::string> values;
    for (const auto& run : runs) values.push_back(run.setting(key));
    if (std::any_of(values.begin(), values.end(), [&](const auto& v) { return v != values[0]; }))
      different.emplace_back(key, std::move(values));
  }
  return different;
}

}  // namespace nasmyth
