#pragma once

#include <cstdint>
#include <functional>

namespace nasmyth {

/// Asked where a computation plans its length by the clock: given the units that are done and the
/// total that the clock suggests, it answers the total to use, at least `done`. A run writes the
/// answers down and gives them again when it is repeated (PlanLog).
using PlanHook = std::function<std::int64_t(std::int64_t done, std::int64_t suggested)>;

}  // namespace nasmyth
