#include "nasmyth/core/error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nasmyth {
namespace {

const std::vector<std::string> kOperations = {"sep_conv_3x3", "sep_conv_5x5", "max_pool_3x3",
                                              "skip_connect", "none"};

TEST(Error, TextNamesPlaceFaultAndRemedy) {
  const Error error(ErrorKind::kShape, "cell3/node1", "channels do not fit; got 16", "use 32");
  EXPECT_STREQ(error.what(), "[cell3/node1] channels do not fit; got 16; use 32");
  EXPECT_EQ(error.kind(), ErrorKind::kShape);
  EXPECT_EQ(error.where(), "cell3/node1");
  EXPECT_STREQ(Error(ErrorKind::kIo, "", "full").what(), "full");
}

TEST(Error, AnyBytesMakeOneLine) {
  const Error error(ErrorKind::kUnknownName, "a\nb", "unknown name '\x1b[2J\n'", "use\nanother");
  EXPECT_STREQ(error.what(), "[a\\x0ab] unknown name '\\x1b[2J\\x0a'; use\\x0aanother");
  EXPECT_EQ(error.where(), "a\\x0ab");
  EXPECT_LT(std::string(Error(ErrorKind::kIo, "x", std::string(100000, 'y')).what()).size(), 2000u);
}

TEST(Error, ExitCodeTellsFaultFromMistake) {
  EXPECT_EQ(exit_code(ErrorKind::kInternal), 1);
  EXPECT_EQ(exit_code(ErrorKind::kUnknownName), 2);
  EXPECT_EQ(exit_code(ErrorKind::kInfeasible), 2);
}

TEST(NearestName, FindsTypingErrors) {
  EXPECT_EQ(nearest_name("sep_conv_3x4", kOperations), "sep_conv_3x3");
  EXPECT_EQ(nearest_name("spe_conv_5x5", kOperations), "sep_conv_5x5");
  EXPECT_EQ(nearest_name("Skip-Connect", kOperations), "skip_connect");
  EXPECT_EQ(nearest_name("skipconnect", kOperations), "skip_connect");
  EXPECT_EQ(nearest_name("nnoe", kOperations), "none");
}

TEST(NearestName, IsSilentWithoutLikeness) {
  EXPECT_EQ(nearest_name("dilated", kOperations), "");
  EXPECT_EQ(nearest_name("", kOperations), "");
  EXPECT_EQ(nearest_name("x", kOperations), "");
  EXPECT_EQ(nearest_name("none", {}), "");
  EXPECT_EQ(nearest_name(std::string(100000, 'n'), kOperations), "");
}

TEST(UnknownName, SuggestsAndLists) {
  EXPECT_STREQ(unknown_name("--set", "operation", "nome", kOperations).what(),
               "[--set] unknown operation 'nome'; did you mean 'none'?; known: sep_conv_3x3, "
               "sep_conv_5x5, max_pool_3x3, skip_connect, none");
  const std::vector<std::string> many(40, "name");
  EXPECT_STREQ(unknown_name("x", "space", "dart", {many.data(), 40}).what(),
               "[x] unknown space 'dart'; known: name, name, name, name, name, name, name, name, "
               "... (40 in all)");
}

}  // namespace
}  // namespace nasmyth
