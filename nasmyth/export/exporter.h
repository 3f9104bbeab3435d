#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/graph/parameter_store.h"
#include "nasmyth/onnx/from_graph.h"

namespace nasmyth {

/// A network to be written in another format, with all that an exporter may want to know. Borrows
/// the graph, the operations and the parameters for the length of a call.
struct ExportRequest {
  const NetworkGraph& graph;  ///< composites allowed
  const OperationSet& operations;
  /// Those of the graph, or of a graph that holds its keys at greater sizes. Null: none; see
  /// ExporterEntry::needs_weights.
  const ParameterStore* parameters = nullptr;
  OnnxDescription description = {};  ///< preprocessing, class labels, text of the architecture
};

/// Writes networks in one format. Stateless once made; thread-safe.
class Exporter {
 public:
  virtual ~Exporter() = default;
  /// The bytes of the file; the same request gives the same bytes. Throws for what the format
  /// cannot say: kUnsupported for an operation, kInvalidArgument for an open network, kShape for
  /// parameters that do not fit.
  virtual std::string write(const ExportRequest& request) const = 0;
};

/// How an exporter is found and described without being made.
struct ExporterEntry {
  std::string help;                      ///< one sentence
  std::string extension;                 ///< of its files, with the dot: ".onnx"
  bool needs_weights = false;            ///< whether a request must have parameters
  bool binary = false;                   ///< whether the bytes are no text
  std::vector<OptionInfo> (*options)();  ///< its options
  std::unique_ptr<Exporter> (*make)(const OptionMap& options);
};

/// The exporters of the program, in the order of `exporters.def`. Filled on first use; add before
/// use.
Registry<ExporterEntry>& exporters();

/// The network in a format, by the name of its exporter. Unknown formats and options are errors
/// with a suggestion; kInvalidArgument when the format needs weights and the request has none.
std::string export_network(std::string_view format, const ExportRequest& request,
                           const OptionMap& options = {});

/// The format whose files end like `path`; empty when there is none.
std::string format_of(std::string_view path);

}  // namespace nasmyth
