#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/registry.h"

namespace nasmyth {

/// One named thing in a list.
struct KindEntry {
  std::string name;
  std::string help;  ///< one sentence
};

/// An attribute of an operation.
struct DescribedAttribute {
  std::string name;
  std::string help;
  std::string fallback;  ///< text of the default; empty: required
};

/// All that `describe` tells about one thing; empty parts are left out.
struct KindDescription {
  std::string name;
  std::string help;
  std::vector<OptionInfo> options;
  std::vector<DescribedAttribute> attributes;
  std::vector<std::pair<std::string, std::string>> facts;
};

/// A kind of things that `list` and `describe` know: spaces, operations, ... Stateless.
class Kind {
 public:
  virtual ~Kind() = default;
  /// The word for one of them: "space".
  virtual std::string singular() const = 0;
  /// One line.
  virtual std::string help() const = 0;
  virtual std::vector<KindEntry> entries() const = 0;
  /// `settings` configure the thing (a space's options) before it is described. Unknown names are
  /// errors with a suggestion.
  virtual KindDescription describe(std::string_view name, const OptionMap& settings) const = 0;
};

/// The kinds by their plural ("spaces"), in the order of `kinds.def`. Filled on first use.
Registry<std::shared_ptr<const Kind>>& kinds();

/// A kind by its plural or singular; an unknown-name error with a suggestion otherwise.
const Kind& find_kind(std::string_view word, std::string_view where);

/// The names of entries.
std::vector<std::string> names_of(const std::vector<KindEntry>& entries);

}  // namespace nasmyth
