// What the run depended on beside its configuration: seed, program, machine.
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"

namespace nasmyth {
namespace {

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  HtmlTable table({"what", "value"}, "compact");
  table.add_row({cell("seed"), cell(run.seed)});
  table.add_row({cell("data"), cell(run.data)});
  for (const auto& [name, value] : run.executor)
    table.add_row({cell(name == "name" ? "executor of the configuration" : name),
                   cell(name == "threads" && value == "0" ? "all cores" : value)});
  for (const auto& [name, value] : run.environment) {
    std::string title = name;
    for (char& c : title) c = c == '_' ? ' ' : c;
    table.add_row({cell(title), cell(value)});
  }
  std::string html = table.to_html();
  if (run.environment.empty())
    return html + paragraph("The run has no record of its machine (first_steps.json).", "note");
  return html + "<p class=\"note\">The seed names all random numbers; <code>nasmyth verify " +
         escape_html(run.path) +
         "</code> repeats the first steps and compares them bit for bit.</p>\n";
}

}  // namespace

ReportSectionEntry environment_section() {
  return {"Seed and environment", "seed, program, machine", write};
}

}  // namespace nasmyth
