#pragma once

#include <memory>
#include <vector>

#include "nasmyth/core/threads.h"
#include "nasmyth/engine/compiled/program.h"

namespace nasmyth::compiled {

/// One prepared step: a program, its memory, and the parameters it is bound to.
template <class T>
class CompiledStep final : public Step {
 public:
  /// Throws what compile throws, and kInvalidArgument for a specification that contradicts itself.
  /// The team must outlive the step.
  CompiledStep(const NetworkGraph& graph, const OperationSet& operations, const StepSpec& spec,
               ThreadTeam& team);

  StepResult run(const Batch& batch, const ChoiceWeights& weights, State state,
                 const Scalars& scalars, RandomStream random) override;
  const std::vector<Site>& sites() const override { return program_.sites; }
  void keep_gradients(bool on) override { keep_gradients_ = on; }

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };

  bool is_bound(const ParameterStore& store) const;
  void bind(ParameterStore& store);
  void plan(std::int64_t batch);
  std::vector<char> live_nodes(const ChoiceWeights& weights) const;
  void run_instructions(const ChoiceWeights& weights);
  void run_instruction(const Instruction<T>& instruction);
  void zero_gradient(int node);
  void finish_parameters(const State& state, const Scalars& scalars);

  const StepSpec spec_;
  ThreadTeam& team_;
  Program<T> program_;
  std::vector<int> site_of_;  // by node: the site of a select in a step that samples; -1
  bool keep_gradients_ = false;

  Frame<T> frame_;
  MemoryPlan plan_;
  std::int64_t planned_batch_ = 0;
  std::unique_ptr<std::byte[], Free> arena_;
  std::int64_t arena_size_ = 0;
  std::vector<char> written_;  // by node: gradients that hold something

  std::vector<T> gradients_;         // of all trainable parameters, as the store lays them out
  const std::byte* data_ = nullptr;  // of the store that the step is bound to
  std::vector<std::int64_t> offsets_;
};

}  // namespace nasmyth::compiled
