#include "nasmyth/search/first_steps.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "nasmyth/core/json.h"

namespace nasmyth {
namespace {

// All bits of a number, for reading beside the number itself.
std::string bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  char text[32];
  std::snprintf(text, sizeof text, "%016" PRIx64, bits);
  return text;
}

double from_bits(const std::string& text, std::string_view where) {
  if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw Error(ErrorKind::kInvalidData, where, "'" + text + "' are not the bits of a number");
  const std::uint64_t bits = std::stoull(text, nullptr, 16);
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

std::string to_json(const FirstSteps& first) {
  Json json;
  for (const auto& [name, text] : first.environment) json["environment"][name] = text;
  json["steps"] = Json::array();
  for (const auto& step : first.steps)
    json["steps"].push_back({{"kind", step.kind},
                             {"number", step.number},
                             {"loss", step.loss},
                             {"bits", bits_of(step.loss)}});
  return json_text(json);
}

FirstSteps first_steps_from_json(std::string_view text, std::string_view where) {
  const Json json = parse_json(text, where);
  FirstSteps first;
  const Json environment = json_at<Json>(json, "environment", where);
  for (const auto& [name, value] : environment.items())
    first.environment.emplace_back(name, json_at<std::string>(environment, name.c_str(), where));
  for (const Json& step : json_at<Json>(json, "steps", where))
    first.steps.push_back({json_at<std::string>(step, "kind", where),
                           json_at<std::int64_t>(step, "number", where),
                           from_bits(json_at<std::string>(step, "bits", where), where)});
  return first;
}

Verification compare(FirstSteps recorded, FirstSteps repeated) {
  Verification v;
  v.compared = static_cast<std::int64_t>(std::min(recorded.steps.size(), repeated.steps.size()));
  for (std::int64_t i = 0; i < v.compared && v.first_difference < 0; ++i)
    if (!(recorded.steps[static_cast<std::size_t>(i)] ==
          repeated.steps[static_cast<std::size_t>(i)]))
      v.first_difference = i;
  for (const auto& [name, text] : recorded.environment) {
    const auto same = [&, n = name](const auto& other) { return other.first == n; };
    const auto found = std::find_if(repeated.environment.begin(), repeated.environment.end(), same);
    if (found == repeated.environment.end() || found->second != text) v.differences.push_back(name);
  }
  v.recorded = std::move(recorded);
  v.repeated = std::move(repeated);
  return v;
}

}  // namespace nasmyth
