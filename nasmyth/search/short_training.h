#pragma once

#include <cstdint>
#include <functional>

#include "nasmyth/core/progress.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/space/search_space.h"
#include "nasmyth/train/recipe.h"

namespace nasmyth {

/// The parts that a short training needs; all but the recipe and the form are borrowed.
struct ShortTraining {
  const SearchSpace& space;
  Form target;
  const OperationSet& operations;
  Executor& executor;
  const Dataset& data;
  const Splits& splits;
  RecipeOptions recipe;  ///< its epochs are replaced

  /// Trains the network of `architecture` on search-train for `epochs` by the whole schedule of the
  /// recipe; its accuracy on search-validation, or -1 when it was stopped.
  double accuracy(const Architecture& architecture, std::int64_t epochs, RandomStream random,
                  ProgressSink& progress, const std::function<bool()>& stop) const;
};

}  // namespace nasmyth
