#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nasmyth/search/space_summary.h"

namespace nasmyth {

/// What `nasmyth space check` tells about a space.
struct SpaceCheck {
  std::string description;
  std::string input, output;               ///< shapes of one sample
  int target_nodes = 0, search_nodes = 0;  ///< operations of both forms, choices open
  std::optional<double> architectures;     ///< those that the constraints allow; empty: too many
                                           ///< constraints hang together to count
  SpaceSummary summary;
  std::vector<std::string> warnings;  ///< allowed, but probably not meant
};

/// Builds both forms of `space` for `target` and looks for what is probably not meant: names of a
/// space file that nothing uses, options that give the same network, open networks that no executor
/// can train. `warnings` are those that are known already. Throws what building and counting throw.
SpaceCheck check_space(const SearchSpace& space, const Form& target, const OperationSet& operations,
                       std::vector<std::string> warnings);

/// How many assignments of the options that can be derived meet all constraints; empty where a
/// table of the count would be too large.
std::optional<double> count_architectures(const ChoiceSet& choices);

}  // namespace nasmyth
