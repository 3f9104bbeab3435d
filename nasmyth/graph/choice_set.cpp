#include "nasmyth/graph/choice_set.h"

#include <bit>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/options.h"

namespace nasmyth {
namespace {

std::uint64_t mix_number(std::uint64_t hash, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return hash64({reinterpret_cast<const char*>(&bits), sizeof bits}, hash);
}

std::uint64_t mix_text(std::uint64_t hash, std::string_view text) {
  return mix_number(hash64(text, hash), static_cast<double>(text.size()));
}

void check_choice(const Choice& choice) {
  const std::string where = "choice " + choice.name;
  if (choice.name.empty()) throw Error(ErrorKind::kInvalidArgument, "choice", "an empty name");
  if (choice.options.empty()) throw Error(ErrorKind::kInvalidArgument, where, "it has no options");
  std::set<std::string_view> labels;
  for (const auto& option : choice.options)
    if (!labels.insert(option.label).second)
      throw Error(ErrorKind::kInvalidArgument, where,
                  "the label '" + option.label + "' stands twice");
}

}  // namespace

int Choice::index_of(std::string_view label) const {
  for (std::size_t i = 0; i < options.size(); ++i)
    if (options[i].label == label) return static_cast<int>(i);
  return -1;
}

std::vector<std::string> Choice::labels() const {
  std::vector<std::string> labels;
  for (const auto& option : options) labels.push_back(option.label);
  return labels;
}

Choice one_of(std::string name, std::vector<std::string> labels) {
  Choice choice{std::move(name), {}, false};
  for (std::size_t i = 0; i < labels.size(); ++i)
    choice.options.push_back({std::move(labels[i]), std::nullopt, std::uint64_t{1} << i, false});
  return choice;
}

Choice subset_of(std::string name, int n, int k) {
  if (n < 1 || n > 24 || k < 0 || k > n)
    throw Error(ErrorKind::kOutOfRange, "choice " + name,
                std::to_string(k) + " of " + std::to_string(n) + " inputs", "use 1 to 24 inputs");
  Choice choice{std::move(name), {}, false};
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << n; ++mask) {
    if (std::popcount(mask) != k) continue;
    std::string label;
    for (int i = 0; i < n; ++i)
      if (mask >> i & 1) label += (label.empty() ? "" : "+") + std::to_string(i);
    choice.options.push_back({label.empty() ? "none" : label, std::nullopt, mask, false});
  }
  return choice;
}

Choice value_of(std::string name, std::vector<double> values) {
  Choice choice{std::move(name), {}, true};
  for (std::size_t i = 0; i < values.size(); ++i)
    choice.options.push_back(
        {print_number(values[i]), values[i], i < 64 ? std::uint64_t{1} << i : 0, false});
  return choice;
}

ChoiceSet::ChoiceSet(std::vector<Choice> choices, std::vector<ChoiceFunction> constraints)
    : choices_(std::move(choices)), constraints_(std::move(constraints)) {
  std::set<std::string_view> names;
  std::uint64_t hash = hash64("choices");
  for (const auto& choice : choices_) {
    check_choice(choice);
    if (!names.insert(choice.name).second)
      throw Error(ErrorKind::kInvalidArgument, "choice " + choice.name, "the name stands twice");
    hash = mix_number(mix_text(hash, choice.name), choice.ordered ? 1 : 0);
    for (const auto& option : choice.options) {
      hash = mix_text(hash, option.label);
      hash = mix_number(hash, option.value.value_or(-1));
      hash = mix_number(hash, static_cast<double>(option.picks));
      hash = mix_number(hash, option.search_only ? 1 : 0);
    }
  }
  for (const auto& constraint : constraints_) {
    for (int c : constraint.scope()) hash = mix_number(hash, c);
    for (double v : constraint.values()) hash = mix_number(hash, v);
  }
  hash_ = hash;
}

int ChoiceSet::find(std::string_view name) const {
  for (std::size_t i = 0; i < choices_.size(); ++i)
    if (choices_[i].name == name) return static_cast<int>(i);
  return -1;
}

int ChoiceSet::index(std::string_view name) const {
  if (const int i = find(name); i >= 0) return i;
  std::vector<std::string> names;
  for (const auto& choice : choices_) names.push_back(choice.name);
  throw unknown_name("architecture", "choice", name, names);
}

}  // namespace nasmyth
