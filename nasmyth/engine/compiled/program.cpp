#include "nasmyth/engine/compiled/program.h"

#include <algorithm>
#include <iterator>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/lowering.h"
#include "nasmyth/engine/step_checks.h"

namespace nasmyth::compiled {
namespace {

// Nodes through which a wanted gradient flows: those that read a trainable parameter or hold a
// site where such gradients are wanted, and all that lie above.
template <class T>
std::vector<char> find_needs(const Program<T>& p, const OperationSet& operations,
                             const StepSpec& spec) {
  const bool parameters = wants_parameters(spec);
  const auto& graph = p.graph.graph;
  std::vector<char> needs(static_cast<std::size_t>(graph.size()), 0);
  if (wants_choices(spec))
    for (const auto& site : p.sites) needs[static_cast<std::size_t>(site.node)] = 1;
  for (int i = 0; i < graph.size(); ++i) {
    const Node& node = graph.node(i);
    char& need = needs[static_cast<std::size_t>(i)];
    for (int j : node.inputs)
      need = need || (needs[static_cast<std::size_t>(j)] && node.operation != "zero" &&
                      node.operation != "gaussian_noise");
    if (!parameters || node.operation == "select") continue;
    for (const auto& parameter : operations.primitive(node.operation)
                                     ->parameters(node, p.graph.input_shapes(node),
                                                  p.graph.shapes[static_cast<std::size_t>(i)]))
      need = need || parameter.trainable;
  }
  return needs;
}

template <class T>
void add_node_buffers(Program<T>& p, const std::vector<char>& needs) {
  for (int i = 0; i < p.graph.graph.size(); ++i) {
    const std::string& scope = p.graph.graph.node(i).scope;
    const std::int64_t bytes =
        image_size(p.graph, i).elements() * static_cast<std::int64_t>(sizeof(T));
    const auto add = [&](const char* what) {
      p.buffers.push_back({scope + ": " + what, bytes});
      return static_cast<BufferId>(p.buffers.size()) - 1;
    };
    p.values.push_back(add("value"));
    p.gradients.push_back(needs[static_cast<std::size_t>(i)] ? add("gradient") : -1);
  }
}

template <class T>
void find_lifetimes(Program<T>& p) {
  for (std::size_t i = 0; i < p.instructions.size(); ++i)
    for (const auto* list : {&p.instructions[i].reads, &p.instructions[i].writes})
      for (BufferId b : *list)
        if (b >= 0) p.buffers[static_cast<std::size_t>(b)].use(static_cast<int>(i));
}

void check_value_sites(const std::vector<Site>& sites, const StepSpec& spec) {
  if (spec.execution == Execution::kDense) return;
  for (const auto& site : sites)
    if (site.kind == Site::Kind::kValue)
      throw Error(ErrorKind::kUnsupported, site.scope,
                  "the compiled executor does not sample widths and kernels yet",
                  "use --executor reference");
}

}  // namespace

ImageSize image_size(const ExpandedGraph& graph, int node) {
  const auto sizes = graph.shapes[static_cast<std::size_t>(node)].greatest();
  if (sizes.size() == 2 || sizes.size() > 3)
    throw Error(ErrorKind::kUnsupported, graph.graph.node(node).scope,
                "the compiled executor runs images and vectors; got a tensor of rank " +
                    std::to_string(sizes.size()),
                "use the reference executor");
  ImageSize size;
  if (!sizes.empty()) size.channels = static_cast<int>(sizes[0]);
  if (sizes.size() == 3) {
    size.height = static_cast<int>(sizes[1]);
    size.width = static_cast<int>(sizes[2]);
  }
  return size;
}

template <class T>
Program<T> compile(const NetworkGraph& graph, const OperationSet& operations,
                   const StepSpec& spec) {
  Program<T> p;
  p.graph = expand(graph, operations);
  p.sites = find_sites(p.graph);
  check_value_sites(p.sites, spec);
  const std::vector<char> needs = find_needs(p, operations, spec);
  add_node_buffers(p, needs);
  std::vector<std::vector<std::unique_ptr<Instruction<T>>>> back;
  for (int i = 0; i < p.graph.graph.size(); ++i) {
    const Node& node = p.graph.graph.node(i);
    const LoweringRow<T>* row = find_lowering<T>(node.operation);
    if (!row)
      throw Error(ErrorKind::kUnsupported, node.scope,
                  "the compiled executor cannot run '" + node.operation + "'",
                  "use --executor reference");
    Lowering<T> lowering(p, operations, spec, i, needs);
    row->lower(lowering);
    for (auto& instruction : lowering.take_forward())
      p.instructions.push_back(std::move(*instruction));
    back.push_back(lowering.take_backward());
  }
  auto ends = lower_outputs(p, spec, needs);
  std::move(ends.begin(), ends.end(), std::back_inserter(p.instructions));
  if (spec.gradients != Gradients::kNone)
    for (auto node = back.rbegin(); node != back.rend(); ++node)
      for (auto& instruction : *node) p.instructions.push_back(std::move(*instruction));
  find_lifetimes(p);
  return p;
}

template Program<float> compile<float>(const NetworkGraph&, const OperationSet&, const StepSpec&);
template Program<double> compile<double>(const NetworkGraph&, const OperationSet&, const StepSpec&);

}  // namespace nasmyth::compiled
