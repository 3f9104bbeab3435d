#include "nasmyth/search/plan_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {
namespace {

TEST(PlanLog, DecidesOnceAndRemembers) {
  TemporaryDirectory temporary;
  const RunDirectory directory = RunDirectory::create(temporary.path() / "run");
  {
    PlanLog log(directory);
    EXPECT_FALSE(log.has("a"));
    EXPECT_EQ(log.decide_number("a", [] { return 3; }), 3);
    EXPECT_EQ(log.decide_number("a", [] { return 4; }), 3);
    log.decide("b", [] { return PlanLog::Numbers{{"epochs", 7}, {"seconds", 0.1}}; });
  }
  PlanLog again(directory);
  EXPECT_EQ(again.decide_number("a", [] { return 5; }), 3);
  EXPECT_EQ(again.at("b").at("seconds"), 0.1);
  EXPECT_EQ(again.at("b").at("epochs"), 7);
  EXPECT_THROW(again.at("c"), Error);
  EXPECT_EQ(directory.read(RunDirectory::kDecisions),
            "{\"decision\":\"a\",\"value\":3.0}\n"
            "{\"decision\":\"b\",\"epochs\":7.0,\"seconds\":0.1}\n");
}

TEST(PlanLog, NamesTheDamagedLine) {
  TemporaryDirectory temporary;
  const RunDirectory directory = RunDirectory::create(temporary.path() / "run");
  directory.write(RunDirectory::kDecisions, "{\"decision\":\"a\",\"value\":3}\n{\"deci");
  try {
    PlanLog log(directory);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("decisions.jsonl:2"));
    EXPECT_EQ(e.kind(), ErrorKind::kInvalidData);
  }
}

}  // namespace
}  // namespace nasmyth::test
