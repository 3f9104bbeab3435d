// The whole configuration, defaults included.
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"

namespace nasmyth {
namespace {

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  HtmlTable table({"key", "value"}, "compact");
  for (const auto& [key, value] : run.settings) table.add_row({cell(key), cell(value)});
  return paragraph(
             "All values, defaults included; nasmyth search --config takes the file "
             "configuration.yaml of the run.",
             "note") +
         details("As a table", table.to_html()) +
         details("As YAML", "<pre>" + escape_html(run.yaml) + "</pre>\n");
}

}  // namespace

ReportSectionEntry configuration_section() {
  return {"Configuration", "the resolved configuration", write};
}

}  // namespace nasmyth
