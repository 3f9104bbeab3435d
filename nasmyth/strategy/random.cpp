// Random search: feasible architectures drawn uniformly.
#include "nasmyth/core/error.h"
#include "nasmyth/strategy/strategy.h"

namespace nasmyth {
namespace {

constexpr int kTries = 1000;

class RandomStrategy final : public SamplingStrategy {
 public:
  explicit RandomStrategy(const SamplingContext& context)
      : problem_(context.problem), random_(context.random) {}

  Architecture ask() override {
    auto found = random_feasible(problem_, random_, kTries);
    if (!found) throw problem_.feasibility().error();
    return std::move(*found);
  }
  void tell(const Architecture&, double) override {}

 private:
  const SelectionProblem& problem_;
  RandomStream random_;
};

}  // namespace

StrategyEntry random_strategy() {
  return {
      "feasible architectures drawn uniformly, each trained shortly, the best kept",
      {},
      [](const OptionMap&, const SamplingContext& context) -> std::unique_ptr<SamplingStrategy> {
        return std::make_unique<RandomStrategy>(context);
      }};
}

}  // namespace nasmyth
