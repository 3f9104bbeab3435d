#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"

namespace nasmyth {

/// The configuration of a run: an ordered tree of texts, flattened to dotted keys
/// (`limits.params` -> "20k"). It comes from a YAML file and from `--set key=value`; values stay
/// text until the options that own them read them, lists are kept as `[a, b]` and YAML's null as
/// "none". The object remembers which keys were read, so that a misspelt one is an error. Not
/// thread-safe, reading included.
class Configuration {
 public:
  Configuration() = default;

  /// Reads a YAML file. Throws kIo, or kInvalidData whose place is `file:line:column`.
  static Configuration load(const std::filesystem::path& path);

  /// The same from text; `name` stands for the file in messages.
  static Configuration parse(std::string_view yaml, std::string_view name);

  /// Sets or replaces one key from `key=value`, as `--set` gives it. Throws kInvalidArgument.
  void set(std::string_view assignment);

  /// Sets or replaces one key; `origin` is its place in messages. Throws kInvalidArgument for a
  /// malformed key and where a key would be a value and a section at once.
  void set_value(std::string_view key, std::string_view value, std::string_view origin);

  /// Takes over all keys of `other`, which win over those of this configuration.
  void merge(const Configuration& other);

  /// The value of a key, which counts as read from now on; absent where the key is not set.
  std::optional<std::string> get(std::string_view key) const;

  /// The keys below `prefix` without it, which count as read from now on. Deeper keys stay dotted:
  /// section("space") holds "search.cells" for `space.search.cells`.
  OptionMap section(std::string_view prefix) const;

  /// Whether a value or a section of that name is set; does not count as reading.
  bool has(std::string_view key) const;

  /// The names directly below a section in the order of the file; "" is the top. Does not count as
  /// reading.
  std::vector<std::string> children(std::string_view prefix) const;

  /// All keys that hold a value, in the order in which they were first set.
  std::vector<std::string> keys() const;

  /// Where a key was set: `file:line:column`, or `--set key`; "" for an unknown key.
  std::string origin(std::string_view key) const;

  /// The keys that nothing read so far, in order.
  std::vector<std::string> unread() const;

  /// Throws kUnknownName for the first unread key, with the nearest of the keys asked for so far.
  void check_all_read() const;

  /// YAML text that parses to the same keys and values in the same order of sections.
  std::string to_yaml() const;

 private:
  struct Entry {
    std::string key;
    std::string value;
    std::string origin;
    bool is_null = false;  // may become a section later
    mutable bool read = false;
  };
  struct Loader;

  const Entry* find(std::string_view key) const;
  void put(Entry entry);
  void make_room_for_sections(std::string_view key, std::string_view origin);
  void erase(std::string_view key);

  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
  mutable std::set<std::string, std::less<>> asked_keys_;
  mutable std::set<std::string, std::less<>> asked_sections_;
};

}  // namespace nasmyth
