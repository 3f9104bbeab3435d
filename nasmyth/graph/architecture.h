#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/graph/choice_set.h"

namespace nasmyth {

/// Choice -> option: the only thing that a strategy emits. Immutable in use; a shared ChoiceSet and
/// a small vector of indices. A choice may be absent (-1) when it does not act (see
/// NetworkGraph::canonical). Text, JSON and hash speak of names and labels.
class Architecture {
 public:
  Architecture() = default;
  /// All choices absent.
  explicit Architecture(ChoiceSetPtr choices);
  /// `options[c]`: option index of choice c, or -1. Throws kOutOfRange.
  Architecture(ChoiceSetPtr choices, std::vector<int> options);
  /// From names and labels; choices that are not named are absent. Unknown names and labels are
  /// errors with a suggestion.
  static Architecture from_labels(ChoiceSetPtr choices,
                                  const std::map<std::string, std::string>& labels);
  /// Reads what to_text or to_json wrote (JSON when it begins with '{').
  static Architecture parse(ChoiceSetPtr choices, std::string_view text);

  const ChoiceSetPtr& choices() const { return choices_; }
  const std::vector<int>& options() const { return options_; }
  /// Option index of a choice, -1 when absent.
  int option(int choice) const { return options_[static_cast<std::size_t>(choice)]; }
  const std::string& label(int choice) const;
  bool complete() const;

  /// A copy with one choice changed (`option` -1: absent).
  Architecture with(int choice, int option) const;
  Architecture with(std::string_view choice, std::string_view label) const;

  std::map<std::string, std::string> to_labels() const;
  /// `name=label;name=label`, in the order of the choice set; absent choices are left out.
  std::string to_text() const;
  /// An object of names and labels.
  std::string to_json() const;
  std::uint64_t hash() const;

  friend bool operator==(const Architecture& a, const Architecture& b);

 private:
  ChoiceSetPtr choices_ = std::make_shared<ChoiceSet>();
  std::vector<int> options_;
};

/// Fewer options: choice name -> labels that stay. What progressive methods, pinned and forbidden
/// choices pass between stages.
using Restriction = std::map<std::string, std::vector<std::string>>;

/// Uniform over the options that a derived network may use, choice by choice; retried until the
/// constraints hold (throws kInfeasible after 100,000 tries).
Architecture random_architecture(const ChoiceSetPtr& choices, RandomStream& random);

/// True when every constraint is 0 and no search-only option is used (absent choices pass).
bool allowed(const Architecture& architecture);

}  // namespace nasmyth
