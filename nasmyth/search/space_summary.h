#pragma once

#include <string>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// What the networks of a space cost by one resource.
struct ResourceRange {
  std::string resource;
  double least = 0;     ///< exact
  double typical = 0;   ///< median of 101 random architectures
  double greatest = 0;  ///< exact
};

/// Size and costs of a space, and what they mean for limits.
struct SpaceSummary {
  int choices = 0;
  double assignments = 0;  ///< product of the choices' usable options; many may be one network
  std::vector<ResourceRange> resources;
  Feasibility feasibility;
};

/// Exact bounds by the same selection that enforces limits; nothing is trained.
SpaceSummary summarize(const SearchSpace& space, const Form& target, const OperationSet& operations,
                       const std::vector<Limit>& limits, RandomStream random);

}  // namespace nasmyth
