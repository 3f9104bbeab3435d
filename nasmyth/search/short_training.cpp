#include "nasmyth/search/short_training.h"

#include "nasmyth/train/metric.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kEvaluationBatch = 500;

}  // namespace

std::optional<double> ShortTraining::measure(const Architecture& architecture, std::int64_t epochs,
                                             RandomStream random, RunJournal& journal,
                                             const std::string& name) const {
  return journal.number(name, [&] { return train(architecture, epochs, random, journal, name); });
}

std::optional<double> ShortTraining::train(const Architecture& architecture, std::int64_t epochs,
                                           RandomStream random, RunJournal& journal,
                                           const std::string& name) const {
  Trainer trainer(space.network(architecture, target), operations, executor, data,
                  splits.search_train, with_epochs(recipe, epochs), random);
  ProgressPhase phase(journal.progress(), "train", epochs * trainer.steps_per_epoch(), "steps");
  if (!journal.train(trainer, name + ":training", {})) return std::nullopt;
  return metric(objective,
                evaluate(trainer.graph(), trainer.network_parameters(), executor, data,
                         splits.search_validation, kEvaluationBatch),
                data, splits.search_validation);
}

}  // namespace nasmyth
