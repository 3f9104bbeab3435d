#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/engine/compiled/program.h"
#include "nasmyth/engine/option_blend.h"
#include "nasmyth/engine/step_checks.h"
#include "nasmyth/kernels/image.h"

namespace nasmyth::compiled {

/// What one node becomes: calls of the forward pass, and of the backward pass in the order in which
/// they run. Made by the primitive's row.
template <class T>
class Lowering {
 public:
  Lowering(Program<T>& program, const OperationSet& operations, const StepSpec& spec, int index,
           const std::vector<char>& needs)
      : program_(program), operations_(operations), spec_(spec), index_(index), needs_(needs) {}

  const Node& node() const { return program_.graph.graph.node(index_); }
  int index() const { return index_; }
  const ExpandedGraph& graph() const { return program_.graph; }
  const std::vector<Site>& sites() const { return program_.sites; }
  const StepSpec& spec() const { return spec_; }

  /// Greatest sizes of the result and of an input.
  ImageSize size() const { return size_of(index_); }
  ImageSize input_size(int i = 0) const { return size_of(input_node(i)); }
  int input_node(int i = 0) const { return node().inputs[static_cast<std::size_t>(i)]; }
  int inputs() const { return static_cast<int>(node().inputs.size()); }

  BufferId value() const { return program_.values[at(index_)]; }
  BufferId input(int i = 0) const { return program_.values[at(input_node(i))]; }
  /// Gradients to the result and to an input; -1 where none is wanted.
  BufferId gradient() const { return program_.gradients[at(index_)]; }
  BufferId input_gradient(int i = 0) const { return program_.gradients[at(input_node(i))]; }
  bool needs_gradient() const { return needs_[at(index_)] != 0; }
  bool input_needs_gradient(int i = 0) const { return needs_[at(input_node(i))] != 0; }
  bool wants_parameters() const { return nasmyth::wants_parameters(spec_); }
  bool wants_choices() const { return nasmyth::wants_choices(spec_); }

  /// Memory of its own, in bytes.
  BufferId buffer(std::string_view name, std::int64_t each_image, std::int64_t each_chunk = 0,
                  std::int64_t fixed = 0);
  /// Index into Frame::parameters of what has this role; -1 where the node has none.
  int parameter(std::string_view role);
  /// What the primitive says of it; throws kInternal where the node has none.
  ParameterSpec parameter_spec(std::string_view role) const;
  const ParameterUse& use(int parameter) const { return program_.parameters[at(parameter)]; }

  /// A closed whole number. Throws kInvalidArgument naming the scope.
  int integer(std::string_view name, std::int64_t fallback) const;
  /// The same of one axis: `<name>_height`, else `<name>`.
  int axis_integer(std::string_view name, int axis, std::int64_t fallback) const;

  /// Instructions of this node, in order. The result's gradient is read by backward ones.
  Instruction<T>& forward(std::string_view kernel, std::vector<BufferId> reads,
                          std::vector<BufferId> writes);
  Instruction<T>& backward(std::string_view kernel, std::vector<BufferId> reads,
                           std::vector<BufferId> writes);
  /// A backward instruction that adds to the gradient of an input.
  Instruction<T>& backward_to(int i, std::string_view kernel, std::vector<BufferId> reads);

  std::vector<std::unique_ptr<Instruction<T>>> take_forward() { return std::move(forward_); }
  std::vector<std::unique_ptr<Instruction<T>>> take_backward() { return std::move(backward_); }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  ImageSize size_of(int node) const { return image_size(program_.graph, node); }
  std::vector<ParameterSpec> parameter_specs() const;

  Program<T>& program_;
  const OperationSet& operations_;
  const StepSpec& spec_;
  int index_;
  const std::vector<char>& needs_;
  std::vector<std::unique_ptr<Instruction<T>>> forward_, backward_;
};

/// One primitive: how its nodes are lowered.
template <class T>
struct LoweringRow {
  std::string_view primitive;
  void (*lower)(Lowering<T>& lowering);
};

/// The row of a primitive, or null.
template <class T>
const LoweringRow<T>* find_lowering(std::string_view primitive);

// The rows, by file.
template <class T>
void lower_input(Lowering<T>& l);
template <class T>
void lower_select(Lowering<T>& l);
template <class T>
void lower_mask(Lowering<T>& l);
template <class T>
void lower_convolution(Lowering<T>& l);
template <class T>
void lower_linear(Lowering<T>& l);
template <class T>
void lower_batch_norm(Lowering<T>& l);
template <class T>
void lower_activation(Lowering<T>& l);
template <class T>
void lower_max_pool(Lowering<T>& l);
template <class T>
void lower_average_pool(Lowering<T>& l);
template <class T>
void lower_global_pool(Lowering<T>& l);
template <class T>
void lower_identity(Lowering<T>& l);
template <class T>
void lower_zero(Lowering<T>& l);
template <class T>
void lower_gaussian_noise(Lowering<T>& l);
template <class T>
void lower_sum(Lowering<T>& l);
template <class T>
void lower_multiply(Lowering<T>& l);
template <class T>
void lower_concat(Lowering<T>& l);
template <class T>
void lower_slice(Lowering<T>& l);
template <class T>
void lower_shift(Lowering<T>& l);
template <class T>
void lower_shuffle(Lowering<T>& l);
template <class T>
void lower_drop_path(Lowering<T>& l);
template <class T>
void lower_dropout(Lowering<T>& l);
template <class T>
void lower_attention(Lowering<T>& l);

/// The loss over the outputs of a graph, as the last forward instructions and the first backward
/// ones; and the instructions that hand out the outputs.
template <class T>
std::vector<Instruction<T>> lower_outputs(Program<T>& program, const StepSpec& spec,
                                          const std::vector<char>& needs);

}  // namespace nasmyth::compiled
