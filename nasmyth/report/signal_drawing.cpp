#include "nasmyth/report/signal_drawing.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "nasmyth/core/error.h"
#include "nasmyth/report/html.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kMostChannels = 12;
constexpr std::int64_t kMostPoints = 160;
constexpr double kWidth = 160, kHeight = 64, kMargin = 2;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::vector<double> values_of(const Dataset& data, std::int64_t index) {
  std::vector<double> values;
  if (data.has_values())
    for (float v : data.value_image(index)) values.push_back(v);
  else
    for (std::uint8_t v : data.image(index)) values.push_back(v);
  return values;
}

// The means of equal parts, where there are more values than points.
std::vector<double> thinned(const double* values, std::int64_t count) {
  const std::int64_t points = std::min(count, kMostPoints);
  std::vector<double> means;
  for (std::int64_t p = 0; p < points; ++p) {
    const std::int64_t begin = p * count / points, end = (p + 1) * count / points;
    double sum = 0;
    for (std::int64_t i = begin; i < end; ++i) sum += values[i];
    means.push_back(sum / static_cast<double>(end - begin));
  }
  return means;
}

std::string curve(const std::vector<double>& values, double low, double high, double opacity) {
  const double step = (kWidth - 2 * kMargin) / static_cast<double>(values.size() - 1);
  const double scale = high > low ? (kHeight - 2 * kMargin) / (high - low) : 0;
  std::string points;
  for (std::size_t i = 0; i < values.size(); ++i)
    points += (i ? " " : "") + number(kMargin + step * static_cast<double>(i)) + "," +
              number(kHeight - kMargin - scale * (values[i] - low));
  return "<polyline points=\"" + points +
         "\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1\" opacity=\"" +
         number(opacity) + "\"/>";
}

}  // namespace

bool can_draw_signal(const Dataset& data) {
  return data.is_signal() && data.channels <= kMostChannels;
}

std::string draw_signal(const Dataset& data, std::int64_t index, const std::string& title) {
  if (!can_draw_signal(data))
    throw Error(ErrorKind::kInternal, data.name, "its samples are no signals that can be drawn");
  const std::vector<double> values = values_of(data, index);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  std::string svg = "<svg class=\"signal\" role=\"img\" viewBox=\"0 0 " + number(kWidth) + " " +
                    number(kHeight) + "\"><title>" + escape_html(title) + "</title>";
  for (std::int64_t c = 0; c < data.channels; ++c)
    svg += curve(thinned(values.data() + c * data.width, data.width), *low, *high,
                 1 - 0.8 * static_cast<double>(c) / static_cast<double>(data.channels));
  return svg + "</svg>";
}

}  // namespace nasmyth
