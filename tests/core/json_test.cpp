#include "nasmyth/core/json.h"

#include <gtest/gtest.h>

#include <string>

namespace nasmyth {
namespace {

std::string fault(const std::string& text) {
  try {
    parse_json(text, "result.json");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInvalidData);
    return e.what();
  }
  return "none";
}

TEST(Json, KeepsTheOrderOfKeys) {
  const Json value = parse_json(R"({"z": 1, "a": [true, null, "x"], "m": {"b": 2.5}})", "x");
  EXPECT_EQ(value.dump(), R"({"z":1,"a":[true,null,"x"],"m":{"b":2.5}})");
  EXPECT_EQ(json_at<int>(value, "z", "x"), 1);
}

TEST(Json, FaultNamesPlaceAndPosition) {
  EXPECT_EQ(fault("{\"a\": 1,\n}").rfind("[result.json] parse error at line 2, column 1", 0), 0u)
      << fault("{\"a\": 1,\n}");
  for (const char* text : {"", "{", "[1, 2", "nul", "\"a", "{\"a\" 1}", "\"\xff\"", "1 2", "]"})
    EXPECT_NE(fault(text), "none") << text;
}

TEST(Json, DepthIsLimited) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(fault(nested(100)), "none");
  EXPECT_NE(fault(nested(101)).find("100 levels"), std::string::npos);
  EXPECT_NE(fault(std::string(10'000'000, '[')).find("100 levels"), std::string::npos);
  // Brackets in texts do not count.
  EXPECT_EQ(fault("\"" + std::string(200, '[') + "\\\"" + std::string(200, '{') + "\""), "none");
}

TEST(Json, MissingOrWronglyTypedMemberIsAnError) {
  const Json value = parse_json(R"({"name": "a"})", "x");
  EXPECT_THROW(json_at<int>(value, "name", "x"), Error);
  EXPECT_THROW(json_at<int>(value, "params", "x"), Error);
  EXPECT_THROW(json_at<int>(Json(3), "params", "x"), Error);
}

}  // namespace
}  // namespace nasmyth
