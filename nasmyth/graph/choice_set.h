#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/graph/choice_function.h"

namespace nasmyth {

/// One option of a choice.
struct Option {
  std::string label;            ///< stable across versions; what files and people use
  std::optional<double> value;  ///< of a value choice (width, kernel, expansion)
  std::uint64_t picks = 0;      ///< bit j: input j of a select of this choice survives
  bool search_only = false;     ///< a derived network may not use it (DARTS's *none*)
  bool operator==(const Option&) const = default;
};

/// A decision between options. There are no kinds: one of n, k of n and any subset are lists of
/// options; one choice may drive selects and value expressions, and many nodes may share it.
struct Choice {
  std::string name;
  std::vector<Option> options;
  bool ordered = false;  ///< neighbouring options are alike (widths, depths)
  bool operator==(const Choice&) const = default;

  int size() const { return static_cast<int>(options.size()); }
  /// Index of the option with `label`, or -1.
  int index_of(std::string_view label) const;
  std::vector<std::string> labels() const;
};

/// One of `labels`, option i picking input i.
Choice one_of(std::string name, std::vector<std::string> labels);
/// k of n inputs; labels "0+2" list the picked inputs in ascending order, options in ascending
/// order of the picked set read as a binary number.
Choice subset_of(std::string name, int n, int k);
/// An ordered value choice; labels are the printed values. Picks input i, too.
Choice value_of(std::string name, std::vector<double> values);

/// The choices of a space with the constraints between them. Immutable, shared by graphs and
/// architectures.
class ChoiceSet {
 public:
  ChoiceSet() = default;
  /// `constraints`: functions of 0 (allowed) or infinity. Throws kInvalidArgument for a duplicate
  /// name, a duplicate label, a choice without options.
  explicit ChoiceSet(std::vector<Choice> choices, std::vector<ChoiceFunction> constraints = {});

  int size() const { return static_cast<int>(choices_.size()); }
  const Choice& operator[](int index) const { return choices_[static_cast<std::size_t>(index)]; }
  const std::vector<Choice>& choices() const { return choices_; }
  const std::vector<ChoiceFunction>& constraints() const { return constraints_; }
  auto begin() const { return choices_.begin(); }
  auto end() const { return choices_.end(); }

  /// Index by name, or -1.
  int find(std::string_view name) const;
  /// Index by name; an unknown-name error with a suggestion otherwise.
  int index(std::string_view name) const;
  /// Changes when any name, label, value or constraint changes.
  std::uint64_t hash() const { return hash_; }

 private:
  std::vector<Choice> choices_;
  std::vector<ChoiceFunction> constraints_;
  std::uint64_t hash_ = 0;
};

using ChoiceSetPtr = std::shared_ptr<const ChoiceSet>;

}  // namespace nasmyth
