// Parameters and multiply-accumulates by layer.
#include <algorithm>

#include "nasmyth/report/chart.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/network_drawing.h"
#include "nasmyth/report/report_section.h"

namespace nasmyth {
namespace {

constexpr std::size_t kMostBars = 32;

struct Row {
  std::string name;
  NetworkCount count;
};

// Layers that store or compute; by block where there are too many for a chart.
std::vector<Row> rows(const CountedNetwork& counted, bool by_block) {
  std::vector<Row> rows;
  for (const auto& layer : counted.layers) {
    if (layer.count.params == 0 && layer.count.macs == 0) continue;
    const std::string name = by_block ? layer.scope.substr(0, layer.scope.find('/')) : layer.scope;
    if (rows.empty() || rows.back().name != name) rows.push_back({name, {}});
    rows.back().count.params += layer.count.params;
    rows.back().count.macs += layer.count.macs;
  }
  return rows;
}

Chart chart(const CountedNetwork& counted) {
  std::vector<Row> all = rows(counted, false);
  const bool by_block = all.size() > kMostBars;
  if (by_block) all = rows(counted, true);
  Chart chart;
  chart.title =
      by_block ? "Share of parameters and MACs by block" : "Share of parameters and MACs by layer";
  chart.kind = ChartKind::kHorizontalBar;
  chart.y.format = ChartFormat::kPercent;
  chart.y.minimum = 0;
  ChartSeries params{"params", {}, 0}, macs{"MACs", {}, 1};
  for (const auto& row : all) {
    chart.labels.push_back(row.name);
    params.values.push_back(row.count.params / std::max(1.0, counted.total.params));
    macs.values.push_back(row.count.macs / std::max(1.0, counted.total.macs));
  }
  chart.series = {std::move(params), std::move(macs)};
  return chart;
}

std::string table(const CountedNetwork& counted) {
  HtmlTable table({"layer", "operation", "result", ">params", "", ">MACs", ""}, "compact");
  for (const auto& layer : counted.layers) {
    if (layer.count.params == 0 && layer.count.macs == 0) continue;
    table.add_row({cell(layer.scope), cell(layer.operation), cell(shape_text(layer.shape)),
                   cell(count_text(layer.count.params)),
                   raw(bar(layer.count.params / std::max(1.0, counted.total.params))),
                   cell(count_text(layer.count.macs)),
                   raw(bar(layer.count.macs / std::max(1.0, counted.total.macs)))});
  }
  table.add_row({cell("all"), cell(""), cell(""), cell(count_text(counted.total.params)), cell(""),
                 cell(count_text(counted.total.macs)), cell("")},
                "total");
  return table.to_html();
}

std::string write(const ReportInput& input) {
  if (!input.counted) return {};
  return to_html(chart(*input.counted)) + details("All layers as a table", table(*input.counted));
}

}  // namespace

ReportSectionEntry layers_section() {
  return {"Layers", "parameters and multiply-accumulates by layer", write};
}

}  // namespace nasmyth
