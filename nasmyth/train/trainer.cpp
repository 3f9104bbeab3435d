#include "nasmyth/train/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/train/evaluation.h"
#include "nasmyth/train/loaded_batch.h"

namespace nasmyth {
namespace {

NetworkGraph trained_graph(const NetworkGraph& closed, const RecipeOptions& recipe) {
  if (!closed.closed())
    throw Error(ErrorKind::kInvalidArgument, "train", "the network still has open choices",
                "bind an architecture first");
  const NetworkGraph graph = recipe.auxiliary_weight > 0 ? closed : closed.deployed();
  const auto& outputs = graph.outputs();
  if (std::none_of(outputs.begin(), outputs.end(),
                   [](const Output& o) { return o.name == "logits"; }))
    throw Error(ErrorKind::kInvalidArgument, "train", "the network has no output 'logits'");
  return graph;
}

AugmentationOptions augmentation(const RecipeOptions& recipe) {
  AugmentationOptions options;
  options.crop_padding = recipe.crop_padding;
  options.flip = recipe.flip;
  options.cutout = recipe.cutout;
  return options;
}

StepSpec training_step(const RecipeOptions& recipe, const Dataset& data,
                       std::span<const std::int64_t> indices) {
  StepSpec spec;
  spec.gradients = Gradients::kParameters;
  spec.objective = {recipe.label_smoothing, recipe.auxiliary_weight, {}};
  if (recipe.class_weights == "balanced")
    spec.objective.class_weights = balanced_class_weights(data, indices);
  spec.batch_norm = BatchNormMode::kBatchAndUpdate;
  spec.training = true;
  spec.optimizer = optimizer_spec(recipe);
  return spec;
}

// A last batch that is not full is left out, unless it is the only one.
bool drops_last(std::size_t samples, const RecipeOptions& recipe) {
  return static_cast<std::int64_t>(samples) >= recipe.batch_size;
}

const std::vector<std::int64_t>& checked(const std::vector<std::int64_t>& indices,
                                         const RecipeOptions& recipe) {
  check(recipe, "recipe");
  if (indices.empty())
    throw Error(ErrorKind::kInvalidArgument, "train", "there is no sample to train on");
  return indices;
}

std::string plain(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

}  // namespace

Trainer::Trainer(const NetworkGraph& closed, const OperationSet& operations, Executor& executor,
                 const Dataset& dataset, std::vector<std::int64_t> indices,
                 const RecipeOptions& recipe, RandomStream random)
    : graph_(trained_graph(closed, recipe)),
      dataset_(dataset),
      indices_(std::move(indices)),
      recipe_(recipe),
      schedule_(schedule_options(recipe)),
      random_(random),
      input_(image_input(graph_)),
      parameters_(expand(graph_, operations), operations, ElementType::kFloat32),
      step_program_(executor.prepare(graph_, training_step(recipe, dataset, indices_))),
      loader_(dataset, checked(indices_, recipe), recipe.batch_size, augmentation(recipe), true,
              drops_last(indices_.size(), recipe), random.fork("data")),
      epochs_(recipe.epochs) {
  const auto samples = static_cast<std::int64_t>(indices_.size());
  steps_per_epoch_ = std::max<std::int64_t>(samples / recipe.batch_size, 1);
  parameters_.initialize(random.fork("parameters"));
  optimizer_ = OptimizerState::zeros(optimizer_spec(recipe), parameters_.trainable_size(),
                                     static_cast<std::int64_t>(parameters_.entries().size()));
  if (recipe.ema > 0)
    average_.emplace(expand(graph_, operations), operations, ElementType::kFloat32);
}

bool Trainer::run(ProgressSink& progress) {
  while (!finished()) {
    const std::int64_t planned = epochs_;
    ProgressPhase phase(progress, "train", total_steps(), "steps");
    while (!finished() && epochs_ == planned)
      if (!run_epoch(progress)) return false;
  }
  return true;
}

bool Trainer::run_epoch(ProgressSink& progress) {
  if (finished()) return true;
  if (step_ == 0 && average_) average_->assign(parameters_);
  const double earlier = sums_.seconds;
  const double start = clock_->now_seconds();
  loader_.start_epoch(epoch_, batch_);
  LoadedBatch loaded;
  while (batch_ < steps_per_epoch_) {
    if (stop_ && stop_()) return false;
    if (!loader_.next(loaded))
      throw Error(ErrorKind::kInternal, "train", "an epoch ended before its last batch");
    run_step(loaded);
    sums_.seconds = earlier + clock_->now_seconds() - start;
    show(progress);
  }
  finish_epoch();
  if (!metrics_.back().decision.empty()) progress.note(metrics_.back().decision);
  return true;
}

void Trainer::run_step(const LoadedBatch& loaded) {
  const Batch batch = as_batch(loaded, dataset_, input_);
  const Scalars scalars{schedule_value(schedule_, step_, total_steps(), steps_per_epoch_),
                        drop_path_rate(recipe_, epoch_, epochs_)};
  const StepResult result =
      step_program_->run(batch, {}, {&parameters_, &optimizer_}, scalars,
                         random_.fork("step").fork(static_cast<std::uint64_t>(step_)));
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradient_norm))
    throw Error(ErrorKind::kOutOfRange, "train epoch " + std::to_string(epoch_ + 1),
                "the loss or its gradient is no longer a finite number",
                "lower learning_rate, or set clip_norm");
  const auto predictions = predicted_classes(result.outputs.at("logits"), batch.size);
  for (std::size_t i = 0; i < predictions.size(); ++i)
    sums_.correct += predictions[i] == batch.targets[i];
  sums_.samples += batch.size;
  sums_.loss += result.loss * static_cast<double>(batch.size);
  sums_.gradient_norm += result.gradient_norm;
  ++batch_;
  ++step_;
  if (average_) move_average();
}

// The decay grows over the first steps: the average must forget the initial parameters.
void Trainer::move_average() {
  const double steps = static_cast<double>(step_);
  const auto decay = static_cast<float>(std::min(recipe_.ema, (1 + steps) / (10 + steps)));
  const auto values = std::as_const(parameters_).values<float>();
  const auto average = average_->values<float>();
  for (std::size_t i = 0; i < values.size(); ++i)
    average[i] = values[i] + decay * (average[i] - values[i]);
}

void Trainer::show(ProgressSink& progress) const {
  const double samples = static_cast<double>(sums_.samples);
  const std::array<std::pair<std::string, double>, 3> figures = {
      {{"epoch", static_cast<double>(epoch_ + 1)},
       {"loss", sums_.loss / samples},
       {"accuracy", static_cast<double>(sums_.correct) / samples}}};
  progress.advance(step_, figures);
}

void Trainer::finish_epoch() {
  EpochMetrics m;
  const double samples = static_cast<double>(sums_.samples);
  m.learning_rate = schedule_value(schedule_, step_ - 1, total_steps(), steps_per_epoch_);
  m.drop_path = drop_path_rate(recipe_, epoch_, epochs_);
  m.epoch = ++epoch_;
  m.step = step_;
  m.loss = sums_.loss / samples;
  m.accuracy = static_cast<double>(sums_.correct) / samples;
  m.gradient_norm = sums_.gradient_norm / static_cast<double>(steps_per_epoch_);
  m.seconds = sums_.seconds;
  m.elapsed_seconds = m.seconds + (metrics_.empty() ? 0 : metrics_.back().elapsed_seconds);
  metrics_.push_back(m);
  metrics_.back().decision = fit_to_budget();
  metrics_.back().epochs = epochs_;
  batch_ = 0;
  sums_ = {};
}

void Trainer::set_plan(PlanHook plan) {
  plan_ = std::move(plan);
  if (plan_ && step_ == 0) epochs_ = std::clamp<std::int64_t>(plan_(0, epochs_), 1, recipe_.epochs);
}

// The plan may grow again in the first half of the run only: the first epoch is often slow, and
// towards the end the learning rate must go on falling.
std::int64_t Trainer::affordable_epochs(double per_epoch, double left) const {
  const double most = static_cast<double>(recipe_.epochs - epoch_);
  const auto fit = static_cast<std::int64_t>(std::min(std::floor(left / per_epoch + 1e-9), most));
  const std::int64_t affordable = epoch_ + fit;
  return affordable > epochs_ && 2 * epoch_ > epochs_ ? epochs_ : affordable;
}

std::string Trainer::fit_to_budget() {
  if (recipe_.seconds <= 0 || finished()) return {};
  constexpr std::size_t kRecent = 3;
  const std::size_t count = std::min(kRecent, metrics_.size());
  double per_epoch = 0;
  for (std::size_t i = metrics_.size() - count; i < metrics_.size(); ++i)
    per_epoch += metrics_[i].seconds / static_cast<double>(count);
  const double left = std::max(recipe_.seconds - metrics_.back().elapsed_seconds, 0.0);
  const std::int64_t planned = epochs_;
  epochs_ = affordable_epochs(per_epoch, left);
  if (plan_) epochs_ = std::clamp(plan_(epoch_, epochs_), epoch_, recipe_.epochs);
  if (epochs_ == planned) return {};
  return std::to_string(epochs_) + " epochs instead of " + std::to_string(planned) + ": " +
         plain(per_epoch) + " an epoch, " + plain(left) + " left of the budget";
}

}  // namespace nasmyth
