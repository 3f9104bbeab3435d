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

TEST(Text, PrintableIsOneLineOfUtf8) {
  EXPECT_EQ(printable("größer, 漢字", 100), "größer, 漢字");
  EXPECT_EQ(printable("a\nb\x01\x7f\t", 100), "a\\x0ab\\x01\\x7f\\x09");
  EXPECT_EQ(printable("\xff\xc3(\xed\xa0\x80\xc2\x85", 100),
            "\\xff\\xc3(\\xed\\xa0\\x80\\xc2\\x85");
  EXPECT_EQ(printable("\xc3", 100), "\\xc3");
  EXPECT_EQ(printable(std::string(1000, 'a'), 10), "aaaaa...(990 more bytes)...aaaaa");
  EXPECT_EQ(printable("ääää", 6), "ä...(4 more bytes)...ä");
}

}  // namespace
}  // namespace nasmyth
