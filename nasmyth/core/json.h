#pragma once

// The JSON library of the project, for sources only: public headers speak text (std::string), and
// files that see LibTorch do not include this.
#include <nlohmann/json.hpp>

#include "nasmyth/core/error.h"

namespace nasmyth {

/// Objects keep the order in which keys were written, so that files are stable and readable.
using Json = nlohmann::ordered_json;

/// Parses text; throws kInvalidData with `where` and the position of the fault. Depth is limited.
Json parse_json(std::string_view text, std::string_view where);

/// Typed member access with errors that name the place: `json_at<int>(j, "params", "result.json")`.
template <class T>
T json_at(const Json& object, const char* key, std::string_view where) {
  try {
    return object.at(key).template get<T>();
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::kInvalidData, where, std::string("member '") + key + "': " + e.what());
  }
}

}  // namespace nasmyth
