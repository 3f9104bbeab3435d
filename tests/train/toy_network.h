#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"

namespace nasmyth::test {

/// Three classes of 4x4 images with two channels: one bright quarter each, and noise.
Dataset toy_data(std::int64_t count, std::uint64_t seed);

/// The operations of the toy network: input, batch_norm (without affine), toy_linear (image to
/// logits, with weight and bias).
OperationSet toy_operations();

/// input -> batch_norm -> toy_linear = "logits"; with `auxiliary` a second, training-only head.
NetworkGraph toy_network(bool auxiliary = false);

/// All indices of a data set.
std::vector<std::int64_t> all_indices(const Dataset& dataset);

/// What the executor saw; shared with its steps.
struct ToyRecord {
  std::vector<double> learning_rates;
  std::vector<double> drop_paths;
  std::vector<std::uint64_t> random_numbers;  ///< the first of each step's stream
  std::vector<std::int64_t> batch_sizes;
  double loss_override = 0;  ///< when not 0, the loss that is reported
};

/// Runs the toy network in plain loops: softmax regression on normalised pixels, which drop-path
/// zeroes at random.
class ToyExecutor final : public Executor {
 public:
  std::unique_ptr<Step> prepare(const NetworkGraph& graph, const StepSpec& spec) override;
  std::string description() const override { return "toy"; }
  const std::shared_ptr<ToyRecord>& record() const { return record_; }

 private:
  std::shared_ptr<ToyRecord> record_ = std::make_shared<ToyRecord>();
};

}  // namespace nasmyth::test
