#include "nasmyth/core/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"

namespace nasmyth {
namespace {

struct SampleOptions {
  bool affine = false;
  int channels = 16;
  std::int64_t params = 20000;
  double rate = 0.025;
  std::string optimizer = "adam";
  std::vector<int> widths = {8, 16};
  std::vector<double> decays = {0.5};
  std::vector<std::string> names = {"a b", "c,d", "", "e\"f\\"};
  std::optional<double> clip;
};

void describe(OptionFields<SampleOptions>& f) {
  f.add("affine", &SampleOptions::affine, {"batch norm with affine"});
  f.add("channels", &SampleOptions::channels, {"initial channels", "channels", 1, 4096});
  f.add("params", &SampleOptions::params, {"greatest number of parameters"});
  f.add("rate", &SampleOptions::rate, {"learning rate", "", 0});
  f.add("optimizer", &SampleOptions::optimizer,
        {.help = "rule", .choices = {"adam", "sgd", "rmsprop"}});
  f.add("widths", &SampleOptions::widths, {.help = "widths", .minimum = 1});
  f.add("decays", &SampleOptions::decays, {"decays"});
  f.add("names", &SampleOptions::names, {"names"});
  f.add("clip", &SampleOptions::clip, {"gradient norm", "", 0});
}

SampleOptions parsed(const std::string& key, const std::string& value) {
  return parse_options<SampleOptions>({{key, value}}, "test");
}

std::string fault(const std::string& key, const std::string& value) {
  try {
    parsed(key, value);
  } catch (const Error& e) {
    return e.what();
  }
  return "none";
}

TEST(Options, DefaultsAndDescription) {
  const auto infos = option_infos<SampleOptions>();
  ASSERT_EQ(infos.size(), 9u);
  EXPECT_EQ(infos[0].name, "affine");
  EXPECT_EQ(infos[0].type, "boolean");
  EXPECT_EQ(infos[1].default_value, "16");
  EXPECT_EQ(infos[1].unit, "channels");
  EXPECT_EQ(infos[5].type, "list of integers");
  EXPECT_EQ(infos[8].default_value, "none");
  const SampleOptions options = parse_options<SampleOptions>({}, "test");
  EXPECT_EQ(options.params, 20000);
}

TEST(Options, PrintedOptionsParseBack) {
  SampleOptions options;
  options.clip = 0.1;
  options.rate = 1.0 / 3;
  options.params = std::numeric_limits<std::int64_t>::max();
  const OptionMap map = print_options(options);
  EXPECT_EQ(map.at("names"), R"([a b, "c,d", "", "e\"f\\"])");
  const SampleOptions again = parse_options<SampleOptions>(map, "test");
  EXPECT_EQ(again.names, options.names);
  EXPECT_EQ(again.rate, options.rate);
  EXPECT_EQ(again.params, options.params);
  EXPECT_EQ(again.clip, options.clip);
  EXPECT_EQ(print_options(again), map);
}

TEST(Options, ReadsValues) {
  for (const char* text : {"true", "yes", "on", "True", " ON "})
    EXPECT_TRUE(parsed("affine", text).affine);
  for (const char* text : {"false", "no", "off"}) EXPECT_FALSE(parsed("affine", text).affine);
  EXPECT_EQ(parsed("channels", "2k").channels, 2000);
  EXPECT_EQ(parsed("channels", "+3").channels, 3);
  EXPECT_EQ(parsed("params", "1.5M").params, 1500000);
  EXPECT_EQ(parsed("params", "9007199254740993").params, 9007199254740993);
  EXPECT_EQ(parsed("rate", "1e-3").rate, 0.001);
  EXPECT_EQ(parsed("widths", "[1, 2,3]").widths, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(parsed("widths", "4,5").widths, (std::vector<int>{4, 5}));
  EXPECT_EQ(parsed("widths", "[]").widths, std::vector<int>{});
  EXPECT_EQ(parsed("clip", "none").clip, std::nullopt);
  EXPECT_EQ(parsed("clip", "5").clip, 5.0);
}

TEST(ParseDuration, ReadsPartsFromTheGreatestDown) {
  const std::pair<const char*, double> cases[] = {{"90", 90},      {"90s", 90},    {"5m", 300},
                                                  {"1h30m", 5400}, {"2d", 172800}, {"0.5s", 0.5},
                                                  {" 1m5 ", 65},   {"1.5h", 5400}};
  for (const auto& [text, seconds] : cases)
    EXPECT_DOUBLE_EQ(parse_duration(text, "time_limit"), seconds) << text;
  for (const char* text : {"", "soon", "5x", "5m1h", "5mm", "-3s", "0", "1e3", "nan", "inf", "m"}) {
    try {
      parse_duration(text, "time_limit");
      ADD_FAILURE() << text;
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("write it as 90s, 5m, 1h30m or 2d")) << text;
    }
  }
}

TEST(Options, RangeFaultNamesOptionValueRangeAndUnit) {
  EXPECT_EQ(fault("channels", "0"),
            "[test.channels] the value is out of range; got 0 channels; allowed: 1 to 4096 "
            "channels");
  EXPECT_EQ(fault("rate", "-1"),
            "[test.rate] the value is out of range; got -1; allowed: 0 or more");
  EXPECT_EQ(fault("widths", "[4, 0]"),
            "[test.widths[1]] the value is out of range; got 0; allowed: 1 or more");
  EXPECT_NE(fault("params", "1e30").find("too large for an integer"), std::string::npos);
  EXPECT_NE(fault("channels", "99999999999").find("1 to 4096"), std::string::npos);
}

TEST(Options, RefusesMalformedValues) {
  for (const char* text : {"", "1.5", "1x", "--1", "+-1", "1 2", "0x10", "k", "nan", "1e3k"})
    EXPECT_NE(fault("channels", text), "none") << text;
  for (const char* text : {"", "x", "nan", "1,5", "1e999", "1kk"})
    EXPECT_NE(fault("rate", text), "none") << text;
  for (const char* text : {"1", "", "maybe"}) EXPECT_NE(fault("affine", text), "none") << text;
  for (const char* text : {"[1, 2", "1, 2]", "[1,,2]", "[1,]", ",", "[[1]]", "[a]", "["})
    EXPECT_NE(fault("widths", text), "none") << text;
  for (const char* text : {"[\"a]", "\"a\"b", "a \"b\""})
    EXPECT_NE(fault("names", text), "none") << text;
}

TEST(Options, SuggestsNames) {
  EXPECT_NE(fault("chanels", "3").find("[test] unknown option 'chanels'; did you mean 'channels'?"),
            std::string::npos);
  EXPECT_NE(fault("optimizer", "adm")
                .find("[test.optimizer] unknown value 'adm'; did you mean "
                      "'adam'?; known: adam, sgd, rmsprop"),
            std::string::npos);
}

TEST(Number, DecimalSuffixesRoundOnce) {
  EXPECT_EQ(parse_number("20k", "x"), 20000);
  EXPECT_EQ(parse_number("0.3k", "x"), 300);
  EXPECT_EQ(parse_number("1.1M", "x"), 1100000);
  EXPECT_EQ(parse_number("0.5G", "x"), 5e8);
  EXPECT_EQ(parse_number(" 2 k ", "x"), 2000);
  EXPECT_EQ(parse_number("-1.5k", "x"), -1500);
  EXPECT_EQ(parse_number("inf", "x"), std::numeric_limits<double>::infinity());
}

TEST(Number, PrintsShortest) {
  EXPECT_EQ(print_number(20000), "20000");
  EXPECT_EQ(print_number(100000000), "100000000");
  EXPECT_EQ(print_number(0.025), "0.025");
  EXPECT_EQ(print_number(0), "0");
  EXPECT_EQ(print_number(-1.5), "-1.5");
  EXPECT_EQ(print_number(1e-7), "1e-07");
  EXPECT_EQ(print_number(1e300), "1e+300");
  EXPECT_EQ(print_number(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Number, PrintedNumbersParseBack) {
  RandomStream random(1);
  for (int i = 0; i < 20000; ++i) {
    const double value = random.normal() * std::pow(10, random.uniform(-300, 300));
    EXPECT_EQ(parse_number(print_number(value), "x"), value);
  }
}

}  // namespace
}  // namespace nasmyth
