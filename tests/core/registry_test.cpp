#include "nasmyth/core/registry.h"

#include <gtest/gtest.h>

namespace nasmyth {
namespace {

TEST(Registry, FindsAndSuggests) {
  Registry<int> registry("strategy");
  registry.add("darts", 1);
  registry.add("gdas", 2);
  EXPECT_EQ(registry.get("gdas"), 2);
  EXPECT_EQ(registry.find("enas"), nullptr);
  EXPECT_EQ(registry.names(), (std::vector<std::string>{"darts", "gdas"}));
  EXPECT_THROW(registry.add("darts", 3), Error);
  try {
    registry.get("dart", "--set strategy");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUnknownName);
    EXPECT_STREQ(e.what(),
                 "[--set strategy] unknown strategy 'dart'; did you mean 'darts'?; known: darts, "
                 "gdas");
  }
}

}  // namespace
}  // namespace nasmyth
