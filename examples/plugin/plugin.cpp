// A plug-in that adds an operation, an objective and a strategy.
#include "nasmyth/core/plugin.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/operation/composite_parts.h"
#include "nasmyth/strategy/strategy.h"
#include "nasmyth/train/metric.h"

namespace {

using namespace nasmyth;

/// Two 3x3 depthwise convolutions with a shortcut around them; the shape stays.
class DoubleDepthwise : public Composite {
 public:
  std::string help() const override { return "two depthwise 3x3 convolutions and a shortcut"; }
  std::vector<AttributeInfo> attributes() const override { return {activation_attribute("relu")}; }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    expect_image_input(e, node, inputs[0]);
    int x = inputs[0];
    for (const char* name : {"first", "second"})
      x = e.add("conv_bn", name, {x},
                {{"groups", std::string("depthwise")},
                 {"kernel", 3},
                 {"activation", node.word("activation", "relu")}});
    return e.add("add", "sum", {inputs[0], x}, {});
  }
};

/// The share that is right of the class that fares worst.
double worst_class(const Evaluation& evaluation, std::span<const std::int64_t> labels) {
  std::vector<double> right, all;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    if (label >= all.size()) {
      all.resize(label + 1);
      right.resize(label + 1);
    }
    ++all[label];
    right[label] += evaluation.predictions[i] == labels[i];
  }
  double worst = 1;
  for (std::size_t c = 0; c < all.size(); ++c)
    if (all[c] > 0) worst = std::min(worst, right[c] / all[c]);
  return worst;
}

/// Goes on from the best network so far with one choice changed.
class HillClimbing : public SamplingStrategy {
 public:
  explicit HillClimbing(const SamplingContext& context)
      : problem_(context.problem), random_(context.random) {}

  Architecture ask() override {
    constexpr int kTries = 100;
    if (best_)
      for (int i = 0; i < kTries; ++i)
        if (auto next = neighbour(); problem_.within_limits(next)) return next;
    return *random_feasible(problem_, random_, kTries);
  }
  void tell(const Architecture& architecture, double objective) override {
    if (best_ && objective <= value_) return;
    best_ = architecture;
    value_ = objective;
  }

 private:
  Architecture neighbour() {
    const Architecture other = random_architecture(problem_.choices(), random_);
    const auto choices = static_cast<std::uint64_t>(problem_.choices()->size());
    const auto choice = static_cast<int>(random_.below(choices));
    Architecture next = best_->with(choice, other.option(choice));
    return allowed(next) ? next : *best_;
  }

  const SelectionProblem& problem_;
  RandomStream random_;
  std::optional<Architecture> best_;
  double value_ = 0;
};

}  // namespace

NASMYTH_PLUGIN() {
  builtin_operations().add("double_depthwise", std::make_unique<DoubleDepthwise>());
  metrics().add("worst_class", {"share that is right of the class that fares worst", &worst_class});
  strategies().add(
      "hill_climbing",
      {"goes on from the best network so far with one choice changed",
       {},
       [](const OptionMap&, const SamplingContext& context) -> std::unique_ptr<SamplingStrategy> {
         return std::make_unique<HillClimbing>(context);
       }});
}
