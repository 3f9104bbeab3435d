#include "nasmyth/report/confusion.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/report/well_formed.h"

namespace nasmyth {
namespace {

TEST(Confusion, SharesAndPairs) {
  const Confusion c = confusion_of({"a", "b", "c"}, {3, 1, 0, 2, 2, 0, 0, 0, 0});
  EXPECT_EQ(c.images(0), 4);
  EXPECT_EQ(c.predicted(0), 5);
  EXPECT_NEAR(c.recall(1), 0.5, 1e-12);
  EXPECT_NEAR(c.precision(0), 0.6, 1e-12);
  EXPECT_TRUE(std::isnan(c.recall(2)));
  EXPECT_TRUE(std::isnan(c.precision(2)));
  const auto pairs = c.pairs();
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].label, 1);
  EXPECT_EQ(pairs[0].predicted, 0);
}

TEST(Confusion, WhatIsNotSquareIsNone) {
  EXPECT_EQ(confusion_of({}, {1, 2, 3}).size(), 0);
  EXPECT_EQ(confusion_of({"a"}, {1, 2, 3, 4}).size(), 0);
  EXPECT_EQ(confusion_of({}, {}).size(), 0);
  EXPECT_EQ(confusion_of({}, {1, 2, 3, 4}).classes[1], "1");
  EXPECT_EQ(to_html(confusion_of({}, {})), "");
}

TEST(Confusion, ManyClassesAreAPicture) {
  EXPECT_EQ(to_html(confusion_of({}, std::vector<std::int64_t>(400, 1))).find("<svg"),
            std::string::npos);
  const std::string html = to_html(confusion_of({}, std::vector<std::int64_t>(10000, 1)));
  EXPECT_NE(html.find("<svg"), std::string::npos);
  EXPECT_EQ(test::html_fault(html), "");
}

}  // namespace
}  // namespace nasmyth
