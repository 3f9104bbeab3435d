#include "nasmyth/search/verify_run.h"

#include <sstream>

#include "nasmyth/core/json.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/search_run.h"

namespace nasmyth {
namespace {

// The same without all that tells of time.
Json timeless(Json value) {
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end();)
      it = it.key().find("seconds") != std::string::npos ? value.erase(it) : std::next(it);
    if (value.contains("decision")) value.erase("decision");
  }
  return value;
}

std::vector<Json> metrics(const RunDirectory& run) {
  std::vector<Json> lines;
  std::istringstream text(run.read(RunDirectory::kMetrics));
  const std::string where = run.file(RunDirectory::kMetrics).string();
  for (std::string line; std::getline(text, line);)
    lines.push_back(timeless(parse_json(line, where)));
  return lines;
}

// The first line of the metrics that differs, in words; empty where none does.
std::string metrics_difference(const RunDirectory& a, const RunDirectory& b) {
  const auto first = metrics(a), second = metrics(b);
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i)
    if (first[i] != second[i])
      return std::string(RunDirectory::kMetrics) + " from line " + std::to_string(i + 1);
  if (first.size() == second.size()) return {};
  return std::string(RunDirectory::kMetrics) + " (" + std::to_string(first.size()) + " and " +
         std::to_string(second.size()) + " lines)";
}

}  // namespace

std::optional<RunComparison> repeat_run(const RunDirectory& recorded, const RunDirectory& directory,
                                        ProgressSink& progress, const std::function<bool()>& stop) {
  const std::string result = recorded.file(RunDirectory::kResult).string();
  if (!recorded.has(RunDirectory::kResult) || !recorded.has(RunDirectory::kWeights) ||
      !parse_json(recorded.read(RunDirectory::kResult), result).contains("arms"))
    throw Error(ErrorKind::kUnsupported, recorded.path().string(),
                "it is not a finished run of `search`", "verify one, or leave out --whole");
  for (const auto name :
       {RunDirectory::kSpace, RunDirectory::kConfiguration, RunDirectory::kDecisions})
    if (recorded.has(name)) directory.write(name, recorded.read(name));
  SearchRun again(load_configuration(directory), progress);
  if (!again.run(directory, stop)) return std::nullopt;
  RunComparison comparison;
  for (const auto name : {RunDirectory::kArchitecture, RunDirectory::kLogits,
                          RunDirectory::kWeights, RunDirectory::kOnnx}) {
    if (!recorded.has(name)) continue;
    const bool same = directory.has(name) && directory.read(name) == recorded.read(name);
    (same ? comparison.equal : comparison.different).emplace_back(name);
  }
  const std::string difference = metrics_difference(recorded, directory);
  if (difference.empty())
    comparison.equal.emplace_back(RunDirectory::kMetrics);
  else
    comparison.different.push_back(difference);
  return comparison;
}

}  // namespace nasmyth
