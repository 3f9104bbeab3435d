#include "nasmyth/search/first_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nasmyth/core/environment.h"
#include "nasmyth/core/error.h"

namespace nasmyth::test {
namespace {

FirstSteps example() {
  return {{{"architecture", 0, 1 / 3.0}, {"weights", 0, 2.5}, {"weights", 1, 0.1}},
          {{"program", "1"}, {"processor", "a"}}};
}

TEST(FirstSteps, RoundTripIsExact) {
  const FirstSteps read = first_steps_from_json(to_json(example()), "test");
  EXPECT_EQ(read.steps, example().steps);
  EXPECT_EQ(read.environment, example().environment);
}

TEST(FirstSteps, DamagedFilesAreErrors) {
  for (const char* text :
       {"{", "[]", R"({"environment": {}, "steps": [{}]})",
        R"({"environment": {"a": 1}, "steps": []})",
        R"({"environment": {}, "steps": [{"kind": "weights", "number": 0, "bits": "xyz"}]})"})
    EXPECT_THROW(first_steps_from_json(text, "test"), Error) << text;
}

TEST(FirstSteps, TheLeastDifferenceIsFound) {
  FirstSteps other = example();
  Verification v = compare(example(), other);
  EXPECT_EQ(v.first_difference, -1);
  EXPECT_EQ(v.compared, 3);
  EXPECT_TRUE(v.differences.empty());
  other.steps[1].loss = std::nextafter(2.5, 3);
  other.environment[1].second = "b";
  v = compare(example(), other);
  EXPECT_EQ(v.first_difference, 1);
  EXPECT_EQ(v.differences, std::vector<std::string>{"processor"});
}

TEST(Environment, SaysSomethingOfEach) {
  for (const auto& [name, text] : environment()) EXPECT_FALSE(text.empty()) << name;
}

}  // namespace
}  // namespace nasmyth::test
