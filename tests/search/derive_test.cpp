#include "nasmyth/search/derive.h"

#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {
namespace {

TEST(Logits, JsonRoundTripIsExact) {
  const auto space = make_space("nasbench201");
  const ArchitectureParameters parameters(space->choices(), 1.0, RandomStream(3));
  const std::string text = logits_to_json(*space->choices(), parameters.logits());
  EXPECT_EQ(logits_from_json(*space->choices(), text, "test"), parameters.logits());
}

TEST(Logits, ForeignFilesAreRefused) {
  const auto space = make_space("nasbench201");
  const auto other = make_space("darts");
  const ArchitectureParameters parameters(other->choices(), 1.0, RandomStream(3));
  const std::string text = logits_to_json(*other->choices(), parameters.logits());
  EXPECT_THROW(logits_from_json(*space->choices(), text, "test"), Error);
  EXPECT_THROW(logits_from_json(*space->choices(), "[1]", "test"), Error);
  EXPECT_THROW(logits_from_json(*space->choices(), "{", "test"), Error);
}

}  // namespace
}  // namespace nasmyth
