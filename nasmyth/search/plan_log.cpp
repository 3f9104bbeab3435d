#include "nasmyth/search/plan_log.h"

#include <sstream>

#include "nasmyth/core/json.h"

namespace nasmyth {
namespace {

constexpr const char* kName = "decision";
constexpr const char* kValue = "value";  // of a decision that is one number

PlanLog::Numbers numbers_of(const Json& line, const std::string& where) {
  PlanLog::Numbers numbers;
  for (const auto& [key, value] : line.items())
    if (key != kName) numbers[key] = json_at<double>(line, key.c_str(), where);
  return numbers;
}

std::string decision_after(const std::string& stage, std::int64_t done) {
  return stage + " after " + std::to_string(done);
}

}  // namespace

PlanLog::PlanLog(const RunDirectory& directory) : directory_(directory) {
  if (!directory.has(RunDirectory::kDecisions)) return;
  text_ = directory.read(RunDirectory::kDecisions);
  std::istringstream lines(text_);
  std::int64_t number = 0;
  for (std::string text; std::getline(lines, text);) {
    const std::string where =
        directory.file(RunDirectory::kDecisions).string() + ":" + std::to_string(++number);
    const Json line = parse_json(text, where);
    decisions_[json_at<std::string>(line, kName, where)] = numbers_of(line, where);
  }
}

PlanLog::Numbers PlanLog::decide(const std::string& name, const std::function<Numbers()>& find) {
  if (const auto it = decisions_.find(name); it != decisions_.end()) return it->second;
  const Numbers numbers = find();
  Json line{{kName, name}};
  for (const auto& [key, value] : numbers) line[key] = value;
  text_ += json_line(line) + "\n";
  directory_.write(RunDirectory::kDecisions, text_);
  return decisions_[name] = numbers;
}

std::int64_t PlanLog::decide_number(const std::string& name,
                                    const std::function<std::int64_t()>& find) {
  decide(name, [&] { return Numbers{{kValue, static_cast<double>(find())}}; });
  return number_at(name);
}

std::int64_t PlanLog::number_at(std::string_view name) const {
  const Numbers& numbers = at(name);
  const auto it = numbers.find(kValue);
  if (it == numbers.end())
    throw Error(ErrorKind::kInvalidData, directory_.file(RunDirectory::kDecisions).string(),
                "decision '" + std::string(name) + "' has no value");
  return static_cast<std::int64_t>(it->second);
}

PlanHook PlanLog::hook(std::string stage) {
  return [this, stage = std::move(stage)](std::int64_t done, std::int64_t suggested) {
    return decide_number(decision_after(stage, done), [&] { return suggested; });
  };
}

PlanHook PlanLog::replay(std::string stage, std::function<std::int64_t()> planned) const {
  return [this, stage = std::move(stage), planned = std::move(planned)](std::int64_t done,
                                                                        std::int64_t) {
    const std::string name = decision_after(stage, done);
    return has(name) ? number_at(name) : planned();
  };
}

const PlanLog::Numbers& PlanLog::at(std::string_view name) const {
  const auto it = decisions_.find(name);
  if (it == decisions_.end())
    throw Error(ErrorKind::kInvalidData, directory_.file(RunDirectory::kDecisions).string(),
                "it has no decision '" + std::string(name) + "'");
  return it->second;
}

}  // namespace nasmyth
