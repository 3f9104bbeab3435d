#include "nasmyth/torch/reference_step.h"

#include <malloc.h>
#include <torch/version.h>

#include <cmath>
#include <mutex>

#include "nasmyth/core/error.h"
#include "nasmyth/core/threads.h"
#include "nasmyth/engine/step_checks.h"
#include "nasmyth/torch/reference_executor.h"

namespace nasmyth {
namespace {

at::ScalarType scalar_type(ElementType type) {
  return type == ElementType::kFloat32 ? at::kFloat : at::kDouble;
}

const Output* find_output(const std::vector<Output>& outputs, std::string_view name) {
  for (const auto& output : outputs)
    if (output.name == name) return &output;
  return nullptr;
}

// Flat views of gradients on the host, in the order of the segments.
template <class T>
std::span<const T> elements(const at::Tensor& t) {
  return {t.const_data_ptr<T>(), static_cast<std::size_t>(t.numel())};
}

}  // namespace

ReferenceStep::ReferenceStep(const NetworkGraph& graph, const OperationSet& operations,
                             const StepSpec& spec, ReferencePlace place)
    : spec_(spec), place_(place), program_(graph, operations, spec) {
  check_spec(spec, program_.outputs());
}

bool ReferenceStep::is_bound(const ParameterStore& store) const {
  if (store.bytes().data() != data_ || store.entries().size() != offsets_.size()) return false;
  for (std::size_t i = 0; i < offsets_.size(); ++i)
    if (store.entries()[i].offset != offsets_[i]) return false;
  for (std::size_t p = 0; p < entries_.size(); ++p)
    if (store.entries()[static_cast<std::size_t>(entries_[p])].key != program_.parameters()[p].key)
      return false;
  return true;
}

// Leaves that alias the store's memory; kept as long as the store stays where it is.
void ReferenceStep::bind(ParameterStore& store) {
  std::unordered_map<std::string_view, int> index;
  for (std::size_t i = 0; i < store.entries().size(); ++i)
    index.emplace(store.entries()[i].key, static_cast<int>(i));
  const at::ScalarType type = scalar_type(store.type());
  host_ = at::from_blob(store.bytes().data(), {store.size()}, type);
  mirror_ =
      place_.mirror ? at::empty({store.size()}, host_.options().device(place_.device)) : host_;
  leaves_.clear();
  entries_.clear();
  order_.clear();
  for (const auto& p : program_.parameters()) {
    const auto it = index.find(p.key);
    if (it == index.end())
      throw Error(ErrorKind::kInvalidArgument, p.key, "the parameters lack this entry",
                  "make the ParameterStore from the same graph");
    const auto& e = store.entries()[static_cast<std::size_t>(it->second)];
    bool fits = e.shape.size() == p.shape.size() && e.trainable == p.trainable;
    for (std::size_t d = 0; fits && d < p.shape.size(); ++d) fits = e.shape[d] >= p.shape[d];
    if (!fits)
      throw Error(ErrorKind::kShape, p.key, "the stored parameter does not fit the network");
    at::Tensor leaf = mirror_.narrow(0, e.offset, e.size).view(e.shape).detach();
    if (p.trainable && wants_parameters(spec_)) {
      leaf.set_requires_grad(true);
      order_.push_back(static_cast<int>(leaves_.size()));
    }
    entries_.push_back(it->second);
    leaves_.push_back(std::move(leaf));
  }
  std::sort(order_.begin(), order_.end(), [&](int a, int b) {
    return entries_[static_cast<std::size_t>(a)] < entries_[static_cast<std::size_t>(b)];
  });
  data_ = store.bytes().data();
  offsets_.clear();
  for (const auto& e : store.entries()) offsets_.push_back(e.offset);
}

Frame ReferenceStep::make_frame(const Batch& batch, const ChoiceWeights& weights,
                                const Scalars& scalars, RandomStream random) const {
  check_weights(spec_, sites(), weights);
  Frame frame;
  frame.parameters = leaves_;
  frame.weights = &weights;
  frame.site_gradients = wants_choices(spec_);
  frame.site_leaves.resize(sites().size());
  if (frame.site_gradients)
    for (std::size_t s = 0; s < sites().size(); ++s)
      frame.site_leaves[s] = at::tensor(weights.weights[s], at::kDouble).set_requires_grad(true);
  frame.batch = &batch;
  frame.scalars = &scalars;
  frame.random = random;
  frame.device = place_.device;
  frame.type = scalar_type(spec_.type);
  // Measured on small mobile networks: 2 to 10 times as fast as the plain layout on CPUs.
  if (place_.device.is_cpu() && spec_.type == ElementType::kFloat32)
    frame.layout = at::MemoryFormat::ChannelsLast;
  return frame;
}

at::Tensor ReferenceStep::cross_entropy(const at::Tensor& logits, const Batch& batch) const {
  check_targets(spec_.objective, batch, logits.size(1));
  const at::Tensor targets =
      at::from_blob(const_cast<std::int64_t*>(batch.targets.data()), {batch.size}, at::kLong)
          .to(place_.device);
  const auto& weights = spec_.objective.class_weights;
  at::Tensor of_classes;
  if (!weights.empty())
    of_classes = at::tensor(weights, at::kDouble).to(logits.device(), logits.scalar_type());
  return at::cross_entropy_loss(logits, targets, of_classes, at::Reduction::Mean, -100,
                                spec_.objective.label_smoothing);
}

at::Tensor ReferenceStep::loss(Frame& frame, const Batch& batch) const {
  const auto& outputs = program_.outputs();
  at::Tensor loss = cross_entropy(frame.value(find_output(outputs, "logits")->node), batch);
  const Output* auxiliary = find_output(outputs, "auxiliary");
  if (auxiliary && spec_.objective.auxiliary_weight != 0)
    loss = loss +
           spec_.objective.auxiliary_weight * cross_entropy(frame.value(auxiliary->node), batch);
  return loss;
}

template <class T>
void ReferenceStep::finish_parameters(const std::vector<at::Tensor>& gradients, State state,
                                      const Scalars& scalars, bool finite,
                                      StepResult& result) const {
  ParameterStore& store = *state.parameters;
  if (keep_gradients_)
    result.parameter_gradients.assign(static_cast<std::size_t>(store.trainable_size()), 0.0);
  std::vector<OptimizerSegment<T>> segments;
  double squares = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (!gradients[i].defined()) continue;
    const int entry = entries_[static_cast<std::size_t>(order_[i])];
    const auto g = elements<T>(gradients[i]);
    if (keep_gradients_) {
      const auto at = store.entries()[static_cast<std::size_t>(entry)].offset;
      std::copy(g.begin(), g.end(), result.parameter_gradients.begin() + at);
    }
    if (spec_.optimizer && finite)
      segments.push_back(optimizer_segment<T>(store, *state.optimizer, entry, g));
    else
      for (T v : g) squares += static_cast<double>(v) * static_cast<double>(v);
  }
  result.gradient_norm = spec_.optimizer && finite
                             ? update<T>(*spec_.optimizer, scalars.learning_rate, segments)
                             : std::sqrt(squares);
}

// The trainable parameters in the store's order, then the sites where wanted.
std::vector<at::Tensor> ReferenceStep::differentiated(const Frame& frame) const {
  std::vector<at::Tensor> leaves;
  for (int p : order_) leaves.push_back(leaves_[static_cast<std::size_t>(p)]);
  if (frame.site_gradients)
    leaves.insert(leaves.end(), frame.site_leaves.begin(), frame.site_leaves.end());
  return leaves;
}

void ReferenceStep::write_sites(std::span<const at::Tensor> gradients, StepResult& result) const {
  for (std::size_t s = 0; s < sites().size(); ++s) {
    auto& row = result.site_gradients.emplace_back(static_cast<std::size_t>(sites()[s].size), 0.0);
    if (!gradients[s].defined()) continue;
    const at::Tensor flat = gradients[s].contiguous();
    std::copy_n(flat.const_data_ptr<double>(), row.size(), row.begin());
  }
}

void ReferenceStep::differentiate(const at::Tensor& loss, Frame& frame, State state,
                                  const Scalars& scalars, StepResult& result) const {
  const ::torch::autograd::variable_list leaves = differentiated(frame);
  ::torch::autograd::variable_list gradients(leaves.size());
  if (loss.requires_grad() && !leaves.empty())
    gradients = ::torch::autograd::grad({loss}, leaves, {}, /*retain_graph=*/false,
                                        /*create_graph=*/false, /*allow_unused=*/true);
  if (frame.site_gradients) write_sites(std::span(gradients).subspan(order_.size()), result);
  gradients.resize(order_.size());
  for (auto& g : gradients)
    if (g.defined()) g = g.to(at::kCPU).contiguous();
  const bool finite = std::isfinite(result.loss);
  if (spec_.type == ElementType::kFloat32)
    finish_parameters<float>(gradients, state, scalars, finite, result);
  else
    finish_parameters<double>(gradients, state, scalars, finite, result);
}

void ReferenceStep::prepare(const Batch& batch, State state) {
  check_inputs(spec_, batch, state);
  if (at::get_num_threads() != place_.threads) at::set_num_threads(place_.threads);
  if (!is_bound(*state.parameters)) bind(*state.parameters);
  if (!place_.mirror) return;
  const at::NoGradGuard guard;
  mirror_.copy_(host_);
}

StepResult ReferenceStep::run(const Batch& batch, const ChoiceWeights& weights, State state,
                              const Scalars& scalars, RandomStream random) {
  const ParameterStore& store = *state.parameters;
  StepResult result;
  try {
    prepare(batch, state);
    const at::AutoGradMode differentiable(spec_.gradients != Gradients::kNone);
    Frame frame = make_frame(batch, weights, scalars, random);
    program_.forward(frame);
    for (const auto& output : program_.outputs()) {
      const at::Tensor values =
          frame.value(output.node).detach().to(at::kCPU, at::kDouble).contiguous();
      const double* v = values.const_data_ptr<double>();
      result.outputs[output.name].assign(v, v + values.numel());
    }
    if (place_.mirror && spec_.batch_norm == BatchNormMode::kBatchAndUpdate) {
      const at::NoGradGuard guard;
      const std::int64_t begin = store.trainable_size(), size = store.size() - begin;
      host_.narrow(0, begin, size).copy_(mirror_.narrow(0, begin, size));
    }
    if (spec_.loss) {
      const at::Tensor value = loss(frame, batch);
      result.loss = value.item<double>();
      if (spec_.gradients != Gradients::kNone) differentiate(value, frame, state, scalars, result);
    }
  } catch (const c10::Error& e) {
    throw Error(ErrorKind::kInternal, "reference executor", e.what_without_backtrace());
  }
  return result;
}

// One tensor for each of `differentiated`, of its shape; undefined for zeros.
std::vector<at::Tensor> ReferenceStep::as_tensors(const Direction& direction,
                                                  const ParameterStore& store) const {
  const auto refuse = [](const std::string& what) {
    throw Error(ErrorKind::kShape, "direction", what + " do not fit the step");
  };
  const auto size = static_cast<std::size_t>(store.trainable_size());
  if (!direction.parameters.empty() && direction.parameters.size() != size)
    refuse(std::to_string(direction.parameters.size()) + " numbers for " + std::to_string(size) +
           " parameters");
  if (!direction.sites.empty() && direction.sites.size() != sites().size())
    refuse(std::to_string(direction.sites.size()) + " rows for " + std::to_string(sites().size()) +
           " sites");
  std::vector<at::Tensor> tensors;
  for (int p : order_) {
    at::Tensor& tensor = tensors.emplace_back();
    if (direction.parameters.empty()) continue;
    const auto& e =
        store.entries()[static_cast<std::size_t>(entries_[static_cast<std::size_t>(p)])];
    double* numbers = const_cast<double*>(direction.parameters.data()) + e.offset;
    tensor = at::from_blob(numbers, e.shape, at::kDouble)
                 .to(leaves_[static_cast<std::size_t>(p)].options().requires_grad(false));
  }
  if (!wants_choices(spec_)) return tensors;
  for (std::size_t s = 0; s < sites().size(); ++s) {
    at::Tensor& tensor = tensors.emplace_back();
    if (direction.sites.empty()) continue;
    if (direction.sites[s].size() != static_cast<std::size_t>(sites()[s].size))
      refuse("the numbers of site '" + sites()[s].scope + "'");
    tensor = at::tensor(direction.sites[s], at::kDouble);
  }
  return tensors;
}

StepResult ReferenceStep::hessian_product(const Batch& batch, const ChoiceWeights& weights,
                                          State state, const Scalars& scalars, RandomStream random,
                                          const Direction& direction) {
  if (spec_.gradients == Gradients::kNone || spec_.optimizer ||
      spec_.batch_norm == BatchNormMode::kBatchAndUpdate)
    throw Error(ErrorKind::kUnsupported, "step",
                "Hessian products need a step with gradients that changes nothing");
  StepResult result;
  try {
    prepare(batch, state);
    const at::AutoGradMode differentiable(true);
    Frame frame = make_frame(batch, weights, scalars, random);
    frame.twice = true;
    program_.forward(frame);
    const at::Tensor value = loss(frame, batch);
    result.loss = value.item<double>();
    const ::torch::autograd::variable_list leaves = differentiated(frame);
    const auto first = ::torch::autograd::grad({value}, leaves, {}, /*retain_graph=*/true,
                                               /*create_graph=*/true, /*allow_unused=*/true);
    const std::vector<at::Tensor> along = as_tensors(direction, *state.parameters);
    at::Tensor slope = at::zeros({}, at::kDouble);
    for (std::size_t i = 0; i < leaves.size(); ++i)
      if (first[i].defined() && along[i].defined())
        slope = slope + (first[i] * along[i]).sum().to(at::kCPU, at::kDouble);
    ::torch::autograd::variable_list second(leaves.size());
    if (slope.requires_grad())
      second = ::torch::autograd::grad({slope}, leaves, {}, /*retain_graph=*/false,
                                       /*create_graph=*/false, /*allow_unused=*/true);
    if (frame.site_gradients) write_sites(std::span(second).subspan(order_.size()), result);
    result.parameter_gradients.assign(static_cast<std::size_t>(state.parameters->trainable_size()),
                                      0.0);
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (!second[i].defined()) continue;
      const int entry = entries_[static_cast<std::size_t>(order_[i])];
      const at::Tensor flat = second[i].to(at::kCPU, at::kDouble).contiguous();
      std::copy_n(flat.const_data_ptr<double>(), flat.numel(),
                  result.parameter_gradients.begin() +
                      state.parameters->entries()[static_cast<std::size_t>(entry)].offset);
    }
  } catch (const c10::Error& e) {
    throw Error(ErrorKind::kInternal, "reference executor", e.what_without_backtrace());
  }
  return result;
}

namespace {

class ReferenceExecutor final : public Executor {
 public:
  ReferenceExecutor(const OperationSet& operations, ReferencePlace place)
      : operations_(operations), place_(place) {}
  std::unique_ptr<Step> prepare(const NetworkGraph& graph, const StepSpec& spec) override {
    return std::make_unique<ReferenceStep>(graph, operations_, spec, place_);
  }
  std::string description() const override {
    return std::string("LibTorch ") + TORCH_VERSION + " on " + place_.device.str() + ", " +
           std::to_string(place_.threads) + (place_.threads == 1 ? " thread" : " threads");
  }

 private:
  const OperationSet& operations_;
  ReferencePlace place_;
};

// Process-wide settings, once: the same bits in every run, no reduced precision, and no waste.
void set_up_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
    // A sampled supernet has more shapes than the 1024 kernels that oneDNN keeps by itself.
    setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192", /*overwrite=*/0);
#ifdef __GLIBC__
    // Activations come back in every step: giving their pages to the system costs a fifth of it.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
    auto& context = at::globalContext();
    // On a CUDA device some kernels have no deterministic form; there it is a wish, not a demand.
    context.setDeterministicAlgorithms(true, /*warn_only=*/true);
    context.setDeterministicFillUninitializedMemory(false);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    context.setAllowTF32CuDNN(false);
    try {
      at::set_num_interop_threads(1);
    } catch (const c10::Error&) {  // the program has used LibTorch before
    }
  });
}

at::Device parse_device(const std::string& text) {
  const bool cuda = text == "cuda" || text.starts_with("cuda:");
  const std::string number = text.size() > 5 ? text.substr(5) : cuda ? "0" : "";
  const bool whole = !number.empty() && number.size() < 4 &&
                     number.find_first_not_of("0123456789") == std::string::npos;
  if (text == "cpu") return at::kCPU;
  if (!cuda || !whole)
    throw Error(ErrorKind::kInvalidArgument, "device", "got '" + text + "'",
                "use cpu, cuda or cuda:<number>");
  const int count =
      ::torch::cuda::is_available() ? static_cast<int>(::torch::cuda::device_count()) : 0;
  const int index = std::stoi(number);
  if (index >= count)
    throw Error(ErrorKind::kUnsupported, "device",
                "'" + text + "' is not there; " + std::to_string(count) + " CUDA devices are",
                count == 0 ? "use cpu, or a CUDA build of torch (NASMYTH_TORCH_SPEC, make setup) "
                             "on a machine with a GPU"
                           : "use a lower number");
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

}  // namespace

std::unique_ptr<Executor> make_reference_executor(const OperationSet& operations,
                                                  const ExecutorOptions& options) {
  if (options.threads < 0)
    throw Error(ErrorKind::kOutOfRange, "threads", "got " + std::to_string(options.threads),
                "use 0 for all cores, or a positive number");
  ReferencePlace place;
  place.device = parse_device(options.device);
  place.threads = options.threads > 0 ? options.threads : available_threads();
  place.mirror = place.device.type() != at::kCPU;
  set_up_library();
  return std::make_unique<ReferenceExecutor>(operations, place);
}

}  // namespace nasmyth
