#include "nasmyth/search/arm.h"

#include "nasmyth/core/json.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/train/metric.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kEvaluationBatch = 500;

void write_metrics(const RunJournal& journal, const std::string& arm, const EpochMetrics& metrics) {
  Json line{{"phase", "retrain"}, {"arm", arm}};
  line.update(parse_json(to_json(metrics), "metrics"));
  journal.directory().append_metrics(json_line(line));
}

std::string record_name(const std::string& arm) { return "arm:" + arm; }

// An arm as an entry of the journal, and back.
std::string to_record(const ArmResult& arm) {
  Json json{{"architecture", arm.architecture},
            {"search_seconds", arm.search_seconds},
            {"retrain_seconds", arm.retrain_seconds},
            {"epochs", arm.epochs},
            {"candidates", arm.candidates},
            {"selection_accuracy", arm.selection_accuracy},
            {"test_accuracy", arm.test_accuracy},
            {"test_loss", arm.test_loss},
            {"test_metrics", arm.test_metrics},
            {"test_predictions", arm.test_predictions},
            {"confusion", arm.confusion}};
  return json_line(json);
}

void read_record(std::string_view text, std::string_view where, ArmResult& arm) {
  const Json json = parse_json(text, where);
  arm.architecture = json_at<std::string>(json, "architecture", where);
  arm.search_seconds = json_at<double>(json, "search_seconds", where);
  arm.retrain_seconds = json_at<double>(json, "retrain_seconds", where);
  arm.epochs = json_at<std::int64_t>(json, "epochs", where);
  arm.candidates = json_at<std::int64_t>(json, "candidates", where);
  arm.selection_accuracy = json_at<double>(json, "selection_accuracy", where);
  arm.test_accuracy = json_at<double>(json, "test_accuracy", where);
  arm.test_loss = json_at<double>(json, "test_loss", where);
  arm.test_metrics =
      json_at<std::vector<std::pair<std::string, double>>>(json, "test_metrics", where);
  arm.test_predictions = json_at<std::vector<int>>(json, "test_predictions", where);
  arm.confusion = json_at<std::vector<std::int64_t>>(json, "confusion", where);
}

// Runs all epochs; false when it was stopped.
bool train(Trainer& trainer, const ArmParts& parts, const std::string& arm) {
  ProgressPhase phase(parts.journal.progress(), "retrain " + arm,
                      trainer.epochs() * trainer.steps_per_epoch(), "steps");
  return parts.journal.train(trainer, "retrain:" + arm, [&](const Trainer& t) {
    write_metrics(parts.journal, arm, t.metrics().back());
  });
}

void measure(Trainer& trainer, const ArmParts& parts, ArmResult& result) {
  const auto on = [&](const Dataset& data, std::span<const std::int64_t> indices) {
    return evaluate(trainer.graph(), trainer.network_parameters(), parts.executor, data, indices,
                    kEvaluationBatch);
  };
  result.selection_accuracy = on(parts.data.train, parts.splits.selection).accuracy;
  std::vector<std::int64_t> all(static_cast<std::size_t>(parts.data.test.count));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  Evaluation test = on(parts.data.test, all);
  result.test_accuracy = test.accuracy;
  result.test_loss = test.loss;
  result.test_metrics = all_metrics(test, parts.data.test, all);
  result.test_predictions = std::move(test.predictions);
  result.confusion = std::move(test.confusion);
}

}  // namespace

Costs all_costs(const NetworkGraph& closed, const OperationSet& operations) {
  Costs costs;
  for (const auto& [name, entry] : resource_models())
    costs.emplace_back(name, entry.make()->cost(closed, operations));
  return costs;
}

bool train_arm(const NetworkGraph& network, const ArmParts& parts, RandomStream random,
               const std::function<void(const TrainedNetwork&)>& finished, ArmResult& result) {
  RunJournal& journal = parts.journal;
  const std::string record = record_name(result.name), stage = "retrain " + result.name;
  result.costs = all_costs(network, parts.operations);
  if (journal.has(record)) {
    read_record(journal.get(record), record, result);
    return true;
  }
  Trainer trainer(network, parts.operations, parts.executor, parts.data.train,
                  parts.splits.retrain(), parts.recipe, random);
  trainer.set_plan([&](std::int64_t done, std::int64_t suggested) {
    if (done > 0) return journal.plan().hook(stage)(done, suggested);
    return parts.planned_epochs > 0 ? parts.planned_epochs : suggested;
  });
  journal.begin(stage);
  if (!train(trainer, parts, result.name)) return false;
  journal.end(stage);
  result.retrain_seconds = journal.seconds(stage);
  result.epochs = trainer.epoch();
  measure(trainer, parts, result);
  if (finished) {
    const ExpandedGraph deployed = expand(trainer.graph().deployed(), parts.operations);
    finished({trainer.graph().deployed(),
              trainer.network_parameters().materialise(deployed, parts.operations)});
  }
  journal.put(record, to_record(result));
  journal.save();
  return true;
}

void write_predictions(const RunDirectory& directory, const Dataset& test,
                       std::span<const ArmResult> arms) {
  Json json{{"data", test.name}, {"labels", test.labels}, {"arms", Json::object()}};
  for (const auto& arm : arms) json["arms"][arm.name] = arm.test_predictions;
  directory.write(RunDirectory::kPredictions, json_line(json) + "\n");
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
