#include "nasmyth/space/choice_rules.h"

#include <algorithm>
#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

constexpr double kGreatestPrior = 50;

std::vector<std::string> choice_names(const ChoiceSet& choices) {
  std::vector<std::string> names;
  for (const auto& choice : choices) names.push_back(choice.name);
  return names;
}

std::vector<int> matched(std::string_view pattern, const ChoiceSet& choices) {
  std::vector<int> found;
  for (int c = 0; c < choices.size(); ++c)
    if (matches(pattern, choices[c].name)) found.push_back(c);
  return found;
}

std::vector<int> matched_or_error(std::string_view pattern, const ChoiceSet& choices,
                                  const std::string& where) {
  auto found = matched(pattern, choices);
  if (found.empty()) throw unknown_name(where, "choice", pattern, choice_names(choices));
  return found;
}

// By label, or by number for a choice of values ("5.0" is 5).
int option_index(const Choice& choice, std::string_view text) {
  if (const int o = choice.index_of(text); o >= 0) return o;
  try {
    const double value = parse_number(text, {});
    for (int o = 0; o < choice.size(); ++o)
      if (choice.options[static_cast<std::size_t>(o)].value == value) return o;
  } catch (const Error&) {  // a word
  }
  return -1;
}

std::vector<std::string> options_of(const std::vector<int>& found, const ChoiceSet& choices) {
  std::vector<std::string> all;
  for (int c : found)
    for (auto& label : choices[c].labels())
      if (std::find(all.begin(), all.end(), label) == all.end()) all.push_back(std::move(label));
  return all;
}

/// The options that are left, rule by rule.
class Remaining {
 public:
  explicit Remaining(const ChoiceSet& choices) : choices_(choices) {
    for (const auto& choice : choices)
      left_.emplace_back(static_cast<std::size_t>(choice.size()), 1);
  }

  void apply(const std::string& pattern, const std::string& value, bool pin) {
    const std::string where = (pin ? "choices.pin." : "choices.forbid.") + pattern;
    const auto found = matched_or_error(pattern, choices_, where);
    const auto labels = parse_list(value, where);
    if (labels.empty())
      throw Error(ErrorKind::kInvalidArgument, where, "no option is named",
                  "name some of: " + join(options_of(found, choices_), ", "));
    std::vector<std::vector<char>> named(left_.size());
    for (int c : found) named[at(c)].assign(left_[at(c)].size(), 0);
    for (const auto& label : labels) {
      bool known = false;
      for (int c : found) {
        const int o = option_index(choices_[c], label);
        known = known || o >= 0;
        if (o >= 0) named[at(c)][at(o)] = 1;
      }
      if (!known) throw unknown_name(where, "option", label, options_of(found, choices_));
    }
    for (int c : found) keep(c, named[at(c)], pin, where, value);
  }

  Restriction restriction() const {
    Restriction result;
    for (std::size_t c = 0; c < left_.size(); ++c) {
      if (std::count(left_[c].begin(), left_[c].end(), 0) == 0) continue;
      auto& labels = result[choices_[static_cast<int>(c)].name];
      for (std::size_t o = 0; o < left_[c].size(); ++o)
        if (left_[c][o]) labels.push_back(choices_[static_cast<int>(c)].options[o].label);
    }
    return result;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  void keep(int c, const std::vector<char>& named, bool pin, const std::string& where,
            const std::string& value) {
    bool derivable = false;
    for (std::size_t o = 0; o < named.size(); ++o) {
      if ((named[o] != 0) != pin) left_[at(c)][o] = 0;
      derivable = derivable || (left_[at(c)][o] && !choices_[c].options[o].search_only);
    }
    if (!derivable)
      throw Error(ErrorKind::kInvalidArgument, where,
                  "'" + value + "' leaves no option of '" + choices_[c].name +
                      "' to derive; it has " + join(choices_[c].labels(), ", "),
                  "use a pattern that matches only choices with that option, or fewer rules");
  }

  const ChoiceSet& choices_;
  std::vector<std::vector<char>> left_;
};

/// A space of which some options are left out.
class RestrictedSpace : public SearchSpace {
 public:
  RestrictedSpace(std::unique_ptr<SearchSpace> whole, Restriction restriction)
      : whole_(std::move(whole)), restriction_(std::move(restriction)) {
    const auto open = whole_->graph(whole_->example());
    if (!open)
      throw Error(ErrorKind::kUnsupported, "choices",
                  "the networks of this space are no sub-networks of one open network",
                  "leave out choices.pin and choices.forbid");
    choices_ = open->restrict(restriction_).choices();
  }

  const ChoiceSetPtr& choices() const override { return choices_; }

  std::optional<NetworkGraph> graph(const Form& form) const override {
    const NetworkGraph fewer = whole_->graph(form)->restrict(restriction_);
    std::vector<int> decided;
    for (const auto& choice : *fewer.choices()) decided.push_back(choice.size() == 1 ? 0 : -1);
    return fewer.bind_partly(Architecture(fewer.choices(), std::move(decided)));
  }

  NetworkGraph network(const Architecture& architecture, const Form& form) const override {
    return whole_->network(in_whole(architecture), form);
  }
  std::string equivalence_key(const Architecture& architecture) const override {
    return whole_->equivalence_key(in_whole(architecture));
  }
  std::string genotype(const Architecture& architecture) const override {
    return whole_->genotype(in_whole(architecture));
  }
  Form example() const override { return whole_->example(); }
  std::vector<std::string> published() const override { return whole_->published(); }
  NetworkGraph network_from_text(std::string_view text, const Form& form) const override {
    return whole_->network_from_text(text, form);
  }

  Architecture architecture(std::string_view text) const override {
    const Architecture found = whole_->architecture(text);
    for (const auto& [name, label] : found.to_labels())
      if ((*choices_)[choices_->index(name)].index_of(label) < 0)
        throw Error(ErrorKind::kInvalidArgument, "architecture",
                    "its option '" + label + "' of '" + name +
                        "' is left out by choices.pin or choices.forbid",
                    "change the rules or the architecture");
    return Architecture::from_labels(choices_, found.to_labels());
  }

 private:
  Architecture in_whole(const Architecture& architecture) const {
    return Architecture::from_labels(whole_->choices(), architecture.to_labels());
  }

  std::unique_ptr<SearchSpace> whole_;
  Restriction restriction_;
  ChoiceSetPtr choices_;
};

}  // namespace

ChoiceRules ChoiceRules::read(const Configuration& configuration) {
  return {configuration.section("choices.pin"), configuration.section("choices.forbid"),
          configuration.section("choices.prior")};
}

bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() &&
               (pattern[p] == name[n] || (pattern[p] == '.' && name[n] == '/'))) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Restriction restriction_of(const ChoiceRules& rules, const ChoiceSet& choices) {
  Remaining remaining(choices);
  for (const auto& [pattern, value] : rules.pin) remaining.apply(pattern, value, true);
  for (const auto& [pattern, value] : rules.forbid) remaining.apply(pattern, value, false);
  return remaining.restriction();
}

std::unique_ptr<SearchSpace> restrict_space(std::unique_ptr<SearchSpace> space,
                                            const ChoiceRules& rules) {
  Restriction restriction = restriction_of(rules, *space->choices());
  if (restriction.empty()) return space;
  return std::make_unique<RestrictedSpace>(std::move(space), std::move(restriction));
}

std::vector<std::vector<double>> prior_logits(const ChoiceRules& rules, const ChoiceSet& choices) {
  std::vector<std::vector<double>> priors;
  if (rules.prior.empty()) return priors;
  for (const auto& choice : choices)
    priors.emplace_back(static_cast<std::size_t>(choice.size()), 0.0);
  for (const auto& [key, text] : rules.prior) {
    const std::string where = "choices.prior." + key;
    // The name of a choice holds no dot, that of an option may: the shortest part that matches.
    std::size_t dot = key.find('.');
    while (dot != std::string::npos && matched(key.substr(0, dot), choices).empty())
      dot = key.find('.', dot + 1);
    if (dot == std::string::npos && !matched(key, choices).empty())
      throw Error(ErrorKind::kInvalidArgument, where, "no option is named; got '" + text + "'",
                  "write " + where + ".OPTION with log-odds such as 2.0");
    if (dot == std::string::npos)
      throw unknown_name(where, "choice", key.substr(0, key.rfind('.')), choice_names(choices));
    const auto found = matched(key.substr(0, dot), choices);
    const std::string label = key.substr(dot + 1);
    const double value = parse_number(text, where);
    if (!(std::abs(value) <= kGreatestPrior))
      throw Error(ErrorKind::kOutOfRange, where,
                  "a prior is a difference of log-odds from -50 to 50; got " + text,
                  "2 makes an option e^2 = 7.4 times as likely as the others");
    bool known = false;
    for (int c : found)
      if (const int o = option_index(choices[c], label); o >= 0) {
        priors[static_cast<std::size_t>(c)][static_cast<std::size_t>(o)] = value;
        known = true;
      }
    if (!known) throw unknown_name(where, "option", label, options_of(found, choices));
  }
  return priors;
}

}  // namespace nasmyth
