#pragma once

#include <string>
#include <vector>

#include "nasmyth/torch/frame.h"

namespace nasmyth {

/// A parameter or buffer that a program reads.
struct ProgramParameter {
  std::string key;
  bool trainable = true;
  std::vector<std::int64_t> shape;  ///< greatest over the nodes that read it
};

/// An expanded graph as a flat list of closures, made once; nothing is looked up by name in a step.
class Program {
 public:
  /// Throws kUnsupported for a primitive without a row, and what find_sites throws.
  Program(const NetworkGraph& graph, const OperationSet& operations, const StepSpec& spec);

  const std::vector<ProgramParameter>& parameters() const { return parameters_; }
  const std::vector<Site>& sites() const { return sites_; }
  const std::vector<Output>& outputs() const { return outputs_; }

  /// Computes the outputs into `frame.values`. The frame's parameters, weights, batch and random
  /// stream are set; the rest is filled here. Weights fit the sites. Throws
  /// kInvalidArgument for a select without active inputs.
  void forward(Frame& frame) const;

 private:
  struct Instruction {
    NodeKernel kernel;  // empty for selects
    int site = -1;      // of a select
    std::vector<int> inputs;
    std::vector<int> releases;      // values that nothing later reads
    std::vector<int> open_choices;  // on which the sizes of the node depend
    std::string scope;
    bool live = false;  // some output may need it
  };

  void add(const ExpandedGraph& graph, int index, const OperationSet& operations,
           const StepSpec& spec, std::span<const int> readers);
  int parameter(const Node& node, const ParameterSpec& spec);
  void plan_releases();
  std::vector<char> live_nodes(const Frame& frame) const;
  bool choose_options(Frame& frame, const std::vector<char>& live) const;
  at::Tensor run_select(Frame& frame, const Instruction& instruction) const;

  bool sampled_;  ///< or sliced
  bool sliced_;
  int choices_;
  std::vector<Site> sites_;
  std::vector<ProgramParameter> parameters_;
  std::vector<Instruction> instructions_;  // by node
  std::vector<Output> outputs_;
};

}  // namespace nasmyth
