#pragma once

// The JSON library of the project, for sources only: public headers speak text (std::string), and
// files that see LibTorch do not include this. Reading and writing go through the functions here:
// the library's own are templates, which each source that called them would compile anew.
#include <nlohmann/json.hpp>
#include <string>

#include "nasmyth/core/error.h"

namespace nasmyth {

/// Objects keep the order in which keys were written, so that files are stable and readable.
using Json = nlohmann::ordered_json;

/// Parses text; throws kInvalidData with `where` and the position of the fault. Depth is limited.
Json parse_json(std::string_view text, std::string_view where);

/// How bytes that are no UTF-8 are written.
enum class BadText {
  kRefuse,   ///< the library's exception
  kReplace,  ///< by U+FFFD: what only people read
};

/// On one line, without its end.
std::string json_line(const Json& json, BadText bad_text = BadText::kRefuse);
/// Indented by `indent` spaces, with the end of the last line: files and standard output.
std::string json_text(const Json& json, int indent = 2);

/// What the library says of a fault, without its own codes.
std::string json_fault(const nlohmann::json::exception& e);

/// Typed member access with errors that name the place: `json_at<int>(j, "params", "result.json")`.
template <class T>
T json_at(const Json& object, const char* key, std::string_view where) {
  if (object.is_object() && !object.contains(key))
    throw Error(ErrorKind::kInvalidData, where, std::string("the member '") + key + "' is missing",
                "mend it, or write the file anew");
  try {
    return object.at(key).template get<T>();
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::kInvalidData, where,
                std::string("member '") + key + "': " + json_fault(e),
                "mend it, or write the file anew");
  }
}

}  // namespace nasmyth
