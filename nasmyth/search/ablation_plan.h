#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/search/arm.h"
#include "nasmyth/space/search_space.h"
#include "nasmyth/supernet/architecture_parameters.h"

namespace nasmyth {

/// What is changed in an ablation, and how the changes are measured.
struct AblationOptions {
  std::string run;               ///< directory of the run
  std::string options = "next";  ///< which options take the place of the found one
  std::string only;              ///< patterns of choices; empty: all
  std::int64_t limit = 0;        ///< greatest number of changes; 0: all
  std::int64_t seeds = 3;
  std::int64_t epochs = 0;  ///< of each training; 0: as the run's own
  std::string part = "selection";
  std::vector<int> severities{1, 3, 5};
  double margin = 0.01;
  std::string device;  ///< empty: the run's
};

void describe(OptionFields<AblationOptions>& fields);

/// The found network with one choice changed.
struct AblationVariant {
  std::string choice;
  std::string found;     ///< option that the run found
  std::string instead;   ///< option that takes its place
  bool removes = false;  ///< the option leaves the component out: none, zero, skip, identity
  Architecture architecture;
  NetworkGraph network;  ///< closed target form
  Costs costs;
};

/// What an ablation will train.
struct AblationPlan {
  Architecture found;    ///< with every choice, those that do not act included
  NetworkGraph network;  ///< the unchanged one
  Costs costs;
  std::vector<AblationVariant> variants;  ///< in the order of the choices
  int choices = 0;                        ///< how many choices are changed
  std::vector<std::string> left_out;      ///< changes that give no valid network, and why
};

/// The changes of each choice that acts in `found`. With `options.options` = "next" they are: of an
/// ordered choice its neighbours; of others the next best option by the `logits` (without them the
/// next in order) and the option that leaves the component out, where the choice has one. With
/// "all" they are all other options. A change that leaves the network as it is, or gives one that
/// the choice has already given, is no change. A choice that begins to act takes its best option by
/// the logits, without them its first. Throws kUnknownName where no choice fits `options.only`, and
/// kInvalidArgument where nothing can be changed.
AblationPlan plan_ablation(const SearchSpace& space, const Form& target,
                           const OperationSet& operations, const Architecture& found,
                           const std::optional<OptionWeights>& logits,
                           const AblationOptions& options);

/// "stage0/width: 8 instead of 12", "stage1/layer1/operation: without mbconv (skip)".
std::string to_text(const AblationVariant& variant);

}  // namespace nasmyth
