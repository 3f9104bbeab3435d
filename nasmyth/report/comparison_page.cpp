// The page of a comparison; what is compared is found by comparison.cpp.
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "nasmyth/core/table_text.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/report/chart.h"
#include "nasmyth/report/comparison.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/network_drawing.h"
#include "nasmyth/report/page.h"
#include "nasmyth/report/words.h"
#include "nasmyth/train/statistics.h"

namespace nasmyth {
namespace {

class ComparisonPage {
 public:
  explicit ComparisonPage(const std::vector<RunDirectory>& directories) {
    for (const auto& directory : directories) runs_.push_back(read_run(directory));
    names_ = run_names(runs_);
  }

  std::string write() const {
    std::vector<PagePart> parts;
    const auto add = [&](std::string title, std::string html) {
      if (!html.empty()) parts.emplace_back(std::move(title), std::move(html));
    };
    add("Results", results());
    add("Differences of the results", noise());
    add("Differences of the configuration", configuration());
    add("Search", search_curves());
    add("Training", training_curves());
    add("Architectures", architectures());
    add("Networks", networks());
    const std::string count = std::to_string(runs_.size());
    return html_page("Comparison of " + count + " runs",
                     "<p class=\"facts\"><span>" + escape_html(join_names()) + "</span></p>\n",
                     parts);
  }

 private:
  std::string join_names() const {
    std::string text;
    for (const auto& name : names_) text += (text.empty() ? "" : " \xc2\xb7 ") + name;
    return text;
  }

  std::vector<std::string> columns(const std::string& first, bool right = false) const {
    std::vector<std::string> columns{first};
    for (const auto& name : names_) columns.push_back((right ? ">" : "") + name);
    return columns;
  }

  // One row: what, and its value in each run; marked where the values differ and `mark` is set.
  template <class Value>
  void row(HtmlTable& table, const std::string& what, const Value& value, bool mark = false) const {
    std::vector<HtmlCell> cells{cell(what)};
    bool some = false;
    for (const auto& run : runs_) {
      cells.push_back(raw(value(run)));
      some = some || !cells.back().html.empty();
    }
    if (!some) return;
    for (std::size_t c = 2; mark && c < cells.size(); ++c)
      if (cells[c].html != cells[1].html)
        for (std::size_t k = 1; k < cells.size(); ++k) cells[k].classes = "changed";
    table.add_row(std::move(cells));
  }

  // The value of the run's own network; empty before it was tested.
  template <class Value>
  static auto own(const Value& value) {
    return [value](const RunRecord& run) {
      return run.own() ? value(run, *run.own()) : std::string();
    };
  }

  std::string results() const {
    HtmlTable table(columns("", true), "sides");
    row(table, "state", [](const RunRecord& run) {
      return std::string(run.finished() ? "finished"
                         : run.own()    ? "controls missing"
                                        : "not finished");
    });
    row(table, "test accuracy (95 %)",
        own([](const RunRecord&, const ArmRecord& arm) { return accuracy_html(arm); }));
    for (const char* metric : {"balanced_accuracy", "macro_f1", "auc"})
      row(table, metric_title(metric), own([metric](const RunRecord&, const ArmRecord& arm) {
            const double value = arm.metric(metric);
            return std::isfinite(value) ? escape_html(percent_text(value)) : std::string();
          }));
    for (const auto& resource : resources()) row(table, resource_title(resource), cost(resource));
    for (const char* control : {"random", "hand_made"})
      row(table, "against " + arm_title(control), [control](const RunRecord& run) {
        for (const auto& c : run.comparisons)
          if (c.control == control)
            return escape_html(c.words) + "<small>" + escape_html(p_phrase(c.p_value)) + "</small>";
        return std::string();
      });
    const auto seconds = [](double value) {
      return value > 0 ? escape_html(format_duration(value)) : std::string();
    };
    row(table, "time of the search",
        own([&](const RunRecord&, const ArmRecord& arm) { return seconds(arm.search_seconds); }));
    row(table, "time of the training",
        own([&](const RunRecord&, const ArmRecord& arm) { return seconds(arm.retrain_seconds); }));
    facts(table);
    return faults() + table.to_html() + side_by_side(result_charts());
  }

  void facts(HtmlTable& table) const {
    row(
        table, "data", [](const RunRecord& run) { return escape_html(run.data); }, true);
    row(
        table, "space", [](const RunRecord& run) { return escape_html(run.space); }, true);
    row(
        table, "strategy", [](const RunRecord& run) { return escape_html(run.strategy); }, true);
    row(
        table, "seed", [](const RunRecord& run) { return escape_html(run.seed); }, true);
    row(
        table, "version", [](const RunRecord& run) { return escape_html(run.version); }, true);
    for (const char* name : {"processor", "executor"})
      row(
          table, name,
          [name](const RunRecord& run) {
            for (const auto& [key, value] : run.environment)
              if (key == name) return escape_html(value);
            return std::string();
          },
          true);
  }

  std::string faults() const {
    std::string html;
    for (std::size_t i = 0; i < runs_.size(); ++i)
      for (const auto& fault : runs_[i].faults)
        html += paragraph(names_[i] + ": a file could not be read: " + fault, "warning");
    return html;
  }

  std::vector<std::string> resources() const {
    std::vector<std::string> all;
    const auto add = [&](const std::string& name) {
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
    };
    for (const auto& run : runs_) {
      for (const auto& limit : run.limits) add(limit.resource);
      if (run.own())
        for (const auto& [name, cost] : run.own()->costs) add(name);
    }
    return all;
  }

  static std::function<std::string(const RunRecord&)> cost(const std::string& resource) {
    return [resource](const RunRecord& run) {
      if (!run.own()) return std::string();
      const double cost = run.own()->cost(resource);
      for (const auto& limit : run.limits)
        if (limit.resource == resource)
          return cost_html(cost, limit) + "<small>of " + escape_html(format_si(limit.at_most)) +
                 "</small>";
      return std::isfinite(cost) ? escape_html(count_text(cost)) : std::string();
    };
  }

  std::vector<Chart> result_charts() const {
    Chart accuracy;
    accuracy.title = "Test accuracy";
    accuracy.kind = ChartKind::kHorizontalBar;
    accuracy.y.format = ChartFormat::kPercent;
    ChartSeries values{"test accuracy", {}, 0};
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (!runs_[i].own()) continue;
      accuracy.labels.push_back(names_[i]);
      values.values.push_back(runs_[i].own()->test_accuracy());
    }
    accuracy.y.minimum = axis_start(values.values);
    accuracy.series.push_back(std::move(values));
    return {std::move(accuracy)};
  }

  std::string noise() const { return pair_table() + group_table(); }

  std::string pair_table() const {
    std::vector<std::string> notes;
    const std::vector<RunPair> pairs = compare_pairs(runs_, notes);
    std::string html;
    if (!pairs.empty()) {
      HtmlTable table({"network of", "is", "than the network of", ">p", ">right alone"});
      for (const auto& pair : pairs) {
        const bool same = pair.words == "not distinguishable";
        table.add_row({cell(names_[pair.first]), cell(pair.words, same ? "" : pair.words),
                       cell((same ? "from that of " : "") + names_[pair.second]),
                       cell(p_text(pair.p_value)),
                       cell(count_text(static_cast<double>(pair.only_first)) + " : " +
                            count_text(static_cast<double>(pair.only_second)))});
      }
      html += heading("Network by network, on the same test images") + table.to_html() +
              paragraph(
                  "McNemar's test, two-sided: \"better\" and \"worse\" where p < 0.05. Of many "
                  "pairs, one in twenty comes out so by chance.",
                  "note");
    }
    for (const auto& note : notes) html += paragraph(note, "note");
    return html;
  }

  std::string group_name(const RunGroup& group) const {
    std::string text;
    for (std::size_t i : group.runs) text += (text.empty() ? "" : ", ") + names_[i];
    return text;
  }

  std::string group_table() const {
    std::vector<RunGroup> groups = group_by_configuration(runs_);
    std::erase_if(groups, [](const RunGroup& group) { return group.accuracies.size() < 2; });
    if (groups.empty())
      return paragraph(
          "A configuration is compared with another one over at least two seeds each; "
          "here a difference between two runs may be that of their seeds.",
          "note");
    HtmlTable means({"configuration of", ">seeds", ">test accuracy, mean \xc2\xb1 deviation"});
    for (const auto& group : groups)
      means.add_row({cell(group_name(group)), cell(std::to_string(group.accuracies.size())),
                     cell(to_string(summarize(group.accuracies), 2, 100) + " %")});
    std::string html = heading("Configuration by configuration, over seeds") + means.to_html();
    HtmlTable table({"configuration of", "is", "than that of", ">difference", ">p"});
    for (std::size_t a = 0; a < groups.size(); ++a)
      for (std::size_t b = a + 1; b < groups.size(); ++b) {
        const WelchTest test = welch_test(groups[a].accuracies, groups[b].accuracies);
        const std::string words = compare_words(test);
        const bool same = words == "not distinguishable";
        char difference[32];
        std::snprintf(difference, sizeof difference, "%+.2f %%", 100 * test.difference);
        table.add_row({cell(group_name(groups[a])), cell(words, same ? "" : words),
                       cell((same ? "from that of " : "") + group_name(groups[b])),
                       cell(difference), cell(p_text(test.p_value))});
      }
    if (!table.empty()) html += table.to_html() + paragraph("Welch's test, two-sided.", "note");
    return html;
  }

  std::string configuration() const {
    const auto different = different_settings(runs_);
    HtmlTable table(columns("key"), "compact fixed"), all(columns("key"), "compact fixed");
    for (const auto& [key, values] : different) {
      std::vector<HtmlCell> cells{cell(key)};
      for (const auto& value : values)
        cells.push_back(cell(value.empty() ? "(absent)" : value, "changed"));
      table.add_row(std::move(cells));
    }
    for (const auto& [key, ignored] : runs_.front().settings)
      row(
          all, key, [&key = key](const RunRecord& run) { return escape_html(run.setting(key)); },
          true);
    std::string html =
        table.empty() ? paragraph("All runs have the same configuration.") : table.to_html();
    return html + details("The whole configuration", all.to_html());
  }

  // A chart with a line for each run.
  template <class Values>
  Chart overlay(std::string title, ChartFormat format, const Values& values) const {
    Chart chart;
    chart.title = std::move(title);
    chart.x_title = "epoch";
    chart.y.format = format;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      ChartSeries s{names_[i], values(runs_[i]), static_cast<int>(i)};
      longest = std::max(longest, s.values.size());
      if (!s.values.empty()) chart.series.push_back(std::move(s));
    }
    chart.labels = numbers_to(static_cast<std::int64_t>(longest));
    return chart;
  }

  template <class Value>
  static auto each_search_epoch(const Value& value) {
    return [value](const RunRecord& run) {
      std::vector<double> values;
      for (const auto& e : run.search) values.push_back(value(e));
      return values;
    };
  }

  template <class Value>
  static auto each_training_epoch(const Value& value) {
    return [value](const RunRecord& run) {
      std::vector<double> values;
      const std::string arm = run.own() ? run.own()->name : "search";
      const TrainingRecord* training = run.training(arm);
      if (training)
        for (const auto& e : training->epochs) values.push_back(value(e));
      return values;
    };
  }

  std::string search_curves() const {
    std::vector<Chart> charts{
        overlay("Search-train loss", ChartFormat::kNumber,
                each_search_epoch([](const auto& e) { return e.figures.train_loss; })),
        overlay("Search-validation accuracy", ChartFormat::kPercent,
                each_search_epoch([](const auto& e) { return e.figures.validation_accuracy; })),
        overlay("Entropy of the choices", ChartFormat::kPercent,
                each_search_epoch([](const auto& e) { return e.figures.entropy; })),
        overlay("Choices led by a skip", ChartFormat::kPercent,
                each_search_epoch([](const auto& e) { return e.skip_share; }))};
    for (const auto& resource : resources()) {
      Chart chart = overlay("Expected " + resource_title(resource) + " as a share of the limit",
                            ChartFormat::kPercent,
                            [&](const RunRecord& run) { return expected_shares(run, resource); });
      chart.y.minimum = 0;
      chart.limits = {{"limit", 1}};
      charts.push_back(std::move(chart));
    }
    return side_by_side(charts);
  }

  static std::vector<double> expected_shares(const RunRecord& run, const std::string& resource) {
    std::vector<double> values;
    for (const auto& limit : run.limits)
      if (limit.resource == resource)
        for (const auto& e : run.search) {
          double share = std::nan("");
          for (const auto& [name, cost] : e.figures.expected_costs)
            if (name == resource) share = cost / limit.at_most;
          values.push_back(share);
        }
    return values;
  }

  std::string training_curves() const {
    return side_by_side({overlay("Training loss of the found networks", ChartFormat::kNumber,
                                 each_training_epoch([](const auto& e) { return e.loss; })),
                         overlay("Accuracy on augmented training images", ChartFormat::kPercent,
                                 each_training_epoch([](const auto& e) { return e.accuracy; }))});
  }

  std::string architectures() const {
    std::vector<std::string> choices;
    for (const auto& run : runs_)
      for (const auto& [choice, option] : run.architecture)
        if (std::find(choices.begin(), choices.end(), choice) == choices.end())
          choices.push_back(choice);
    if (choices.empty()) return {};
    HtmlTable table(columns("choice"), "compact fixed");
    for (const auto& choice : choices)
      row(
          table, choice,
          [&](const RunRecord& run) {
            for (const auto& [name, option] : run.architecture)
              if (name == choice) return escape_html(option);
            return std::string();
          },
          true);
    return table.to_html() +
           paragraph(
               "Choices whose options differ are marked; a choice that does not act in a "
               "network is empty there.",
               "note");
  }

  std::string networks() const {
    std::string html;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (!runs_[i].graph) continue;
      std::optional<CountedNetwork> counted;
      try {
        counted = count_network(*runs_[i].graph, builtin_operations());
      } catch (const Error&) {
        // An operation of a plug-in: drawn without shapes and counts.
      }
      html += "<div>" + heading(names_[i]) +
              draw_network(*runs_[i].graph, counted ? &*counted : nullptr) + "</div>\n";
    }
    return html.empty() ? html : "<div class=\"networks\">\n" + html + "</div>\n";
  }

  std::vector<RunRecord> runs_;
  std::vector<std::string> names_;
};

}  // namespace

std::string write_comparison(const std::vector<RunDirectory>& directories) {
  return ComparisonPage(directories).write();
}

}  // namespace nasmyth
