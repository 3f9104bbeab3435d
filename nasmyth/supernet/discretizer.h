#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nasmyth/core/random.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/supernet/architecture_parameters.h"

namespace nasmyth {

/// Turns logits into scores of options; the derived architecture is the one of the greatest sum of
/// scores over the choices that act, under the limits of the search (exact selection). Stateless.
class Discretizer {
 public:
  virtual ~Discretizer() = default;
  virtual OptionWeights scores(const ChoiceSet& choices, const OptionWeights& logits,
                               RandomStream& random) const = 0;
};

struct DiscretizerEntry {
  std::string help;
  std::unique_ptr<Discretizer> (*make)();
};

/// `argmax`, `darts_top2`, `sampling`.
Registry<DiscretizerEntry>& discretizers();
std::unique_ptr<Discretizer> make_discretizer(std::string_view name);

}  // namespace nasmyth
