#include "nasmyth/core/error.h"

#include <algorithm>
#include <vector>

#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

constexpr std::size_t kFewNames = 16;
constexpr std::size_t kShownOfMany = 8;
constexpr std::size_t kLongestCompared = 128;
// What users give may be of any length and hold any bytes; a message is one line that is read.
constexpr std::size_t kLongestPlace = 4200;  // a path may have 4096 bytes
constexpr std::size_t kLongestPart = 1500;

std::string message(std::string_view where, std::string_view what, std::string_view remedy) {
  std::string text;
  if (!where.empty()) text.append("[").append(where).append("] ");
  text += printable(what, kLongestPart);
  if (!remedy.empty()) text.append("; ").append(printable(remedy, kLongestPart));
  return text;
}

// Letters of either case and the separators '-', '_', ' ' count as equal.
std::string normalised(std::string_view name) {
  std::string text = to_lower(name);
  for (char& c : text)
    if (c == '-' || c == ' ') c = '_';
  return text;
}

// Damerau-Levenshtein distance (insert, delete, replace, swap of neighbours) by three rows.
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

int exit_code(ErrorKind kind) { return kind == ErrorKind::kInternal ? 1 : 2; }

Error::Error(ErrorKind kind, std::string_view where, std::string_view what, std::string_view remedy)
    : std::runtime_error(message(printable(where, kLongestPlace), what, remedy)),
      kind_(kind),
      where_(printable(where, kLongestPlace)),
      fault_(printable(what, kLongestPart)),
      remedy_(printable(remedy, kLongestPart)) {}

std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates) {
  if (name.empty() || name.size() > kLongestCompared) return {};
  const std::string wanted = normalised(name);
  std::string_view nearest;
  int least = 0;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongestCompared) continue;
    const int distance = edit_distance(wanted, normalised(candidate));
    const auto longer = static_cast<int>(std::max(wanted.size(), candidate.size()));
    // A third of the letters may differ; with fewer than four, one, if another one agrees.
    const int allowed = longer < 2 ? 0 : std::clamp(longer / 3, 1, 5);
    if (distance <= allowed && (nearest.empty() || distance < least)) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

Error unknown_name(std::string_view where, std::string_view kind, std::string_view name,
                   std::span<const std::string> candidates) {
  std::string what = "unknown ";
  what.append(kind).append(" '").append(name).append("'");
  const std::string_view nearest = nearest_name(name, candidates);
  if (!nearest.empty()) what.append("; did you mean '").append(nearest).append("'?");
  std::string known;
  if (candidates.empty())
    known = "none is known here";
  else if (candidates.size() <= kFewNames)
    known = "known: " + join(candidates, ", ");
  else if (nearest.empty())
    known = "known: " + join(candidates.first(kShownOfMany), ", ") + ", ... (" +
            std::to_string(candidates.size()) + " in all)";
  return Error(ErrorKind::kUnknownName, where, what, known);
}

}  // namespace nasmyth
