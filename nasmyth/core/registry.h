#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {

/// Names to entries of one kind (operations, spaces, commands ...), in order of registration.
/// Filled once from the kind's `.def` list; a program or plug-in adds to it at run time before
/// first use. Reading is thread-safe, adding is not.
template <class T>
class Registry {
 public:
  /// `kind` is the word used in messages: "operation".
  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  /// Throws kInvalidArgument when the name is taken.
  void add(std::string name, T entry) {
    if (find(name) != nullptr)
      throw Error(ErrorKind::kInvalidArgument, kind_ + " registry",
                  "the name '" + name + "' is registered twice");
    entries_.emplace_back(std::move(name), std::move(entry));
  }

  const T* find(std::string_view name) const {
    for (const auto& [key, entry] : entries_)
      if (key == name) return &entry;
    return nullptr;
  }

  /// For completing an entry (a plug-in that sets its factory); null when unknown.
  T* find_to_change(std::string_view name) { return const_cast<T*>(find(name)); }

  /// The entry, or an unknown-name error with a suggestion.
  const T& get(std::string_view name, std::string_view where = {}) const {
    if (const T* entry = find(name)) return *entry;
    throw unknown_name(where.empty() ? std::string_view(kind_) : where, kind_, name, names());
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [key, entry] : entries_) names.push_back(key);
    return names;
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::string kind_;
  std::vector<std::pair<std::string, T>> entries_;
};

}  // namespace nasmyth
