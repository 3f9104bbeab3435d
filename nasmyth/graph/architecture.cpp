#include "nasmyth/graph/architecture.h"

#include <algorithm>

#include "nasmyth/core/file.h"
#include "nasmyth/core/json.h"

namespace nasmyth {
namespace {

std::map<std::string, std::string> labels_from_json(std::string_view text) {
  const Json object = parse_json(text, "architecture");
  std::map<std::string, std::string> labels;
  if (!object.is_object())
    throw Error(ErrorKind::kInvalidData, "architecture", "it is no JSON object",
                "write {\"choice\": \"option\", ...}");
  for (const auto& [name, label] : object.items()) {
    if (!label.is_string())
      throw Error(ErrorKind::kInvalidData, "architecture",
                  "the option of '" + name + "' is no text", "write {\"choice\": \"option\", ...}");
    labels[name] = label.get<std::string>();
  }
  return labels;
}

std::map<std::string, std::string> labels_from_text(std::string_view text) {
  std::map<std::string, std::string> labels;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos)
      throw Error(ErrorKind::kInvalidData, "architecture",
                  "'" + std::string(pair) + "' is no choice=option pair",
                  "write choice=option;choice=option");
    labels[std::string(pair.substr(0, equals))] = std::string(pair.substr(equals + 1));
  }
  return labels;
}

}  // namespace

Architecture::Architecture(ChoiceSetPtr choices) : choices_(std::move(choices)) {
  options_.assign(static_cast<std::size_t>(choices_->size()), -1);
}

Architecture::Architecture(ChoiceSetPtr choices, std::vector<int> options)
    : choices_(std::move(choices)), options_(std::move(options)) {
  if (options_.size() != static_cast<std::size_t>(choices_->size()))
    throw Error(ErrorKind::kOutOfRange, "architecture",
                std::to_string(options_.size()) + " options for " +
                    std::to_string(choices_->size()) + " choices");
  for (int c = 0; c < choices_->size(); ++c)
    if (option(c) < -1 || option(c) >= (*choices_)[c].size())
      throw Error(ErrorKind::kOutOfRange, "architecture",
                  "option " + std::to_string(option(c)) + " of choice " + (*choices_)[c].name);
}

Architecture Architecture::from_labels(ChoiceSetPtr choices,
                                       const std::map<std::string, std::string>& labels) {
  Architecture a(std::move(choices));
  for (const auto& [name, label] : labels) a = a.with(name, label);
  return a;
}

Architecture Architecture::parse(ChoiceSetPtr choices, std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return Architecture(std::move(choices));
  text = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  const auto labels = text.front() == '{' ? labels_from_json(text) : labels_from_text(text);
  return from_labels(std::move(choices), labels);
}

const std::string& Architecture::label(int choice) const {
  static const std::string kAbsent;
  const int o = option(choice);
  return o < 0 ? kAbsent : (*choices_)[choice].options[static_cast<std::size_t>(o)].label;
}

bool Architecture::complete() const {
  return std::find(options_.begin(), options_.end(), -1) == options_.end();
}

Architecture Architecture::with(int choice, int option) const {
  auto options = options_;
  options[static_cast<std::size_t>(choice)] = option;
  return Architecture(choices_, std::move(options));
}

Architecture Architecture::with(std::string_view choice, std::string_view label) const {
  const int c = choices_->index(choice);
  const int o = (*choices_)[c].index_of(label);
  if (o < 0)
    throw unknown_name("choice " + std::string(choice), "option", label, (*choices_)[c].labels());
  return with(c, o);
}

std::map<std::string, std::string> Architecture::to_labels() const {
  std::map<std::string, std::string> labels;
  for (int c = 0; c < choices_->size(); ++c)
    if (option(c) >= 0) labels[(*choices_)[c].name] = label(c);
  return labels;
}

std::string Architecture::to_text() const {
  std::string text;
  for (int c = 0; c < choices_->size(); ++c)
    if (option(c) >= 0) text += (text.empty() ? "" : ";") + (*choices_)[c].name + "=" + label(c);
  return text;
}

std::string Architecture::to_json() const {
  Json object = Json::object();
  for (int c = 0; c < choices_->size(); ++c)
    if (option(c) >= 0) object[(*choices_)[c].name] = label(c);
  return json_text(object);
}

std::uint64_t Architecture::hash() const { return hash64(to_text()); }

bool operator==(const Architecture& a, const Architecture& b) {
  return (a.choices_ == b.choices_ || a.choices_->hash() == b.choices_->hash()) &&
         a.options_ == b.options_;
}

bool allowed(const Architecture& architecture) {
  const ChoiceSet& choices = *architecture.choices();
  for (int c = 0; c < choices.size(); ++c)
    if (const int o = architecture.option(c);
        o >= 0 && choices[c].options[static_cast<std::size_t>(o)].search_only)
      return false;
  for (const auto& constraint : choices.constraints()) {
    bool whole = true;
    for (int c : constraint.scope()) whole = whole && architecture.option(c) >= 0;
    if (whole && constraint.at(architecture.options()) != 0) return false;
  }
  return true;
}

Architecture random_architecture(const ChoiceSetPtr& choices, RandomStream& random) {
  constexpr int kTries = 100'000;
  std::vector<std::vector<int>> usable(static_cast<std::size_t>(choices->size()));
  for (int c = 0; c < choices->size(); ++c)
    for (int o = 0; o < (*choices)[c].size(); ++o)
      if (!(*choices)[c].options[static_cast<std::size_t>(o)].search_only)
        usable[static_cast<std::size_t>(c)].push_back(o);
  for (int attempt = 0; attempt < kTries; ++attempt) {
    std::vector<int> options;
    for (const auto& u : usable) {
      if (u.empty())
        throw Error(ErrorKind::kInfeasible, "architecture",
                    "a choice has only search-only options");
      options.push_back(u[random.below(u.size())]);
    }
    Architecture a(choices, std::move(options));
    if (allowed(a)) return a;
  }
  throw Error(ErrorKind::kInfeasible, "architecture",
              "no random architecture met the constraints in " + std::to_string(kTries) + " tries",
              "loosen the constraints of the space");
}

}  // namespace nasmyth
