#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nasmyth {

/// What a result may depend on beside configuration and seed, as named texts: program, compiler,
/// system, processor, instruction_sets. In this order; "unknown" where the system does not say.
std::vector<std::pair<std::string, std::string>> environment();

/// The most memory in bytes that this process has held at once; 0 where the system does not say.
double peak_memory_bytes();

}  // namespace nasmyth
