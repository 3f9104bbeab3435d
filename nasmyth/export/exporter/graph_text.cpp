// json and dot: the graph alone, open or closed.
#include "nasmyth/export/exporter.h"

namespace nasmyth {
namespace {

struct GraphTextOptions {
  bool expand = false;
};

void describe(OptionFields<GraphTextOptions>& f) {
  f.add("expand", &GraphTextOptions::expand, {"composite operations are replaced by primitives"});
}

using GraphText = std::string (NetworkGraph::*)() const;

class GraphTextExporter : public Exporter {
 public:
  GraphTextExporter(GraphText text, const OptionMap& options, std::string_view where)
      : text_(text), options_(parse_options<GraphTextOptions>(options, where)) {}
  std::string write(const ExportRequest& request) const override {
    if (!options_.expand) return (request.graph.*text_)();
    return (nasmyth::expand(request.graph, request.operations).graph.*text_)();
  }

 private:
  GraphText text_;
  GraphTextOptions options_;
};

}  // namespace

ExporterEntry json_exporter() {
  return {"the graph with its choices, in this program's own form",
          ".json",
          /*needs_weights=*/false,
          /*binary=*/false,
          option_infos<GraphTextOptions>,
          [](const OptionMap& options) -> std::unique_ptr<Exporter> {
            return std::make_unique<GraphTextExporter>(&NetworkGraph::to_json, options,
                                                       "exporter json");
          }};
}

ExporterEntry dot_exporter() {
  return {"a drawing of the graph for Graphviz",
          ".dot",
          /*needs_weights=*/false,
          /*binary=*/false,
          option_infos<GraphTextOptions>,
          [](const OptionMap& options) -> std::unique_ptr<Exporter> {
            return std::make_unique<GraphTextExporter>(&NetworkGraph::to_dot, options,
                                                       "exporter dot");
          }};
}

}  // namespace nasmyth
