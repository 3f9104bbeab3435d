#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/core/configuration.h"
#include "nasmyth/core/options.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/resource/limits.h"
#include "nasmyth/search/monitor.h"
#include "nasmyth/search/sampling_search.h"
#include "nasmyth/space/choice_rules.h"
#include "nasmyth/strategy/gradient_search.h"
#include "nasmyth/train/recipe.h"

namespace nasmyth {

/// What a run is made of beside space, strategy and recipe.
struct RunOptions {
  std::string data = "fashion-mnist";
  std::int64_t seed = 1;
  std::string objective = "accuracy";
  std::string executor = "reference";
  std::string device = "cpu";
  int threads = 0;
  double checkpoint_seconds = 20;
  std::string time_limit = "none";
  std::vector<std::string> controls{"random", "hand_made"};
  std::vector<std::string> plugins;
};
void describe(OptionFields<RunOptions>& fields);

/// How the training part of the data is cut; the search trains on the rest.
struct SplitOptions {
  double search_validation = 0.2;
  double selection = 0.1;
};
void describe(OptionFields<SplitOptions>& fields);

/// How the architecture is taken from a finished search.
struct DeriveOptions {
  std::int64_t candidates = 32;
  std::int64_t draws = 4;
  std::int64_t images = 4096;
  std::int64_t recalibration_batches = 8;
  std::int64_t finalists = 3;
  std::int64_t finalist_epochs = 2;
};
void describe(OptionFields<DeriveOptions>& fields);

/// The whole configuration of a search: data, space, limits, strategy, retraining, controls.
struct SearchConfiguration {
  RunOptions run;
  double time_limit = 0;  ///< seconds of the whole run, controls included; 0: none
  SplitOptions splits;
  DeriveOptions derive;
  EarlyStopOptions early_stop;
  std::string space = "compact";
  OptionMap space_options;
  std::string space_content;  ///< of a space file, as the run began with it
  ChoiceRules choices;        ///< pinned, forbidden, prior
  OptionMap limit_texts;
  std::vector<Limit> limits;
  std::string strategy = "sampled";  ///< see strategies()
  GradientSearchOptions gradient;    ///< of a gradient search
  SamplingSearchOptions sampling;    ///< of a sampling strategy
  OptionMap strategy_options;        ///< own options of a sampling strategy
  SamplingSearchOptions random;      ///< of the control "random"
  std::string recipe = "compact";
  RecipeOptions retrain;

  /// Reads keys `data seed objective executor device threads checkpoint_seconds time_limit controls
  /// plugins` and sections `space choices limits search derive retrain random splits`; every other
  /// key is an error with a suggestion. Loads the plug-ins first. `space_content`: of the space
  /// file that a run keeps; where it is absent the file itself is read.
  static SearchConfiguration read(const Configuration& configuration,
                                  const std::optional<std::string>& space_content = {});
  /// The same; errors name keys instead of the place where the value was written.
  static SearchConfiguration read_values(const Configuration& configuration,
                                         const std::optional<std::string>& space_content = {});
  /// The space, without the options that are pinned or forbidden away.
  std::unique_ptr<SearchSpace> build_space() const;
  /// The random numbers of the run that `name` stands for.
  RandomStream stream(std::string_view name) const;
  /// The parts of the training data.
  Splits make_splits(const Dataset& train) const;
  /// What pinned and forbidden options leave, in words; empty where there are none.
  std::string choices_note() const;
  /// All values, defaults included, as YAML that reads back to the same configuration.
  std::string to_yaml() const;
  /// Whether the strategy is a sampling strategy.
  bool samples() const;
};

}  // namespace nasmyth
