#pragma once

#include <string>

#include "nasmyth/cli/kind.h"

namespace nasmyth {

/// A kind whose things are the entries of a registry, each with a `help` and no options.
template <class Entry>
class RegistryKind : public Kind {
 public:
  RegistryKind(std::string singular, std::string help, const Registry<Entry>& registry)
      : singular_(std::move(singular)), help_(std::move(help)), registry_(registry) {}

  std::string singular() const override { return singular_; }
  std::string help() const override { return help_; }
  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& [name, entry] : registry_) entries.push_back({name, entry.help});
    return entries;
  }
  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    check_option_names(settings, {}, singular_ + " " + std::string(name));
    return {std::string(name), registry_.get(name, "describe").help, {}, {}, {}};
  }

 private:
  std::string singular_, help_;
  const Registry<Entry>& registry_;
};

}  // namespace nasmyth
