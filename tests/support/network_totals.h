#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nasmyth/graph/operation_set.h"

namespace nasmyth::test {

/// What a network stores and computes for one sample, counted node by node.
struct NetworkTotals {
  double params = 0;
  double conv_macs = 0;
  double macs = 0;
  int parameter_tensors = 0;
  bool operator==(const NetworkTotals&) const = default;
};
void PrintTo(const NetworkTotals& totals, std::ostream* out);

/// Everything in the expanded network, choices at their greatest. `scope`: only nodes below it.
NetworkTotals totals(const ExpandedGraph& expanded, std::string_view scope = {});
/// The same of a graph of built-in operations, without its training-only outputs.
NetworkTotals totals(const NetworkGraph& graph);
/// With its training-only outputs.
NetworkTotals totals_in_training(const NetworkGraph& graph);

/// Costs of an open network as functions of its choices: what an architecture costs without
/// binding the graph.
class OpenTotals {
 public:
  explicit OpenTotals(const NetworkGraph& graph);
  NetworkTotals at(const Architecture& architecture) const;

 private:
  struct Term {
    ChoiceFunction macs;
    bool conv = false;
    std::vector<std::pair<std::string, ChoiceFunction>> parameters;  // key, elements
  };
  ExpandedGraph expanded_;
  std::vector<Term> terms_;
};

/// Shapes of the inputs of a node.
std::vector<TensorShape> input_shapes(const ExpandedGraph& expanded, int node);

/// How many nodes run `operation`.
int count_nodes(const NetworkGraph& graph, std::string_view operation);

/// The text of the error that `f` throws, or "no error".
std::string error_text(const std::function<void()>& f);

}  // namespace nasmyth::test
