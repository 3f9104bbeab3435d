#include "nasmyth/report/chart.h"

#include <algorithm>
#include <cmath>

#include "nasmyth/core/json.h"
#include "nasmyth/report/html.h"

namespace nasmyth {
namespace {

const char* word(ChartKind kind) {
  switch (kind) {
    case ChartKind::kLine:
      return "line";
    case ChartKind::kBar:
      return "bar";
    case ChartKind::kHorizontalBar:
      return "horizontal_bar";
    case ChartKind::kArea:
      return "area";
  }
  return "line";
}

const char* word(ChartFormat format) {
  switch (format) {
    case ChartFormat::kNumber:
      return "number";
    case ChartFormat::kPercent:
      return "percent";
    case ChartFormat::kSeconds:
      return "seconds";
  }
  return "number";
}

// Six significant digits are more than a screen shows; JSON knows no NaN.
Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0;
  const double scale = std::pow(10.0, 5 - std::floor(std::log10(std::abs(value))));
  const double rounded = std::isfinite(scale) ? std::round(value * scale) / scale : value;
  return std::isfinite(rounded) ? rounded : value;
}

Json axis_json(const ChartAxis& axis) {
  Json json{{"title", axis.title}, {"format", word(axis.format)}};
  if (std::isfinite(axis.minimum)) json["minimum"] = axis.minimum;
  if (std::isfinite(axis.maximum)) json["maximum"] = axis.maximum;
  return json;
}

Json series_json(const ChartSeries& series) {
  Json values = Json::array();
  for (double value : series.values) values.push_back(number(value));
  Json json{{"name", series.name}, {"values", std::move(values)}};
  if (series.color >= 0) json["color"] = series.color;
  if (series.dashed) json["dashed"] = true;
  if (series.right) json["right"] = true;
  if (series.bars) json["bars"] = true;
  return json;
}

Json chart_json(const Chart& chart) {
  Json json{{"kind", word(chart.kind)},        {"labels", chart.labels},
            {"x_title", chart.x_title},        {"y", axis_json(chart.y)},
            {"right", axis_json(chart.right)}, {"series", Json::array()},
            {"limits", Json::array()},         {"small", chart.small}};
  for (const auto& series : chart.series) json["series"].push_back(series_json(series));
  for (const auto& [name, value] : chart.limits)
    json["limits"].push_back({{"name", name}, {"value", number(value)}});
  return json;
}

bool has_value(const Chart& chart) {
  return std::any_of(chart.series.begin(), chart.series.end(), [](const ChartSeries& s) {
    return std::any_of(s.values.begin(), s.values.end(), [](double v) { return std::isfinite(v); });
  });
}

// Nothing in it can end the script element that it stands in.
std::string script_text(const Json& json) {
  const std::string text = json_line(json, BadText::kReplace);
  std::string out;
  for (char c : text) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace

double axis_start(const std::vector<double>& shares) {
  double least = 1;
  for (double share : shares)
    if (std::isfinite(share)) least = std::min(least, share);
  return least > 0.5 ? std::max(0.0, std::floor(10 * least - 0.5) / 10) : 0;
}

std::vector<std::string> numbers_to(std::int64_t n) {
  std::vector<std::string> labels;
  for (std::int64_t i = 1; i <= n; ++i) labels.push_back(std::to_string(i));
  return labels;
}

std::string to_html(const Chart& chart) {
  if (!has_value(chart)) return {};
  const std::string title = escape_html(chart.title);
  std::string size;
  if (chart.kind == ChartKind::kHorizontalBar)
    size = " style=\"height:" +
           std::to_string(70 + chart.labels.size() *
                                   std::max<std::size_t>(26, 10 + 14 * chart.series.size())) +
           "px\"";
  return "<figure class=\"chart" + std::string(chart.small ? " small" : "") + "\">\n<figcaption>" +
         title + "</figcaption>\n<div class=\"canvas\"" + size +
         "><canvas role=\"img\" aria-label=\"" + title +
         "\"></canvas></div>\n<script type=\"application/json\">" + script_text(chart_json(chart)) +
         "</script>\n</figure>\n";
}

std::string side_by_side(const std::vector<Chart>& charts) {
  std::string html;
  for (const auto& chart : charts) html += to_html(chart);
  return html.empty() ? html : "<div class=\"charts\">\n" + html + "</div>\n";
}

}  // namespace nasmyth
