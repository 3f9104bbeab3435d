#include "nasmyth/core/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace nasmyth {
namespace {

TEST(Text, Helpers) {
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim(" "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(to_lower("Ab_Ü1"), "ab_Ü1");
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(text_width("größer"), 6);
}

}  // namespace
}  // namespace nasmyth
