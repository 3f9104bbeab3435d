#include "nasmyth/search/train_run.h"

#include <algorithm>

#include "nasmyth/core/clock.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/json.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/onnx/from_graph.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/search/predict.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/search_parts.h"

namespace nasmyth {
namespace {

// The options of the choices; the text itself for a published network outside of the space's
// choices.
std::string architecture_json(const SearchSpace& space, const std::string& text) {
  try {
    return space.architecture(text).to_json();
  } catch (const Error&) {
    return json_line(Json(text)) + "\n";
  }
}

// The recipe with what the time limit leaves as its budget, which the trainer keeps.
RecipeOptions recipe_in_time(const SearchConfiguration& c, RunJournal& journal) {
  RecipeOptions recipe = c.retrain;
  if (c.time_limit <= 0) return recipe;
  constexpr double kEnd = 0.03;  // of the limit, for measuring and writing the network
  const PlanLog::Numbers plan = journal.plan().decide("retraining", [&] {
    const double left = (1 - kEnd) * c.time_limit - journal.run_seconds();
    return PlanLog::Numbers{{"seconds", std::max(left, 1e-3)}};
  });
  recipe.seconds = plan.at("seconds");
  return recipe;
}

}  // namespace

void write_network(const RunDirectory& directory, const TrainedNetwork& network,
                   const std::string& architecture, const Dataset& data,
                   const OperationSet& operations) {
  OnnxDescription description;
  description.preprocessing = {data.scale(), data.mean, data.deviation};
  description.classes = data.classes;
  description.architecture = architecture;
  directory.write(RunDirectory::kWeights, network.parameters.serialize());
  directory.write(RunDirectory::kData, to_json(network_data(data)));
  directory.write(RunDirectory::kGraph, network.graph.to_json());
  directory.write(RunDirectory::kDot, network.graph.to_dot());
  directory.write(RunDirectory::kOnnx, write_onnx(onnx_from_graph(network.graph, network.parameters,
                                                                  operations, description)));
}

void check_data(RunJournal& journal, const DatasetPair& data) {
  std::uint64_t hash = 0;
  for (const Dataset* part : {&data.train, &data.test}) {
    if (part->has_values())
      hash = hash64({reinterpret_cast<const char*>(part->values.data()),
                     part->values.size() * sizeof(part->values[0])},
                    hash);
    else
      hash =
          hash64({reinterpret_cast<const char*>(part->pixels.data()), part->pixels.size()}, hash);
    hash = hash64({reinterpret_cast<const char*>(part->labels.data()),
                   part->labels.size() * sizeof(part->labels[0])},
                  hash);
  }
  const std::string now = std::to_string(hash);
  if (journal.has("data") && journal.get("data") != now)
    throw Error(ErrorKind::kInvalidArgument, data.train.name,
                "the data is not what it was when the run began",
                "restore it, or begin another run");
  journal.put("data", now);
}

std::optional<ArmResult> train_architecture(const SearchConfiguration& c,
                                            const std::string& architecture,
                                            const RunDirectory& directory, ProgressSink& progress,
                                            const std::function<bool()>& stop) {
  const double begun = SystemClock().now_seconds();
  const OperationSet& operations = builtin_operations();
  const auto space = c.build_space();
  const DatasetPair data = load_data(c.run.data);
  for (const auto& note : data_notes(data)) progress.note(note);
  const NetworkGraph network =
      space->network_from_text(architecture, form_of(data.train, FormRole::kTarget));
  for (const auto& limit : c.limits)
    if (const double cost = make_resource_model(limit.resource)->cost(network, operations);
        !within(cost, limit))
      throw Error(
          ErrorKind::kInfeasible, "limits." + limit.resource,
          "the network has " + print_number(cost) + "; the limit is " + print_number(limit.at_most),
          "raise the limit or give a smaller network");
  const Splits splits = c.make_splits(data.train);
  const auto executor = make_executor(c.run.executor, operations, {c.run.device, c.run.threads});
  ArmResult arm;
  arm.name = "train";
  arm.architecture = architecture_json(*space, architecture);
  // The configuration comes last: with it, all is there that the run needs to go on.
  directory.write(RunDirectory::kArchitecture, arm.architecture);
  write_configuration(directory, c);
  RunJournal journal(directory, progress, stop, c.run.checkpoint_seconds, begun);
  journal.load();
  check_data(journal, data);
  const RecipeOptions recipe = recipe_in_time(c, journal);
  const ArmParts parts{operations, *executor, data, splits, recipe, journal};
  const auto write = [&](const TrainedNetwork& trained) {
    write_network(directory, trained, arm.architecture, data.train, operations);
  };
  if (!train_arm(network, parts, c.stream("retrain"), write, arm)) return std::nullopt;
  write_predictions(directory, data.test, {&arm, 1});
  directory.write(RunDirectory::kResult, to_json(arm));
  return arm;
}

}  // namespace nasmyth
