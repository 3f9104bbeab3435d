#include "nasmyth/engine/compiled/compiled_step.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/step_checks.h"

namespace nasmyth::compiled {
namespace {

// The part of a stored parameter that a node reads: leading, or at the centre of each dimension.
template <class T>
WeightView<T> view_of(T* data, const StoredParameter& stored, const ParameterUse& use) {
  WeightView<T> view{data, {0, 0, 0, 0}};
  std::int64_t stride = 1;
  for (std::size_t d = stored.shape.size(); d-- > 0; stride *= stored.shape[d]) {
    view.stride[d] = stride;
    if (use.slices[d] == SliceKind::kCentre)
      view.data += (stored.shape[d] - use.shape[d]) / 2 * stride;
  }
  return view;
}

}  // namespace

template <class T>
void CompiledStep<T>::Free::operator()(std::byte* p) const {
  std::free(p);
}

template <class T>
CompiledStep<T>::CompiledStep(const NetworkGraph& graph, const OperationSet& operations,
                              const StepSpec& spec, ThreadTeam& team)
    : spec_(spec), team_(team), program_(compile<T>(graph, operations, spec)) {
  check_spec(spec, graph.outputs());
  site_of_.assign(static_cast<std::size_t>(program_.graph.graph.size()), -1);
  if (spec.execution != Execution::kDense)
    for (std::size_t s = 0; s < sites().size(); ++s)
      if (sites()[s].kind == Site::Kind::kSelect)
        site_of_[static_cast<std::size_t>(sites()[s].node)] = static_cast<int>(s);
}

template <class T>
bool CompiledStep<T>::is_bound(const ParameterStore& store) const {
  if (store.bytes().data() != data_ || store.entries().size() != offsets_.size()) return false;
  for (std::size_t i = 0; i < offsets_.size(); ++i)
    if (store.entries()[i].offset != offsets_[i]) return false;
  for (std::size_t p = 0; p < frame_.parameters.size(); ++p)
    if (store.entries()[static_cast<std::size_t>(frame_.parameters[p].entry)].key !=
        program_.parameters[p].key)
      return false;
  return true;
}

template <class T>
void CompiledStep<T>::bind(ParameterStore& store) {
  gradients_.assign(static_cast<std::size_t>(store.trainable_size()), T(0));
  frame_.parameters.clear();
  frame_.touched.assign(store.entries().size(), 0);
  for (const auto& use : program_.parameters) {
    const int entry = store.find(use.key);
    if (entry < 0)
      throw Error(ErrorKind::kInvalidArgument, use.key, "the parameters lack this entry",
                  "make the ParameterStore from the same graph");
    const StoredParameter& e = store.entries()[static_cast<std::size_t>(entry)];
    bool fit = e.shape.size() == use.shape.size() && e.trainable == use.trainable;
    for (std::size_t d = 0; fit && d < use.shape.size(); ++d) fit = e.shape[d] >= use.shape[d];
    if (!fit)
      throw Error(ErrorKind::kShape, use.key, "the stored parameter does not fit the network");
    BoundParameter<T> bound{entry, view_of(store.entry<T>(entry).data(), e, use), {}};
    if (use.trainable && wants_parameters(spec_))
      bound.gradient = view_of(gradients_.data() + e.offset, e, use);
    frame_.parameters.push_back(bound);
  }
  data_ = store.bytes().data();
  offsets_.clear();
  for (const auto& e : store.entries()) offsets_.push_back(e.offset);
}

template <class T>
void CompiledStep<T>::plan(std::int64_t batch) {
  if (batch == planned_batch_) return;
  frame_.chunks = Chunks(batch);
  plan_ = MemoryPlan(program_.buffers, frame_.chunks);
  planned_batch_ = batch;
  frame_.buffers = &program_.buffers;
  frame_.offsets = &plan_.offsets;
  if (plan_.peak > arena_size_) {
    arena_.reset();
    arena_.reset(
        static_cast<std::byte*>(std::aligned_alloc(64, static_cast<std::size_t>(plan_.peak))));
    if (!arena_) throw std::bad_alloc();
    arena_size_ = plan_.peak;
  }
  frame_.arena = arena_.get();
}

// Nodes that some output needs: through the active inputs of selects where the step samples.
template <class T>
std::vector<char> CompiledStep<T>::live_nodes(const ChoiceWeights& weights) const {
  const NetworkGraph& graph = program_.graph.graph;
  std::vector<char> live(site_of_.size(), 0);
  for (const auto& output : graph.outputs()) live[static_cast<std::size_t>(output.node)] = 1;
  for (int i = graph.size(); i-- > 0;) {
    if (!live[static_cast<std::size_t>(i)]) continue;
    const int site = site_of_[static_cast<std::size_t>(i)];
    const Node& node = graph.node(i);
    for (std::size_t j = 0; j < node.inputs.size(); ++j)
      if (site < 0 || weights.active[static_cast<std::size_t>(site)][j])
        live[static_cast<std::size_t>(node.inputs[j])] = 1;
  }
  return live;
}

template <class T>
void CompiledStep<T>::zero_gradient(int node) {
  char& written = written_[static_cast<std::size_t>(node)];
  if (written) return;
  written = 1;
  const BufferId id = program_.gradients[static_cast<std::size_t>(node)];
  const std::int64_t bytes = program_.buffers[static_cast<std::size_t>(id)].each_image;
  std::fill_n(frame_.template whole<std::byte>(id), bytes * frame_.chunks.batch, std::byte(0));
}

template <class T>
void CompiledStep<T>::run_instruction(const Instruction<T>& i) {
  for (int node : i.gradients) zero_gradient(node);
  if (i.before) i.before(frame_);
  if (i.image)
    team_.parallel_for(frame_.chunks.count, [&](std::int64_t begin, std::int64_t end, int) {
      for (int c = static_cast<int>(begin); c < static_cast<int>(end); ++c) {
        if (i.partial >= 0)
          std::fill_n(frame_.template chunk<std::byte>(i.partial, c),
                      program_.buffers[static_cast<std::size_t>(i.partial)].each_chunk,
                      std::byte(0));
        for (std::int64_t n = frame_.chunks.begin(c); n < frame_.chunks.end(c); ++n)
          i.image(frame_, c, n);
      }
    });
  if (i.after) i.after(frame_);
}

template <class T>
void CompiledStep<T>::run_instructions(const ChoiceWeights& weights) {
  const std::vector<char> live = live_nodes(weights);
  const bool sampled = spec_.execution != Execution::kDense;
  written_.assign(live.size(), 0);
  for (const auto& i : program_.instructions) {
    if (!live[static_cast<std::size_t>(i.node)]) continue;
    if (i.upstream >= 0 && !written_[static_cast<std::size_t>(i.upstream)]) continue;
    if (sampled && i.site >= 0 &&
        !weights.active[static_cast<std::size_t>(i.site)][static_cast<std::size_t>(i.option)])
      continue;
    run_instruction(i);
  }
}

template <class T>
void CompiledStep<T>::finish_parameters(const State& state, const Scalars& scalars) {
  StepResult& result = *frame_.result;
  ParameterStore& store = *state.parameters;
  if (keep_gradients_) result.parameter_gradients.assign(gradients_.begin(), gradients_.end());
  std::vector<OptimizerSegment<T>> segments;
  const std::span<const T> all(gradients_);
  double squares = 0;
  const bool update_them = spec_.optimizer && std::isfinite(result.loss);
  for (std::size_t e = 0; e < store.entries().size(); ++e) {
    if (!frame_.touched[e]) continue;
    const auto& entry = store.entries()[e];
    const std::span<const T> own =
        all.subspan(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.size));
    if (update_them)
      segments.push_back(optimizer_segment<T>(store, *state.optimizer, static_cast<int>(e), own));
    else
      for (T g : own) squares += static_cast<double>(g) * static_cast<double>(g);
  }
  result.gradient_norm = update_them ? update<T>(*spec_.optimizer, scalars.learning_rate,
                                                 std::span<const OptimizerSegment<T>>(segments))
                                     : std::sqrt(squares);
}

template <class T>
StepResult CompiledStep<T>::run(const Batch& batch, const ChoiceWeights& weights, State state,
                                const Scalars& scalars, RandomStream random) {
  check_inputs(spec_, batch, state);
  check_weights(spec_, sites(), weights);
  if (!is_bound(*state.parameters)) bind(*state.parameters);
  plan(batch.size);
  StepResult result;
  if (wants_choices(spec_))
    for (const auto& site : sites())
      result.site_gradients.emplace_back(static_cast<std::size_t>(site.size), 0.0);
  frame_.batch = &batch;
  frame_.weights = &weights;
  frame_.scalars = &scalars;
  frame_.random = random;
  frame_.result = &result;
  std::fill(gradients_.begin(), gradients_.end(), T(0));
  std::fill(frame_.touched.begin(), frame_.touched.end(), 0);
  run_instructions(weights);
  if (wants_parameters(spec_)) finish_parameters(state, scalars);
  frame_.result = nullptr;
  return result;
}

template class CompiledStep<float>;
template class CompiledStep<double>;

}  // namespace nasmyth::compiled
