#include "nasmyth/resource/limits.h"

#include <gtest/gtest.h>

#include <functional>

#include "nasmyth/core/error.h"

namespace nasmyth::test {
namespace {

std::string error_text(const OptionMap& values) {
  try {
    parse_limits(values, "limits");
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Limits, AreReadWithSuffixes) {
  const auto limits = parse_limits({{"params", "20k"}, {"macs", "1M"}}, "limits");
  EXPECT_EQ(limits, (std::vector<Limit>{{"macs", 1e6}, {"params", 20000}}));
  EXPECT_TRUE(parse_limits({}, "limits").empty());
}

TEST(Limits, RejectWhatMakesNoSense) {
  EXPECT_NE(error_text({{"parms", "1k"}}).find("did you mean 'params'"), std::string::npos);
  EXPECT_NE(error_text({{"params", "0"}}).find("[limits.params]"), std::string::npos);
  EXPECT_NE(error_text({{"params", "-3k"}}).find("above 0"), std::string::npos);
  EXPECT_NE(error_text({{"params", "few"}}).find("limits.params"), std::string::npos);
}

TEST(Limits, AreInclusive) {
  EXPECT_TRUE(within(20000, {"params", 20000}));
  EXPECT_FALSE(within(20001, {"params", 20000}));
}

}  // namespace
}  // namespace nasmyth::test
