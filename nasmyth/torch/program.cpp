#include "nasmyth/torch/program.h"

#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/torch/blend.h"
#include "nasmyth/torch/primitive_table.h"

namespace nasmyth {
namespace {

std::vector<int> count_readers(const NetworkGraph& graph) {
  std::vector<int> count(static_cast<std::size_t>(graph.size()), 0);
  for (const auto& node : graph.nodes())
    for (int i : node.inputs) ++count[static_cast<std::size_t>(i)];
  for (const auto& output : graph.outputs()) count[static_cast<std::size_t>(output.node)] += 2;
  return count;
}

// Nodes whose result nothing else keeps: their backward needs their input, not their result.
bool forgets_result(std::string_view operation) {
  return operation == "batch_norm" || operation == "conv2d" || operation == "linear";
}

void add_scope(std::set<int>& choices, const ChoiceFunction& function) {
  const ChoiceFunction f = simplify(function);
  choices.insert(f.scope().begin(), f.scope().end());
}

}  // namespace

at::Tensor Frame::parameter(const ParameterSlice& slice) const {
  at::Tensor t = parameters[static_cast<std::size_t>(slice.entry)];
  for (std::size_t d = 0; d < slice.shape.size(); ++d) {
    const auto axis = static_cast<std::int64_t>(d);
    const std::int64_t own = size(slice.shape[d]), stored = t.size(axis);
    if (own == stored) continue;
    t = t.narrow(axis, slice.slices[d] == SliceKind::kCentre ? (stored - own) / 2 : 0, own);
  }
  return t;
}

const at::Tensor& Frame::site(int index) {
  at::Tensor& leaf = site_leaves[static_cast<std::size_t>(index)];
  if (!leaf.defined())
    leaf = at::tensor(weights->weights[static_cast<std::size_t>(index)], at::kDouble);
  return leaf;
}

int Frame::hot(int site) const {
  const auto& w = weights->weights[static_cast<std::size_t>(site)];
  int hot = -1;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] == 0) continue;
    if (w[i] != 1 || hot >= 0) return -1;
    hot = static_cast<int>(i);
  }
  return hot;
}

Program::Program(const NetworkGraph& graph, const OperationSet& operations, const StepSpec& spec)
    : sampled_(spec.execution != Execution::kDense),
      sliced_(spec.execution == Execution::kSliced),
      choices_(graph.choices()->size()) {
  const ExpandedGraph expanded = expand(graph, operations);
  sites_ = find_sites(expanded);
  outputs_ = expanded.graph.outputs();
  const std::vector<int> readers = count_readers(expanded.graph);
  for (int i = 0; i < expanded.graph.size(); ++i) add(expanded, i, operations, spec, readers);
  for (const auto& output : outputs_)
    instructions_[static_cast<std::size_t>(output.node)].live = true;
  for (std::size_t i = instructions_.size(); i-- > 0;)
    if (instructions_[i].live)
      for (int j : instructions_[i].inputs) instructions_[static_cast<std::size_t>(j)].live = true;
  plan_releases();
}

void Program::add(const ExpandedGraph& graph, int index, const OperationSet& operations,
                  const StepSpec& spec, std::span<const int> readers) {
  const Node& node = graph.graph.node(index);
  Instruction instruction;
  instruction.inputs = node.inputs;
  instruction.scope = node.scope;
  if (node.operation == "select") {
    for (std::size_t s = 0; s < sites_.size(); ++s)
      if (sites_[s].node == index) instruction.site = static_cast<int>(s);
    instructions_.push_back(std::move(instruction));
    return;
  }
  const PrimitiveRow* row = find_primitive_row(node.operation);
  if (!row)
    throw Error(ErrorKind::kUnsupported, node.scope,
                "the reference executor cannot run '" + node.operation + "'",
                "add a row to nasmyth/torch/primitive_table.cpp");
  Lowering lowering{node, graph, index, spec, {}, sites_, false};
  std::set<int> open;
  for (const auto& [name, attribute] : node.attributes)
    if (const auto* f = std::get_if<ChoiceFunction>(&attribute)) add_scope(open, *f);
  for (const auto& dim : graph.shapes[static_cast<std::size_t>(index)].dims) add_scope(open, dim);
  for (const auto& p : operations.primitive(node.operation)
                           ->parameters(node, graph.input_shapes(node), lowering.shape())) {
    ParameterSlice slice{parameter(node, p), {p.shape.begin(), p.shape.end()}, p.slices};
    for (const auto& dim : p.shape) add_scope(open, dim);
    lowering.parameters.emplace(p.role, std::move(slice));
  }
  if (node.operation == "relu") {
    const int in = node.inputs[0];
    lowering.overwrite = forgets_result(graph.graph.node(in).operation) &&
                         readers[static_cast<std::size_t>(in)] == 1;
  }
  instruction.open_choices.assign(open.begin(), open.end());
  instruction.kernel = row->lower(lowering);
  instructions_.push_back(std::move(instruction));
}

int Program::parameter(const Node& node, const ParameterSpec& spec) {
  const std::string key = node.key(spec.role);
  std::vector<std::int64_t> shape;
  for (const auto& dim : spec.shape) shape.push_back(static_cast<std::int64_t>(dim.maximum()));
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].key != key) continue;
    for (std::size_t d = 0; d < shape.size(); ++d)
      parameters_[i].shape[d] = std::max(parameters_[i].shape[d], shape[d]);
    return static_cast<int>(i);
  }
  parameters_.push_back({key, spec.trainable, std::move(shape)});
  return static_cast<int>(parameters_.size()) - 1;
}

// Memory of a value is given back as soon as its last reader has run (where no gradient needs it).
void Program::plan_releases() {
  std::vector<int> last(instructions_.size(), -1);
  for (std::size_t i = 0; i < instructions_.size(); ++i)
    for (int j : instructions_[i].inputs) last[static_cast<std::size_t>(j)] = static_cast<int>(i);
  for (const auto& output : outputs_) last[static_cast<std::size_t>(output.node)] = -1;
  for (std::size_t j = 0; j < last.size(); ++j)
    if (last[j] >= 0)
      instructions_[static_cast<std::size_t>(last[j])].releases.push_back(static_cast<int>(j));
}

std::vector<char> Program::live_nodes(const Frame& frame) const {
  std::vector<char> live(instructions_.size(), 0);
  if (!sampled_ || sites_.empty()) {
    for (std::size_t i = 0; i < live.size(); ++i) live[i] = instructions_[i].live;
    return live;
  }
  for (const auto& output : outputs_) live[static_cast<std::size_t>(output.node)] = 1;
  for (std::size_t i = instructions_.size(); i-- > 0;) {
    if (!live[i]) continue;
    const Instruction& instruction = instructions_[i];
    const auto* active = instruction.site < 0
                             ? nullptr
                             : &frame.weights->active[static_cast<std::size_t>(instruction.site)];
    for (std::size_t j = 0; j < instruction.inputs.size(); ++j)
      if (!active || (*active)[j]) live[static_cast<std::size_t>(instruction.inputs[j])] = 1;
  }
  return live;
}

// The options of all value choices that matter in this step, where each is one-hot and all sites
// agree: then the step may run at the sampled sizes, and gives what the bound network gives.
bool Program::choose_options(Frame& frame, const std::vector<char>& live) const {
  frame.options.assign(static_cast<std::size_t>(choices_), -1);
  if (!sampled_ || (frame.site_gradients && !sliced_)) return false;
  for (std::size_t s = 0; s < sites_.size(); ++s) {
    const Site& site = sites_[s];
    if (site.kind != Site::Kind::kValue || !live[static_cast<std::size_t>(site.node)]) continue;
    const int hot = frame.hot(static_cast<int>(s));
    int& option = frame.options[static_cast<std::size_t>(site.choice)];
    if (hot < 0 || (option >= 0 && option != hot)) return false;
    option = hot;
  }
  for (std::size_t i = 0; i < instructions_.size(); ++i)
    if (live[i])
      for (int c : instructions_[i].open_choices)
        if (frame.options[static_cast<std::size_t>(c)] < 0) return false;
  return true;
}

at::Tensor Program::run_select(Frame& frame, const Instruction& instruction) const {
  const auto site = static_cast<std::size_t>(instruction.site);
  std::vector<int> positions;
  std::vector<double> weights;
  std::vector<at::Tensor> inputs;
  for (std::size_t j = 0; j < instruction.inputs.size(); ++j) {
    if (sampled_ && !frame.weights->active[site][j]) continue;
    positions.push_back(static_cast<int>(j));
    weights.push_back(frame.weights->weights[site][j]);
    inputs.push_back(frame.value(instruction.inputs[j]));
  }
  if (inputs.empty())
    throw Error(ErrorKind::kInvalidArgument, instruction.scope, "no input of the select is active");
  if (frame.twice) return plain_weighted_sum(frame.site(instruction.site), positions, inputs);
  if (frame.site_gradients) return weighted_sum(frame.site(instruction.site), positions, inputs);
  return weighted_sum(weights, inputs);
}

void Program::forward(Frame& frame) const {
  frame.values.assign(instructions_.size(), at::Tensor());
  const std::vector<char> live = live_nodes(frame);
  frame.sliced = choose_options(frame, live);
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    const Instruction& instruction = instructions_[i];
    if (live[i]) {
      try {
        frame.values[i] =
            instruction.kernel ? instruction.kernel(frame) : run_select(frame, instruction);
      } catch (const c10::Error& e) {
        throw Error(ErrorKind::kInternal, instruction.scope, e.what_without_backtrace());
      }
    }
    for (int j : instruction.releases) frame.values[static_cast<std::size_t>(j)].reset();
  }
}

}  // namespace nasmyth
