#pragma once

#include <optional>
#include <string>

#include "nasmyth/search/arm.h"
#include "nasmyth/search/search_configuration.h"

namespace nasmyth {

/// Trains one network of a space, given as a published name, genotype or architecture text, by the
/// configuration's recipe, tests it, and writes the files of a run. Empty when it was stopped.
/// Throws kInfeasible before the first step for a network above a limit of the configuration.
std::optional<ArmResult> train_architecture(const SearchConfiguration& configuration,
                                            const std::string& architecture,
                                            const RunDirectory& directory, ProgressSink& progress,
                                            bool (*stop)());

/// The files that a trained network leaves in its run: weights.bin, network.json, network.dot,
/// network.onnx.
void write_network(const RunDirectory& directory, const TrainedNetwork& network,
                   const std::string& architecture, const Dataset& data,
                   const OperationSet& operations);

/// One arm as JSON, as in result.json.
std::string to_json(const ArmResult& arm);

}  // namespace nasmyth
