#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace nasmyth {

/// One line, one set of bars, or one layer of a stacked area.
struct ChartSeries {
  std::string name;
  std::vector<double> values;  ///< one for each label of the chart; NaN: there is none
  int color = -1;              ///< place in the palette of the page; -1: the next one
  bool dashed = false;
  bool right = false;  ///< measured on the right axis
  bool bars = false;   ///< bars in a line chart
};

/// How the numbers of an axis are written.
enum class ChartFormat { kNumber, kPercent, kSeconds };

struct ChartAxis {
  std::string title;
  ChartFormat format = ChartFormat::kNumber;
  double minimum = std::numeric_limits<double>::quiet_NaN();  ///< NaN: as the values want it
  double maximum = std::numeric_limits<double>::quiet_NaN();
};

enum class ChartKind { kLine, kBar, kHorizontalBar, kArea };

/// A chart, in words that no chart library knows of: what a page carries as data, and what
/// assets/report.js hands to the library. Texts are plain text.
struct Chart {
  std::string title;
  ChartKind kind = ChartKind::kLine;
  std::vector<std::string> labels;  ///< along the x axis (horizontal bars: from top to bottom)
  std::string x_title;
  ChartAxis y, right;
  std::vector<ChartSeries> series;
  std::vector<std::pair<std::string, double>> limits;  ///< lines across the chart, with names
  bool small = false;                                  ///< one of many: no axes, no legend
};

/// Where an axis of shares begins: at zero, unless all are so great that this would hide their
/// differences; then at a whole ten per cent below the least.
double axis_start(const std::vector<double>& shares);

/// Labels "1" ... "n".
std::vector<std::string> numbers_to(std::int64_t n);

/// The chart as an HTML figure: a canvas and its data as JSON. Empty for a chart in which no series
/// has a value.
std::string to_html(const Chart& chart);

/// Charts beside each other where the page is wide enough.
std::string side_by_side(const std::vector<Chart>& charts);

}  // namespace nasmyth
