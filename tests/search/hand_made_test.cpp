#include "nasmyth/search/hand_made.h"

#include <gtest/gtest.h>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/resource_model.h"

namespace nasmyth {
namespace {

TEST(HandMade, FillsTheLimitsWithoutBreakingThem) {
  Form form;
  form.input = {1, 28, 28};
  const auto& operations = builtin_operations();
  const std::vector<Limit> limits{{"params", 20'000}, {"macs", 1e6}};
  const auto network = hand_made_within(form, operations, limits);
  ASSERT_TRUE(network.has_value());
  const double params = make_resource_model("params")->cost(*network, operations);
  const double macs = make_resource_model("macs")->cost(*network, operations);
  EXPECT_LE(params, 20'000);
  EXPECT_LE(macs, 1e6);
  // The next width would break one of them, so the network is as large as the limits let it be.
  EXPECT_GT(std::max(params / 20'000, macs / 1e6), 0.85);
}

TEST(HandMade, NothingFitsImpossibleLimits) {
  Form form;
  form.input = {1, 28, 28};
  const std::vector<Limit> limits{{"params", 10}};
  EXPECT_FALSE(hand_made_within(form, builtin_operations(), limits).has_value());
}

}  // namespace
}  // namespace nasmyth
