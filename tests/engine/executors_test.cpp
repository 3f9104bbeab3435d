#include "nasmyth/engine/executors.h"

#include <gtest/gtest.h>

namespace nasmyth {
namespace {

TEST(Executors, ListingLoadsNothing) {
  const auto& entry = executors().get("reference");
  EXPECT_FALSE(entry.help.empty());
  EXPECT_EQ(entry.library, "libnasmyth_torch.so");
  EXPECT_EQ(entry.factory, nullptr);
}

TEST(Executors, UnknownNameHasASuggestion) {
  try {
    make_executor("referense", OperationSet{});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUnknownName);
    EXPECT_NE(std::string(e.what()).find("reference"), std::string::npos);
  }
}

}  // namespace
}  // namespace nasmyth
