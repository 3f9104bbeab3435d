// Choice weights over time: the probability of each option of each choice after each epoch.
#include <algorithm>
#include <cmath>

#include "nasmyth/report/chart.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"

namespace nasmyth {
namespace {

constexpr int kColors = 10;                    // of the palette of the page
constexpr std::size_t kMostPoints = 120;       // epochs that a small chart shows
constexpr std::size_t kShownChoices = 60;      // the rest is folded up
constexpr std::size_t kMostOptionsNamed = 12;  // in a legend

std::string chosen(const RunRecord& run, const std::string& choice) {
  for (const auto& [name, option] : run.architecture)
    if (name == choice) return option;
  return {};
}

// The epochs of a chart: all, or evenly picked ones, the first and the last among them.
std::vector<std::size_t> picked(const RunRecord& run) {
  std::vector<std::size_t> all;
  for (std::size_t e = 0; e < run.search.size(); ++e)
    if (!run.search[e].probabilities.empty()) all.push_back(e);
  if (all.size() <= kMostPoints) return all;
  std::vector<std::size_t> some;
  for (std::size_t k = 0; k < kMostPoints; ++k)
    some.push_back(all[k * (all.size() - 1) / (kMostPoints - 1)]);
  return some;
}

Chart chart(const RunRecord& run, std::size_t choice, const std::vector<std::size_t>& epochs) {
  Chart chart;
  chart.title = run.choices[choice].name;
  chart.kind = ChartKind::kArea;
  chart.small = true;
  chart.x_title = "epoch";
  chart.y.format = ChartFormat::kPercent;
  chart.y.minimum = 0;
  chart.y.maximum = 1;
  const auto& labels = run.choices[choice].labels;
  for (std::size_t e : epochs) chart.labels.push_back(std::to_string(run.search[e].figures.epoch));
  for (std::size_t o = 0; o < labels.size(); ++o) {
    ChartSeries s{labels[o], {}, static_cast<int>(o % kColors)};
    for (std::size_t e : epochs) s.values.push_back(run.search[e].probabilities[choice][o]);
    chart.series.push_back(std::move(s));
  }
  return chart;
}

// Options with their colours, the most probable first, the one of the network marked.
std::string legend(const RunRecord& run, const ChoiceRecord& choice) {
  std::vector<std::size_t> order(choice.labels.size());
  for (std::size_t o = 0; o < order.size(); ++o) order[o] = o;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return choice.probabilities[a] > choice.probabilities[b];
  });
  const std::string taken = chosen(run, choice.name);
  std::string html = "<ul class=\"legend\">";
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t o = order[k];
    const bool own = choice.labels[o] == taken;
    if (k >= kMostOptionsNamed && !own) continue;
    html += "<li" + std::string(own ? " class=\"own\"" : "") + "><i class=\"c" +
            std::to_string(o % kColors) + "\"></i>" + escape_html(choice.labels[o]) + " <b>" +
            std::to_string(std::lround(100 * choice.probabilities[o])) + " %</b></li>";
  }
  return html + "</ul>\n";
}

std::string panel(const RunRecord& run, std::size_t choice,
                  const std::vector<std::size_t>& epochs) {
  const std::string drawn =
      epochs.size() > 1 ? to_html(chart(run, choice, epochs))
                        : "<p class=\"name\">" + escape_html(run.choices[choice].name) + "</p>";
  return "<div class=\"choice\">" + drawn + legend(run, run.choices[choice]) + "</div>\n";
}

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  if (run.choices.empty()) return {};
  const std::vector<std::size_t> epochs = picked(run);
  std::string html, more;
  for (std::size_t c = 0; c < run.choices.size(); ++c)
    (c < kShownChoices ? html : more) += panel(run, c, epochs);
  html = "<div class=\"choices\">\n" + html + "</div>\n";
  if (!more.empty())
    html += details(std::to_string(run.choices.size() - kShownChoices) + " more choices",
                    "<div class=\"choices\">\n" + more + "</div>\n");
  const std::string what =
      epochs.size() > 1
          ? "Each panel is a choice: how its probability is shared by its options, epoch by epoch. "
          : "The run has no record of the probabilities epoch by epoch; these are the last ones. ";
  return paragraph(what +
                       "Below it the probabilities after the last epoch; the option of the found "
                       "network is marked. It may be another than the most probable one: the "
                       "limits, and the ranking of candidates, decide, too.",
                   "note") +
         html;
}

}  // namespace

ReportSectionEntry choices_section() {
  return {"Choice weights", "probabilities of the options of each choice over time", write};
}

}  // namespace nasmyth
