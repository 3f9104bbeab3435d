#include "nasmyth/core/table_text.h"

#include <gtest/gtest.h>

#include <limits>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

TEST(FormatPercent, TwoDecimals) {
  EXPECT_EQ(format_percent(0.915), "91.50 %");
  EXPECT_EQ(format_percent(1), "100.00 %");
}

TEST(FormatSi, ThreeDigitsAndPrefix) {
  EXPECT_EQ(format_si(0), "0");
  EXPECT_EQ(format_si(20), "20");
  EXPECT_EQ(format_si(999), "999");
  EXPECT_EQ(format_si(1.5), "1.50");
  EXPECT_EQ(format_si(1000), "1.00 k");
  EXPECT_EQ(format_si(999.9), "1.00 k");
  EXPECT_EQ(format_si(20000), "20.0 k");
  EXPECT_EQ(format_si(999500), "1.00 M");
  EXPECT_EQ(format_si(999499), "999 k");
  EXPECT_EQ(format_si(1e6), "1.00 M");
  EXPECT_EQ(format_si(123456789), "123 M");
  EXPECT_EQ(format_si(2.5e9), "2.50 G");
  EXPECT_EQ(format_si(0.025), "25.0 m");
  EXPECT_EQ(format_si(3e-6), "3.00 u");
  EXPECT_EQ(format_si(-20000), "-20.0 k");
  EXPECT_EQ(format_si(1e20), "1.00e+20");
  EXPECT_EQ(format_si(1e-12), "1.00e-12");
  EXPECT_EQ(format_si(std::numeric_limits<double>::infinity()), "inf");
}

TEST(FormatDuration, PicksTheUnit) {
  EXPECT_EQ(format_duration(0), "0 s");
  EXPECT_EQ(format_duration(12e-6), "12.0 us");
  EXPECT_EQ(format_duration(0.25), "250 ms");
  EXPECT_EQ(format_duration(0.9999), "1.0 s");
  EXPECT_EQ(format_duration(12.34), "12.3 s");
  EXPECT_EQ(format_duration(59.97), "1 min 00 s");
  EXPECT_EQ(format_duration(245), "4 min 05 s");
  EXPECT_EQ(format_duration(3599.7), "1 h 00 min");
  EXPECT_EQ(format_duration(7380), "2 h 03 min");
  EXPECT_EQ(format_duration(86399), "1 d 00 h");
  EXPECT_EQ(format_duration(3 * 86400 + 4 * 3600), "3 d 04 h");
  EXPECT_EQ(format_duration(-2), "-2.0 s");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "?");
}

TEST(TextTable, AlignsColumns) {
  TextTable table({{"space"}, {"params", Align::kRight}, {"note"}});
  table.add_row({"darts", "3.30 M", "größer"});
  table.add_row({"compact", "20.0 k"});
  EXPECT_EQ(table.to_string(),
            "space    params  note\n"
            "-------  ------  ------\n"
            "darts    3.30 M  größer\n"
            "compact  20.0 k\n");
  EXPECT_THROW(table.add_row({"a", "b", "c", "d"}), Error);
  EXPECT_EQ(TextTable({{"x"}}).to_string(), "x\n-\n");
}

}  // namespace
}  // namespace nasmyth
