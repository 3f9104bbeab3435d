#pragma once

#include <optional>
#include <string>

#include "nasmyth/search/arm.h"
#include "nasmyth/search/search_configuration.h"

namespace nasmyth {

/// Trains one network of a space, given as a published name, genotype or architecture text, by the
/// configuration's recipe, tests it, and writes the files of a run. A directory that has a
/// configuration already is a run that goes on. Empty when it was stopped; the state is then saved.
/// Throws kInfeasible before the first step for a network above a limit of the configuration.
std::optional<ArmResult> train_architecture(const SearchConfiguration& configuration,
                                            const std::string& architecture,
                                            const RunDirectory& directory, ProgressSink& progress,
                                            const std::function<bool()>& stop);

/// Finds out whether the data is that with which the run began: throws kInvalidArgument where it is
/// not.
void check_data(RunJournal& journal, const DatasetPair& data);

/// The files that a trained network leaves in its run: weights.bin, data.json, network.json,
/// network.dot, network.onnx.
void write_network(const RunDirectory& directory, const TrainedNetwork& network,
                   const std::string& architecture, const Dataset& data,
                   const OperationSet& operations);

/// One arm as JSON, as in result.json.
std::string to_json(const ArmResult& arm);

}  // namespace nasmyth
