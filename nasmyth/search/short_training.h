#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/search/run_journal.h"
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
  std::string objective = "accuracy";

  /// Trains the network of `architecture` on search-train for `epochs` by the whole schedule of the
  /// recipe; the objective on search-validation, or nothing when it was stopped. The journal has
  /// the training's checkpoints under `name`, and then the figure.
  std::optional<double> measure(const Architecture& architecture, std::int64_t epochs,
                                RandomStream random, RunJournal& journal,
                                const std::string& name) const;

 private:
  std::optional<double> train(const Architecture& architecture, std::int64_t epochs,
                              RandomStream random, RunJournal& journal,
                              const std::string& name) const;
};

}  // namespace nasmyth
