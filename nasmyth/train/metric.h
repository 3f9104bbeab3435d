#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nasmyth/core/registry.h"
#include "nasmyth/train/evaluation.h"

namespace nasmyth {

/// A figure of merit of a network on labelled samples, in [0, 1], greater is better.
struct MetricEntry {
  std::string help;
  /// `labels`: the class of each sample, in the order of the evaluation.
  double (*value)(const Evaluation& evaluation, std::span<const std::int64_t> labels);
  /// What a network that has learned nothing reaches; without it, 1 / number of classes.
  std::optional<double> chance = {};
};

/// `accuracy`, `balanced_accuracy`, `macro_f1`, `auc`, in the order of metrics.def.
Registry<MetricEntry>& metrics();

/// The values of all metrics, in the order of the registry.
std::vector<std::pair<std::string, double>> all_metrics(const Evaluation& evaluation,
                                                        const Dataset& data,
                                                        std::span<const std::int64_t> indices);

/// The value of a metric; an unknown name is an error with a suggestion.
double metric(std::string_view name, const Evaluation& evaluation, const Dataset& data,
              std::span<const std::int64_t> indices);

}  // namespace nasmyth
