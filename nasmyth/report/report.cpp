#include "nasmyth/report/report.h"

#include <optional>

#include "nasmyth/data/data_source.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/page.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/search/run_loading.h"

namespace nasmyth {
namespace {

std::string subtitle(const RunRecord& run) {
  std::string html = "<p class=\"facts\">";
  const auto fact = [&](std::string_view name, const std::string& value) {
    if (!value.empty())
      html += "<span>" + std::string(name) + " <b>" + escape_html(value) + "</b></span> ";
  };
  fact("data", run.data);
  fact("space", run.space);
  fact("strategy", run.strategy);
  fact("seed", run.seed);
  fact("version", run.version);
  return html + "</p>\n";
}

void load(const RunRecord& run, std::optional<DatasetPair>& data, ReportInput& input) {
  // Only the images of mistakes need the data.
  if (!input.images || !run.own() || run.own()->predictions.empty()) return;
  try {
    data = load_data(run.setting("data"));
    input.data = &*data;
  } catch (const Error& e) {
    input.data_fault = e.what();
  }
}

void count(const RunRecord& run, ReportInput& input) {
  if (!run.graph) return;
  try {
    input.counted = count_network(*run.graph, builtin_operations());
  } catch (const Error& e) {
    input.count_fault = e.what();
  }
}

// A part that fails, for a file that nobody thought of, does not take the others with it.
std::string write_section(const ReportSectionEntry& section, const ReportInput& input) {
  try {
    return section.write(input);
  } catch (const Error& e) {
    return paragraph(std::string("This part could not be written: ") + e.what(), "warning");
  }
}

}  // namespace

std::string write_report(const RunDirectory& directory, const ReportOptions& options,
                         const DatasetPair* data) {
  const RunRecord run = read_run(directory);
  try {
    load_configuration(directory);  // for its plug-ins, which the run's operations may come from
  } catch (const Error&) {
    // Said where it matters: an operation or a data source is then unknown.
  }
  ReportInput input{run, data};
  input.images = options.images;
  std::optional<DatasetPair> loaded;
  if (!data) load(run, loaded, input);
  count(run, input);
  std::vector<PagePart> parts;
  for (const auto& [name, section] : report_sections())
    if (std::string html = write_section(section, input); !html.empty())
      parts.emplace_back(section.title, std::move(html));
  return html_page("Run " + run.name, subtitle(run), parts);
}

}  // namespace nasmyth
