#include "nasmyth/core/json.h"

namespace nasmyth {
namespace {

constexpr int kGreatestDepth = 100;

// Checked before parsing: the library writes and copies trees by recursion.
void check_depth(std::string_view text, std::string_view where) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kGreatestDepth)
      throw Error(ErrorKind::kInvalidData, where,
                  "JSON nested more than " + std::to_string(kGreatestDepth) +
                      " levels deep at byte " + std::to_string(i),
                  "check that it is the file");
  }
}

}  // namespace

// "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
std::string json_fault(const nlohmann::json::exception& e) {
  std::string_view what = e.what();
  if (const auto end = what.find("] "); end != std::string_view::npos) what.remove_prefix(end + 2);
  return std::string(what);
}

std::string json_line(const Json& json, BadText bad_text) {
  return json.dump(-1, ' ', false,
                   bad_text == BadText::kReplace ? Json::error_handler_t::replace
                                                 : Json::error_handler_t::strict);
}

std::string json_text(const Json& json, int indent) { return json.dump(indent) + "\n"; }

Json parse_json(std::string_view text, std::string_view where) {
  check_depth(text, where);
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::kInvalidData, where, json_fault(e), "mend it, or write the file anew");
  }
}

}  // namespace nasmyth
