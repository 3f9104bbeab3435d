#pragma once

// Precompiled header of libnasmyth's folders: what most sources read and nobody here changes.
// Sources still include what they use; the preset `fuzz` builds without this header.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
