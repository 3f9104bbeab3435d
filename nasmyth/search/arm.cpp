#include "nasmyth/search/arm.h"

#include "nasmyth/core/clock.h"
#include "nasmyth/core/json.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/train/evaluation.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kEvaluationBatch = 500;
constexpr double kSecondsBetweenStates = 20;

void write_metrics(const ArmParts& parts, const std::string& arm, const EpochMetrics& metrics) {
  Json line{{"phase", "retrain"}, {"arm", arm}};
  line.update(Json::parse(to_json(metrics)));
  parts.directory.append_metrics(line.dump());
}

// Runs all epochs; false when it was stopped.
bool train(Trainer& trainer, const ArmParts& parts, const std::string& arm) {
  const SystemClock clock;
  double saved = clock.now_seconds();
  const std::string file = arm + "." + std::string(RunDirectory::kTrainState);
  ProgressPhase phase(parts.progress, "retrain " + arm,
                      trainer.epochs() * trainer.steps_per_epoch(), "steps");
  while (!trainer.finished()) {
    const bool whole = trainer.run_epoch(parts.progress);
    if (whole) write_metrics(parts, arm, trainer.metrics().back());
    if (!whole || clock.now_seconds() - saved > kSecondsBetweenStates) {
      parts.directory.write(file, trainer.save_state());
      saved = clock.now_seconds();
    }
    if (!whole) return false;
  }
  return true;
}

}  // namespace

Costs all_costs(const NetworkGraph& closed, const OperationSet& operations) {
  Costs costs;
  for (const auto& [name, entry] : resource_models())
    costs.emplace_back(name, entry.make()->cost(closed, operations));
  return costs;
}

std::optional<TrainedNetwork> train_arm(const NetworkGraph& network, const ArmParts& parts,
                                        RandomStream random, ArmResult& result) {
  result.costs = all_costs(network, parts.operations);
  Trainer trainer(network, parts.operations, parts.executor, parts.data.train,
                  parts.splits.retrain(), parts.recipe, random);
  if (parts.stop) trainer.set_stop(parts.stop);
  const SystemClock clock;
  const double begun = clock.now_seconds();
  if (!train(trainer, parts, result.name)) return std::nullopt;
  result.retrain_seconds = clock.now_seconds() - begun;
  result.epochs = trainer.epoch();
  const auto measure = [&](const Dataset& data, std::span<const std::int64_t> indices) {
    return evaluate(trainer.graph(), trainer.network_parameters(), parts.executor, data, indices,
                    kEvaluationBatch);
  };
  result.selection_accuracy = measure(parts.data.train, parts.splits.selection).accuracy;
  std::vector<std::int64_t> all(static_cast<std::size_t>(parts.data.test.count));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  Evaluation test = measure(parts.data.test, all);
  result.test_accuracy = test.accuracy;
  result.test_loss = test.loss;
  result.test_predictions = std::move(test.predictions);
  result.confusion = std::move(test.confusion);
  const ExpandedGraph deployed = expand(trainer.graph().deployed(), parts.operations);
  return TrainedNetwork{trainer.graph().deployed(),
                        trainer.network_parameters().materialise(deployed, parts.operations)};
}

ArmComparison compare(const ArmResult& first, const ArmResult& control,
                      std::span<const std::int64_t> labels) {
  ArmComparison c;
  c.control = control.name;
  c.test = mcnemar_test(first.test_predictions, control.test_predictions, labels);
  c.words = compare_words(c.test);
  return c;
}

}  // namespace nasmyth
