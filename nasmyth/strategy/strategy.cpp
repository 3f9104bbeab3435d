#include "nasmyth/strategy/strategy.h"

namespace nasmyth {

#define NASMYTH_STRATEGY(name, function) StrategyEntry function();
#include "nasmyth/strategy/strategies.def"
#undef NASMYTH_STRATEGY

Registry<StrategyEntry>& strategies() {
  static Registry<StrategyEntry>& registry = *[] {
    auto* r = new Registry<StrategyEntry>("strategy");  // never destroyed
#define NASMYTH_STRATEGY(name, function) r->add(name, function());
#include "nasmyth/strategy/strategies.def"
#undef NASMYTH_STRATEGY
    return r;
  }();
  return registry;
}

}  // namespace nasmyth
