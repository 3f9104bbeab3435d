#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"

namespace nasmyth {

/// A resource that a derived network may not exceed, measured on the target form for one sample.
struct Limit {
  std::string resource;  ///< name of a resource model
  double at_most = 0;    ///< inclusive
  bool operator==(const Limit&) const = default;
};

/// Limits from text, `{"params": "20k", "macs": "1M"}`, in the order of the names. `where` prefixes
/// messages ("limits"). Throws kUnknownName with a suggestion, kInvalidArgument for what is no
/// number, kOutOfRange for zero and below.
std::vector<Limit> parse_limits(const OptionMap& values, std::string_view where);

/// True when `cost` is not above the limit.
bool within(double cost, const Limit& limit);

}  // namespace nasmyth
