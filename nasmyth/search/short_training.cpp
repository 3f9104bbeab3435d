#include "nasmyth/search/short_training.h"

#include <algorithm>

#include "nasmyth/train/evaluation.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kEvaluationBatch = 500;

}  // namespace

double ShortTraining::accuracy(const Architecture& architecture, std::int64_t epochs,
                               RandomStream random, ProgressSink& progress,
                               const std::function<bool()>& stop) const {
  RecipeOptions shortened = recipe;
  shortened.epochs = epochs;
  shortened.seconds = 0;
  shortened.warmup_epochs = std::min(recipe.warmup_epochs, 0.5 * static_cast<double>(epochs));
  Trainer trainer(space.network(architecture, target), operations, executor, data,
                  splits.search_train, shortened, random);
  trainer.set_stop(stop);
  if (!trainer.run(progress)) return -1;
  return evaluate(trainer.graph(), trainer.network_parameters(), executor, data,
                  splits.search_validation, kEvaluationBatch)
      .accuracy;
}

}  // namespace nasmyth
