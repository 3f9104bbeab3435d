#pragma once

#include <set>
#include <string>
#include <vector>

#include "nasmyth/space/file/document.h"

namespace nasmyth {

/// How the nodes of one `nodes:` section read each other by name.
struct Wiring {
  std::vector<int> order;      ///< of the section's entries: each after those that it reads
  std::set<std::string> read;  ///< names of nodes and inputs that some node reads
};

/// Throws kInvalidData for nodes that read each other in a circle, with the circle, and
/// kUnknownName for names that are neither a node nor among `inputs`.
Wiring wire(const DocumentErrors& errors, const DocumentNode& nodes,
            const std::vector<std::string>& inputs);

/// The names in `from: a` or `from: [a, b]`, with their places. Throws kInvalidData.
std::vector<const DocumentNode*> names_in(const DocumentErrors& errors, const DocumentNode& from);

}  // namespace nasmyth
