// onnx: a closed network with its weights, for runtimes.
#include "nasmyth/export/exporter.h"
#include "nasmyth/onnx/from_graph.h"

namespace nasmyth {
namespace {

struct OnnxExportOptions {
  bool preprocessing = true;
  bool fold_batch_norm = true;
};

void describe(OptionFields<OnnxExportOptions>& f) {
  f.add("preprocessing", &OnnxExportOptions::preprocessing,
        {"the model takes raw pixel values 0 to 255 and normalises them itself"})
      .add("fold_batch_norm", &OnnxExportOptions::fold_batch_norm,
           {"batch normalisation becomes part of the weights of the layer before it"});
}

class OnnxExporter : public Exporter {
 public:
  explicit OnnxExporter(const OnnxExportOptions& options)
      : options_{options.preprocessing, options.fold_batch_norm} {}
  std::string write(const ExportRequest& request) const override {
    return write_onnx(onnx_from_graph(request.graph, *request.parameters, request.operations,
                                      request.description, options_));
  }

 private:
  OnnxOptions options_;
};

}  // namespace

ExporterEntry onnx_exporter() {
  return {"a closed network with its weights, for OpenVINO, ONNX Runtime and others (opset 17)",
          ".onnx",
          /*needs_weights=*/true,
          /*binary=*/true,
          option_infos<OnnxExportOptions>,
          [](const OptionMap& options) -> std::unique_ptr<Exporter> {
            return std::make_unique<OnnxExporter>(
                parse_options<OnnxExportOptions>(options, "exporter onnx"));
          }};
}

}  // namespace nasmyth
