#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/graph/parameter_store.h"

namespace nasmyth {

/// How a network did on some samples.
struct Evaluation {
  double loss = 0;                      ///< mean cross-entropy, without label smoothing
  double accuracy = 0;                  ///< in [0, 1]
  std::vector<float> scores;            ///< probability of each class, [sample, class]
  std::vector<int> predictions;         ///< class of each sample, in the order of the indices
  std::vector<std::int64_t> confusion;  ///< [class, predicted class], row major
};

/// Runs the deployed part of a closed graph with running statistics and without augmentation over
/// `indices` of `dataset`. `parameters` belong to the graph (more entries do no harm). The result
/// does not depend on the batch size beyond rounding. Throws kInvalidArgument without indices.
Evaluation evaluate(const NetworkGraph& closed, ParameterStore& parameters, Executor& executor,
                    const Dataset& dataset, std::span<const std::int64_t> indices,
                    std::int64_t batch_size);

/// Replaces the running statistics of all batch normalisations by the mean of those of `batches`
/// batches (fewer when the indices do not last), drawn from `indices` in an order given by
/// `random`, without augmentation. Other parameters stay as they are.
void recalibrate_batch_norm(const NetworkGraph& closed, const OperationSet& operations,
                            ParameterStore& parameters, Executor& executor, const Dataset& dataset,
                            std::span<const std::int64_t> indices, std::int64_t batches,
                            std::int64_t batch_size, RandomStream random);

/// The name of a graph's image input. Throws kInvalidArgument when there is not exactly one.
std::string image_input(const NetworkGraph& graph);

/// Index of the greatest of each row of `logits` [samples, classes]; the first among equals.
std::vector<int> predicted_classes(std::span<const double> logits, std::int64_t samples);

}  // namespace nasmyth
