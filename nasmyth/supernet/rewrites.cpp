#include "nasmyth/supernet/rewrites.h"

#include <map>

#include "nasmyth/core/error.h"
#include "nasmyth/graph/graph_edit.h"

namespace nasmyth {
namespace {

// A select between candidates that read one tensor and keep its width.
struct MixedEdge {
  int source = -1;  // what the candidates read
  int channels = 0;
  bool halved = false;  // the result has half the size of the source
  int part = -1;        // in the copy: the channels that the candidates see
};

class MixedEdges {
 public:
  MixedEdges(const NetworkGraph& graph, const OperationSet& operations)
      : graph_(graph), expanded_(expand(graph, operations)) {
    for (int i = 0; i < expanded_.graph.size(); ++i) {
      const Node& node = expanded_.graph.node(i);
      first_.emplace(node.composite_scope.empty() ? node.scope : node.composite_scope, i);
    }
    readers_.resize(static_cast<std::size_t>(graph.size()));
    for (const auto& node : graph.nodes())
      for (int i : node.inputs) ++readers_[static_cast<std::size_t>(i)];
    for (int i = 0; i < graph.size(); ++i) add(i);
  }

  std::map<int, MixedEdge> edges;  // by select
  std::map<int, int> select_of;    // by candidate

 private:
  bool is_candidate(int i, int source) const {
    const Node& node = graph_.node(i);
    return node.operation != "select" && node.inputs == std::vector<int>{source} &&
           !node.has("channels") && readers_[static_cast<std::size_t>(i)] == 1;
  }

  void add(int i) {
    const Node& select = graph_.node(i);
    if (select.operation != "select" || graph_.node(select.inputs[0]).inputs.size() != 1) return;
    MixedEdge edge;
    edge.source = graph_.node(select.inputs[0]).inputs[0];
    for (int j : select.inputs)
      if (!is_candidate(j, edge.source)) return;
    const TensorShape& to = expanded_.shapes[at(first_.at(select.scope))];
    const int reader = first_.at(graph_.node(select.inputs[0]).scope);
    const TensorShape& from = expanded_.shapes[at(expanded_.graph.node(reader).inputs[0])];
    const bool closed = from.rank() == 3 && from[0].is_constant() && from[2].is_constant();
    if (!closed || !(from[0] == to[0])) return;
    edge.channels = static_cast<int>(from[0].constant());
    edge.halved = !(from[2] == to[2]);  // the width: a signal keeps its one row
    if (edge.halved && 2 * to[2].constant() != from[2].constant()) return;
    for (int j : select.inputs) select_of[j] = i;
    edges[i] = edge;
  }

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  const NetworkGraph& graph_;
  ExpandedGraph expanded_;
  std::map<std::string, int> first_;  // primitive of each scope, the first of a composite
  std::vector<int> readers_;
};

}  // namespace

NetworkGraph partial_channels(const NetworkGraph& search_form, int parts,
                              const OperationSet& operations) {
  if (parts == 1) return search_form;
  MixedEdges mixed(search_form, operations);
  if (mixed.edges.empty())
    throw Error(ErrorKind::kUnsupported, "partial_channels",
                "no edge of this space has candidates that all read one tensor and keep its width",
                "use partial_channels=1");
  GraphCopy copy(search_form);
  for (int i = 0; i < search_form.size(); ++i) {
    Node node = copy.rewired(i);
    if (const auto candidate = mixed.select_of.find(i); candidate != mixed.select_of.end()) {
      MixedEdge& edge = mixed.edges.at(candidate->second);
      const std::string& scope = search_form.node(candidate->second).scope;
      if (edge.channels % parts != 0)
        throw Error(ErrorKind::kShape, scope,
                    "partial_channels: " + std::to_string(edge.channels) +
                        " channels are no multiple of " + std::to_string(parts));
      if (edge.part < 0)
        edge.part = copy.add(
            make_node("slice", scope + "/part", node.inputs,
                      {{"begin", ChoiceFunction(0)}, {"channels", edge.channels / parts}}));
      node.inputs = {edge.part};
    }
    const int kept = copy.keep(i, std::move(node));
    const auto found = mixed.edges.find(i);
    if (found == mixed.edges.end()) continue;
    const MixedEdge& edge = found->second;
    const std::string& scope = search_form.node(i).scope;
    const int seen = edge.channels / parts;
    int past = copy.add(make_node("slice", scope + "/past", {copy.mapped(edge.source)},
                                  {{"begin", seen}, {"channels", edge.channels - seen}}));
    if (edge.halved)
      past = copy.add(make_node("max_pool", scope + "/past_pool", {past},
                                {{"kernel", 2}, {"stride", 2}, {"padding", ChoiceFunction(0)}}));
    const int joined = copy.add(make_node("concat", scope + "/joined", {kept, past}, {}));
    copy.replace(
        i, copy.add(make_node("shuffle", scope + "/shuffled", {joined}, {{"groups", parts}})));
  }
  return copy.finish(search_form.choices());
}

}  // namespace nasmyth
