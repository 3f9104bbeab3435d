// A picture of the network, and the option of each choice.
#include "nasmyth/report/html.h"
#include "nasmyth/report/network_drawing.h"
#include "nasmyth/report/report_section.h"

namespace nasmyth {
namespace {

std::string architecture_table(const RunRecord& run) {
  if (run.architecture.empty()) return {};
  HtmlTable table({"choice", "option"}, "compact");
  for (const auto& [choice, option] : run.architecture) table.add_row({cell(choice), cell(option)});
  return details("The option of each choice", table.to_html(), !run.graph);
}

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  if (!run.graph)
    return run.architecture.empty() ? std::string()
                                    : paragraph("The network is drawn when it has been trained.") +
                                          architecture_table(run);
  std::string html = draw_network(*run.graph, input.counted ? &*input.counted : nullptr);
  if (!input.count_fault.empty())
    html += paragraph("Shapes and counts are missing: " + input.count_fault, "warning");
  html += paragraph(
      "Each box: operation and shape of its result (channels, height, width); kernel, stride and "
      "hidden width; parameters and multiply-accumulates. The line at its foot is its width as a "
      "share of the widest layer.",
      "note");
  return html + architecture_table(run);
}

}  // namespace

ReportSectionEntry network_section() {
  return {"Network", "the network, drawn layer by layer", write};
}

}  // namespace nasmyth
