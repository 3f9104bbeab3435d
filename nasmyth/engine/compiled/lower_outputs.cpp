// What leaves a step: outputs and loss.
#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/lowering.h"
#include "nasmyth/kernels/loss.h"
#include "nasmyth/kernels/structure.h"

namespace nasmyth::compiled {
namespace {

template <class T>
Instruction<T> hand_out(const Program<T>& p, const Output& output) {
  const BufferId x = p.values[static_cast<std::size_t>(output.node)];
  const ImageSize size = image_size(p.graph, output.node);
  Instruction<T> i;
  i.kernel = "to_rows";
  i.node = output.node;
  i.reads = {x};
  i.after = [=, name = output.name](Frame<T>& f) {
    const std::int64_t each = size.channels * size.pixels();
    auto& rows = f.result->outputs[name];
    rows.resize(static_cast<std::size_t>(f.chunks.batch * each));
    for (std::int64_t n = 0; n < f.chunks.batch; ++n)
      to_rows<T>(size, f.image(x, n), rows.data() + n * each);
  };
  return i;
}

// The loss on one output, times `factor`, with its gradient where `back`.
template <class T>
Instruction<T> lower_loss(Program<T>& p, const StepSpec& step, const Output& output, double factor,
                          bool back) {
  const auto node = static_cast<std::size_t>(output.node);
  const int classes = image_size(p.graph, output.node).channels;
  const Objective objective = step.objective;
  const BufferId x = p.values[node], dx = back ? p.gradients[node] : -1;
  p.buffers.push_back({output.name + ": losses", 8});
  const BufferId losses = static_cast<BufferId>(p.buffers.size()) - 1;
  const auto spec = [=] {
    return CrossEntropy{classes, objective.label_smoothing, objective.class_weights};
  };
  Instruction<T> i;
  i.kernel = "cross_entropy";
  i.node = output.node;
  i.reads = {x};
  i.writes = {losses};
  if (back) {
    i.writes.push_back(dx);
    i.gradients.push_back(output.node);
  }
  i.before = [=](Frame<T>& f) {
    check_targets(objective, *f.batch, classes);
    double weight = 0;
    for (std::int64_t target : f.batch->targets) weight += spec().weight(target);
    f.loss_factor = factor / weight;
  };
  i.image = [=](Frame<T>& f, int, std::int64_t n) {
    *f.template image<double>(losses, n) =
        cross_entropy<T>(spec(), f.image(x, n), f.batch->targets[static_cast<std::size_t>(n)],
                         f.loss_factor, dx < 0 ? nullptr : f.image(dx, n));
  };
  i.after = [=](Frame<T>& f) {
    double sum = 0;
    for (std::int64_t n = 0; n < f.chunks.batch; ++n) sum += *f.template image<double>(losses, n);
    f.result->loss += sum * f.loss_factor;
  };
  return i;
}

}  // namespace

template <class T>
std::vector<Instruction<T>> lower_outputs(Program<T>& p, const StepSpec& spec,
                                          const std::vector<char>& needs) {
  std::vector<Instruction<T>> instructions;
  for (const auto& output : p.graph.graph.outputs()) instructions.push_back(hand_out(p, output));
  if (!spec.loss) return instructions;
  for (const auto& output : p.graph.graph.outputs()) {
    const bool main = output.name == "logits";
    const double factor = main ? 1 : spec.objective.auxiliary_weight;
    if (factor == 0 || (!main && output.name != "auxiliary")) continue;
    instructions.push_back(
        lower_loss(p, spec, output, factor, needs[static_cast<std::size_t>(output.node)] != 0));
  }
  return instructions;
}

template std::vector<Instruction<float>> lower_outputs<float>(Program<float>&, const StepSpec&,
                                                              const std::vector<char>&);
template std::vector<Instruction<double>> lower_outputs<double>(Program<double>&, const StepSpec&,
                                                                const std::vector<char>&);

}  // namespace nasmyth::compiled
