#pragma once

#include "nasmyth/space/file/interpretation.h"

namespace nasmyth {

/// Reads a whole space file for the form of `in` into its network: parameters (replaced by
/// `options`), choices, templates, nodes, outputs, constraints. Throws with the place in the file.
void read_network(Interpretation& in, const DocumentNode& root, const OptionMap& options);

/// The parameters of a file with their defaults, for `describe`. Throws kInvalidData.
std::vector<OptionInfo> read_parameters(const DocumentErrors& errors, const DocumentNode& root);

}  // namespace nasmyth
