#include "nasmyth/engine/compiled/lowering.h"

#include "nasmyth/core/error.h"

namespace nasmyth::compiled {

template <class T>
BufferId Lowering<T>::buffer(std::string_view name, std::int64_t each_image,
                             std::int64_t each_chunk, std::int64_t fixed) {
  program_.buffers.push_back(
      {node().scope + ": " + std::string(name), each_image, each_chunk, fixed});
  return static_cast<BufferId>(program_.buffers.size()) - 1;
}

template <class T>
std::vector<ParameterSpec> Lowering<T>::parameter_specs() const {
  return operations_.primitive(node().operation)
      ->parameters(node(), program_.graph.input_shapes(node()), program_.graph.shapes[at(index_)]);
}

template <class T>
ParameterSpec Lowering<T>::parameter_spec(std::string_view role) const {
  for (auto& spec : parameter_specs())
    if (spec.role == role) return spec;
  throw Error(ErrorKind::kInternal, node().scope, "no parameter '" + std::string(role) + "'");
}

template <class T>
int Lowering<T>::parameter(std::string_view role) {
  for (const auto& spec : parameter_specs()) {
    if (spec.role != role) continue;
    ParameterUse use{node().key(role), spec.trainable, {}, spec.slices};
    for (const auto& dim : spec.shape)
      use.shape.push_back(static_cast<std::int64_t>(dim.maximum()));
    program_.parameters.push_back(std::move(use));
    return static_cast<int>(program_.parameters.size()) - 1;
  }
  return -1;
}

template <class T>
int Lowering<T>::integer(std::string_view name, std::int64_t fallback) const {
  return static_cast<int>(whole_attribute(node(), name, fallback, 1e9));
}

template <class T>
int Lowering<T>::axis_integer(std::string_view name, int axis, std::int64_t fallback) const {
  return integer(std::string(name) + (axis == 0 ? "_height" : "_width"), integer(name, fallback));
}

template <class T>
Instruction<T>& Lowering<T>::forward(std::string_view kernel, std::vector<BufferId> reads,
                                     std::vector<BufferId> writes) {
  auto& i = *forward_.emplace_back(std::make_unique<Instruction<T>>());
  i.kernel = kernel;
  i.node = index_;
  i.reads = std::move(reads);
  i.writes = std::move(writes);
  return i;
}

template <class T>
Instruction<T>& Lowering<T>::backward(std::string_view kernel, std::vector<BufferId> reads,
                                      std::vector<BufferId> writes) {
  auto& i = *backward_.emplace_back(std::make_unique<Instruction<T>>());
  i.kernel = kernel;
  i.node = index_;
  i.upstream = index_;
  i.reads = std::move(reads);
  i.reads.push_back(gradient());
  i.writes = std::move(writes);
  return i;
}

template <class T>
Instruction<T>& Lowering<T>::backward_to(int i, std::string_view kernel,
                                         std::vector<BufferId> reads) {
  Instruction<T>& instruction = backward(kernel, std::move(reads), {input_gradient(i)});
  instruction.gradients.push_back(input_node(i));
  return instruction;
}

namespace {

template <class T>
constexpr LoweringRow<T> kRows[] = {
    {"input", lower_input},
    {"select", lower_select},
    {"mask", lower_mask},
    {"conv2d", lower_convolution},
    {"linear", lower_linear},
    {"batch_norm", lower_batch_norm},
    {"relu", lower_activation},
    {"h_swish", lower_activation},
    {"swish", lower_activation},
    {"gelu", lower_activation},
    {"sigmoid", lower_activation},
    {"h_sigmoid", lower_activation},
    {"tanh", lower_activation},
    {"softplus", lower_activation},
    {"max_pool", lower_max_pool},
    {"avg_pool", lower_average_pool},
    {"global_pool", lower_global_pool},
    {"identity", lower_identity},
    {"zero", lower_zero},
    {"gaussian_noise", lower_gaussian_noise},
    {"sum", lower_sum},
    {"multiply", lower_multiply},
    {"concat", lower_concat},
    {"slice", lower_slice},
    {"shift", lower_shift},
    {"shuffle", lower_shuffle},
    {"drop_path", lower_drop_path},
    {"dropout", lower_dropout},
    {"attention", lower_attention},
};

}  // namespace

template <class T>
const LoweringRow<T>* find_lowering(std::string_view primitive) {
  for (const auto& row : kRows<T>)
    if (row.primitive == primitive) return &row;
  return nullptr;
}

template class Lowering<float>;
template class Lowering<double>;
template const LoweringRow<float>* find_lowering<float>(std::string_view);
template const LoweringRow<double>* find_lowering<double>(std::string_view);

}  // namespace nasmyth::compiled
