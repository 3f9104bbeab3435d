#include "nasmyth/report/chart.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nasmyth/core/json.h"
#include "tests/report/well_formed.h"

namespace nasmyth {
namespace {

Json data_of(const std::string& html) {
  const std::string begin = "<script type=\"application/json\">";
  const std::size_t from = html.find(begin) + begin.size();
  return Json::parse(html.substr(from, html.find("</script>") - from));
}

Chart sample() {
  Chart chart;
  chart.title = "loss";
  chart.labels = numbers_to(3);
  chart.x_title = "epoch";
  chart.series = {{"train", {1.23456789, std::nan(""), 1e-20}}, {"empty", {}}};
  chart.limits = {{"limit", 2}};
  return chart;
}

TEST(Chart, CarriesItsDataAsJson) {
  const std::string html = to_html(sample());
  EXPECT_EQ(test::html_fault(html), "");
  const Json json = data_of(html);
  EXPECT_EQ(json["kind"], "line");
  EXPECT_EQ(json["labels"], Json({"1", "2", "3"}));
  EXPECT_EQ(json["series"][0]["values"][0], 1.23457);
  EXPECT_TRUE(json["series"][0]["values"][1].is_null());
  EXPECT_NEAR(json["series"][0]["values"][2].get<double>(), 1e-20, 1e-25);
  EXPECT_EQ(json["limits"][0]["value"], 2.0);
}

TEST(Chart, TextsOfUsersCannotLeaveIt) {
  Chart chart = sample();
  chart.title = "</figcaption><script>alert(1)</script>";
  chart.series[0].name = "</script><script>alert(1)</script><!--";
  chart.labels[0] = "\xff";
  const std::string html = to_html(chart);
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.find("<!--"), std::string::npos);
  EXPECT_EQ(data_of(html)["series"][0]["name"], chart.series[0].name);
}

TEST(Chart, WithoutAValueThereIsNone) {
  Chart chart = sample();
  chart.series = {{"nothing", {std::nan(""), INFINITY}}};
  EXPECT_EQ(to_html(chart), "");
  EXPECT_EQ(side_by_side({chart}), "");
}

TEST(Chart, AnAxisOfSharesBeginsWhereDifferencesAreSeen) {
  EXPECT_EQ(axis_start({0.3, 0.9}), 0);
  EXPECT_NEAR(axis_start({0.92, 0.915, std::nan("")}), 0.8, 1e-12);
  EXPECT_NEAR(axis_start({0.96, 0.98}), 0.9, 1e-12);
  EXPECT_EQ(axis_start({}), 0.9);
}

}  // namespace
}  // namespace nasmyth
