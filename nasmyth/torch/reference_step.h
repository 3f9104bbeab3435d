#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nasmyth/torch/program.h"

namespace nasmyth {

/// Where a reference step runs.
struct ReferencePlace {
  at::Device device = at::kCPU;
  int threads = 1;
  bool mirror = false;  ///< parameters are copied to the device and back, not used where they lie
};

/// A prepared step of the reference executor.
class ReferenceStep final : public Step {
 public:
  ReferenceStep(const NetworkGraph& graph, const OperationSet& operations, const StepSpec& spec,
                ReferencePlace place);

  StepResult run(const Batch& batch, const ChoiceWeights& weights, State state,
                 const Scalars& scalars, RandomStream random) override;
  StepResult hessian_product(const Batch& batch, const ChoiceWeights& weights, State state,
                             const Scalars& scalars, RandomStream random,
                             const Direction& direction) override;
  const std::vector<Site>& sites() const override { return program_.sites(); }
  void keep_gradients(bool on) override { keep_gradients_ = on; }

 private:
  void bind(ParameterStore& store);
  bool is_bound(const ParameterStore& store) const;
  /// Checks, binds the store, brings parameters to the device.
  void prepare(const Batch& batch, State state);
  std::vector<at::Tensor> differentiated(const Frame& frame) const;
  std::vector<at::Tensor> as_tensors(const Direction& direction, const ParameterStore& store) const;
  void write_sites(std::span<const at::Tensor> gradients, StepResult& result) const;
  Frame make_frame(const Batch& batch, const ChoiceWeights& weights, const Scalars& scalars,
                   RandomStream random) const;
  at::Tensor loss(Frame& frame, const Batch& batch) const;
  at::Tensor cross_entropy(const at::Tensor& logits, const Batch& batch) const;
  void differentiate(const at::Tensor& loss, Frame& frame, State state, const Scalars& scalars,
                     StepResult& result) const;
  template <class T>
  void finish_parameters(const std::vector<at::Tensor>& gradients, State state,
                         const Scalars& scalars, bool finite, StepResult& result) const;

  StepSpec spec_;
  ReferencePlace place_;
  Program program_;
  bool keep_gradients_ = false;

  // The store that the leaves below alias.
  const std::byte* data_ = nullptr;
  std::vector<std::int64_t> offsets_;  // of all its entries
  std::vector<int> entries_;           // of each parameter of the program, in the store
  std::vector<int> order_;             // trainable parameters of the program, in the store's order
  std::vector<at::Tensor> leaves_;     // by parameter of the program
  at::Tensor host_, mirror_;           // the flat buffer; its copy on the device
};

}  // namespace nasmyth
