#include "nasmyth/search/train_run.h"

#include "nasmyth/core/json.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/onnx/from_graph.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/search/run_loading.h"

namespace nasmyth {
namespace {

// The options of the choices; the text itself for a published network outside of the space's
// choices.
std::string architecture_json(const SearchSpace& space, const std::string& text) {
  try {
    return space.architecture(text).to_json();
  } catch (const Error&) {
    return Json(text).dump() + "\n";
  }
}

}  // namespace

void write_network(const RunDirectory& directory, const TrainedNetwork& network,
                   const std::string& architecture, const Dataset& data,
                   const OperationSet& operations) {
  OnnxDescription description;
  description.preprocessing.mean = data.mean;
  description.preprocessing.deviation = data.deviation;
  description.classes = data.classes;
  description.architecture = architecture;
  directory.write(RunDirectory::kWeights, network.parameters.serialize());
  directory.write(RunDirectory::kGraph, network.graph.to_json());
  directory.write(RunDirectory::kDot, network.graph.to_dot());
  directory.write(RunDirectory::kOnnx, write_onnx(onnx_from_graph(network.graph, network.parameters,
                                                                  operations, description)));
}

std::optional<ArmResult> train_architecture(const SearchConfiguration& c,
                                            const std::string& architecture,
                                            const RunDirectory& directory, ProgressSink& progress,
                                            bool (*stop)()) {
  const OperationSet& operations = builtin_operations();
  const auto space = make_space(c.space, c.space_options);
  const DatasetPair data = load_data(c.run.data);
  const NetworkGraph network =
      space->network_from_text(architecture, form_of(data.train, FormRole::kTarget));
  for (const auto& limit : c.limits)
    if (const double cost = make_resource_model(limit.resource)->cost(network, operations);
        !within(cost, limit))
      throw Error(
          ErrorKind::kInfeasible, "limits." + limit.resource,
          "the network has " + print_number(cost) + "; the limit is " + print_number(limit.at_most),
          "raise the limit or give a smaller network");
  const auto seed = static_cast<std::uint64_t>(c.run.seed);
  const Splits splits =
      make_splits(data.train, c.splits.search_validation, c.splits.selection, seed);
  const auto executor = make_executor(c.run.executor, operations, {c.run.device, c.run.threads});
  directory.write(RunDirectory::kConfiguration, c.to_yaml());
  ArmResult arm;
  arm.name = "train";
  arm.architecture = architecture_json(*space, architecture);
  directory.write(RunDirectory::kArchitecture, arm.architecture);
  const ArmParts parts{operations, *executor, data, splits, c.retrain, directory, progress, stop};
  const auto trained = train_arm(network, parts, RandomStream(seed).fork("retrain"), arm);
  if (!trained) return std::nullopt;
  write_network(directory, *trained, arm.architecture, data.train, operations);
  directory.write(RunDirectory::kResult, to_json(arm));
  return arm;
}

}  // namespace nasmyth
