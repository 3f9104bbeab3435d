#include "nasmyth/strategy/gradient_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "nasmyth/core/state_bytes.h"
#include "nasmyth/data/loader.h"
#include "nasmyth/train/evaluation.h"
#include "nasmyth/train/loaded_batch.h"

namespace nasmyth {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

StepSpec weight_step(const GradientSearchOptions& o, const SearchData& data) {
  StepSpec spec;
  spec.gradients = Gradients::kParameters;
  spec.batch_norm = BatchNormMode::kBatchAndUpdate;
  spec.execution = o.execution == "sliced"    ? Execution::kSliced
                   : o.execution == "sampled" ? Execution::kSampled
                                              : Execution::kDense;
  spec.training = true;
  if (o.class_weights == "balanced")
    spec.objective.class_weights = balanced_class_weights(*data.dataset, data.train);
  OptimizerSpec sgd;
  sgd.momentum = o.momentum;
  sgd.weight_decay = o.weight_decay;
  sgd.clip_norm = o.clip_norm;
  spec.optimizer = sgd;
  return spec;
}

StepSpec architecture_step(const GradientSearchOptions& o, const SearchData& data) {
  StepSpec spec = weight_step(o, data);
  spec.gradients = Gradients::kChoiceWeights;
  spec.batch_norm = BatchNormMode::kBatch;
  spec.optimizer.reset();
  return spec;
}

OptimizerSpec architecture_optimizer(const GradientSearchOptions& o) {
  OptimizerSpec adam;
  adam.kind = OptimizerKind::kAdam;
  adam.beta1 = o.architecture_beta1;
  adam.beta2 = o.architecture_beta2;
  adam.weight_decay = o.architecture_weight_decay;
  return adam;
}

AugmentationOptions augmentation(const GradientSearchOptions& o) {
  AugmentationOptions a;
  a.crop_padding = o.crop_padding;
  a.flip = o.flip;
  return a;
}

double correct(const StepResult& result, const Batch& batch) {
  const auto classes = predicted_classes(result.outputs.at("logits"), batch.size);
  double right = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) right += classes[i] == batch.targets[i];
  return right;
}

constexpr std::string_view kState = "search state 2";

// Sum over steps of one kind within an epoch.
struct Tally {
  double loss = 0, right = 0, images = 0, steps = 0;
  void add(const StepResult& result, const Batch& batch) {
    loss += result.loss;
    right += correct(result, batch);
    images += static_cast<double>(batch.size);
    ++steps;
  }
  void save(StateWriter& w) const {
    for (double value : {loss, right, images, steps}) w.real(value);
  }
  void load(StateReader& r) {
    for (double* value : {&loss, &right, &images, &steps}) *value = r.real();
  }
};

}  // namespace

class GradientSearchLoop {
 public:
  GradientSearchLoop(const NetworkGraph& graph, const OperationSet& operations, Executor& executor,
                     SearchData data, std::vector<CostPenalty> penalties,
                     const GradientSearchOptions& options, RandomStream random)
      : options_(options),
        penalties_(std::move(penalties)),
        random_(random),
        dataset_(*data.dataset),
        input_(image_input(graph)),
        relaxation_(make_relaxation(options.relaxation)),
        parameters_(expand(graph, operations), operations, ElementType::kFloat32),
        architecture_(graph.choices(), options.initial_deviation, random.fork("architecture")),
        weight_step_(executor.prepare(graph, weight_step(options, data))),
        architecture_step_(executor.prepare(graph, architecture_step(options, data))),
        sites_(weight_step_->sites(), graph.choices(), SubsetRule::kAllInputs),
        loader_(*data.dataset, data.train, options.batch_size, augmentation(options), true, true,
                random.fork("train")),
        validation_(*data.dataset, data.validation, options.batch_size, augmentation(options),
                    random.fork("validation")),
        steps_per_epoch_(static_cast<std::int64_t>(data.train.size()) / options.batch_size),
        epochs_total_(options.epochs) {
    if (steps_per_epoch_ < 1 ||
        data.validation.size() < static_cast<std::size_t>(options.batch_size))
      throw Error(ErrorKind::kOutOfRange, "search.batch_size",
                  "a batch of " + std::to_string(options.batch_size) + " images; the parts have " +
                      std::to_string(data.train.size()) + " and " +
                      std::to_string(data.validation.size()),
                  "use a smaller batch or more data");
    parameters_.initialize(random.fork("parameters"));
    optimizer_ =
        OptimizerState::zeros(*weight_step(options, data).optimizer, parameters_.trainable_size(),
                              static_cast<std::int64_t>(parameters_.entries().size()));
    begun_ = now();
  }

  void add_prior(const OptionWeights& prior) {
    OptionWeights logits = architecture_.logits();
    for (std::size_t c = 0; c < logits.size(); ++c)
      for (std::size_t o = 0; o < logits[c].size(); ++o) logits[c][o] += prior.at(c).at(o);
    architecture_.set_logits(std::move(logits));
  }

  bool run_epoch(SearchEpoch& figures, const std::function<bool()>& stop) {
    double learning_rate = 0;
    loader_.start_epoch(epoch_, batch_);
    LoadedBatch loaded;
    while (batch_ < steps_per_epoch_) {
      if (stop && stop()) return false;
      if (!loader_.next(loaded))
        throw Error(ErrorKind::kInternal, "search", "an epoch ended before its last batch");
      const std::int64_t at = epoch_ * steps_per_epoch_ + batch_;
      const double progress = std::min(
          1.0, static_cast<double>(at) / static_cast<double>(epochs_total_ * steps_per_epoch_));
      temperature_ = options_.temperature *
                     std::pow(options_.final_temperature / options_.temperature, progress);
      penalty_ = options_.penalty + (options_.final_penalty - options_.penalty) * progress;
      learning_rate = options_.minimum_learning_rate +
                      (options_.learning_rate - options_.minimum_learning_rate) *
                          (1 + std::cos(std::numbers::pi * progress)) / 2;
      if (epoch_ >= options_.warmup_epochs && batch_ % options_.architecture_period == 0)
        step_architecture(at, validation_tally_);
      step_weights(at, learning_rate, as_batch(loaded, dataset_, input_), train_tally_);
      ++batch_;
    }
    ++epoch_;
    batch_ = 0;
    report(figures, std::exchange(train_tally_, {}), std::exchange(validation_tally_, {}),
           learning_rate);
    fit_to_time();
    return true;
  }

  void report(SearchEpoch& f, const Tally& train, const Tally& validation, double rate) const {
    f.epoch = epoch_;
    f.seconds = elapsed();
    f.train_loss = train.loss / std::max(1.0, train.steps);
    f.train_accuracy = train.right / std::max(1.0, train.images);
    f.validation_loss = validation.loss / std::max(1.0, validation.steps);
    f.validation_accuracy = validation.right / std::max(1.0, validation.images);
    const OptionWeights p = architecture_.probabilities();
    f.entropy = mean_entropy(p);
    f.temperature = temperature_;
    f.learning_rate = rate;
    f.expected_costs.clear();
    for (const auto& penalty : penalties_)
      f.expected_costs.emplace_back(penalty.resource, penalty.expected->value(p));
  }

  std::string save() const {
    StateWriter w(kState);
    w.number(epoch_);
    w.number(batch_);
    w.number(epochs_total_);
    train_tally_.save(w);
    validation_tally_.save(w);
    w.real(elapsed());
    w.text(parameters_.serialize());
    w.text(optimizer_.serialize());
    w.text(architecture_.serialize());
    w.text(validation_.save_position());
    return w.finish();
  }

  void load(std::string_view bytes, std::string_view where) {
    StateReader r(bytes, kState, where);
    const auto epoch = r.number(), batch = r.number(), total = r.number();
    if (epoch < 0 || epoch > total || total > options_.epochs || batch < 0 ||
        batch >= steps_per_epoch_)
      throw Error(ErrorKind::kInvalidData, where, "the position in the search is impossible");
    epoch_ = epoch;
    batch_ = batch;
    epochs_total_ = total;
    train_tally_.load(r);
    validation_tally_.load(r);
    begun_ = now() - r.real();
    parameters_.assign(ParameterStore::deserialize(r.text(), where));
    OptimizerState optimizer = OptimizerState::deserialize(r.text(), where);
    if (optimizer.first.size() != optimizer_.first.size() ||
        optimizer.second.size() != optimizer_.second.size() ||
        optimizer.steps.size() != optimizer_.steps.size())
      throw Error(ErrorKind::kInvalidData, where, "the optimiser state does not fit the supernet");
    optimizer_ = std::move(optimizer);
    architecture_.restore(r.text(), where);
    validation_.load_position(r.text(), where);
  }

  double elapsed() const { return now() - begun_; }

  const GradientSearchOptions options_;
  std::vector<CostPenalty> penalties_;
  RandomStream random_;
  const Dataset& dataset_;
  const std::string input_;
  std::unique_ptr<Relaxation> relaxation_;
  ParameterStore parameters_;
  OptimizerState optimizer_;
  ArchitectureParameters architecture_;
  std::unique_ptr<Step> weight_step_, architecture_step_;
  SiteWeights sites_;
  BatchLoader loader_;
  CyclingLoader validation_;
  std::int64_t steps_per_epoch_ = 0;
  std::int64_t epoch_ = 0;
  std::int64_t batch_ = 0;  ///< weight steps done of the current epoch
  std::int64_t epochs_total_ = 0;
  Tally train_tally_, validation_tally_;  // of the current epoch
  double temperature_ = 0;
  double penalty_ = 0;
  double begun_ = 0;
  std::vector<std::string> decisions_;
  GradientSearch::StepObserver observer_;
  PlanHook plan_;

 private:
  RelaxedChoices relax(std::int64_t step, std::string_view purpose) const {
    RandomStream stream = random_.fork("relaxation").fork(purpose).fork(std::uint64_t(step));
    return relaxation_->relax(architecture_.logits(), temperature_, stream);
  }

  void step_weights(std::int64_t step, double learning_rate, const Batch& batch, Tally& tally) {
    const ChoiceWeights weights = sites_.broadcast(relax(step, "weights"));
    Scalars scalars;
    scalars.learning_rate = learning_rate;
    const StepResult result =
        weight_step_->run(batch, weights, State{&parameters_, &optimizer_}, scalars,
                          random_.fork("weight step").fork(std::uint64_t(step)));
    check_finite(result.loss);
    if (observer_) observer_("weights", step, result.loss);
    tally.add(result, batch);
  }

  void step_architecture(std::int64_t step, Tally& tally) {
    validation_.next(validation_batch_);
    const Batch batch = as_batch(validation_batch_, dataset_, input_);
    const RelaxedChoices relaxed = relax(step, "architecture");
    const StepResult result =
        architecture_step_->run(batch, sites_.broadcast(relaxed), State{&parameters_, nullptr}, {},
                                random_.fork("architecture step").fork(std::uint64_t(step)));
    check_finite(result.loss);
    if (observer_) observer_("architecture", step, result.loss);
    tally.add(result, batch);
    OptionWeights gradients = relaxation_->gradients(relaxed, sites_.reduce(result.site_gradients));
    add_penalties(gradients);
    architecture_.update(architecture_optimizer(options_), options_.architecture_learning_rate,
                         gradients);
  }

  // One resource with the logarithm of its expected cost / limit and the slope of that cost.
  struct Excess {
    double logarithm = 0;
    double expected = 0;
    OptionWeights slope;
  };

  // Which resources pull, and how: see GradientSearchOptions::penalty_shape.
  std::vector<Excess> excesses(const OptionWeights& probabilities) const {
    std::vector<Excess> all;
    for (const auto& penalty : penalties_) {
      Excess e;
      e.expected = penalty.expected->value_and_gradient(probabilities, e.slope);
      e.logarithm = std::log(e.expected / penalty.limit);
      all.push_back(std::move(e));
    }
    if (options_.penalty_shape == "absolute") {
      const auto tightest = std::max_element(
          all.begin(), all.end(),
          [](const Excess& a, const Excess& b) { return a.logarithm < b.logarithm; });
      return {*tightest};
    }
    std::erase_if(all, [](const Excess& e) { return e.logarithm <= 0; });
    return all;
  }

  // d/d logits of penalty * |log(expected / limit)|.
  void add_penalties(OptionWeights& gradients) const {
    if (penalty_ == 0 || penalties_.empty()) return;
    RelaxedChoices plain;
    plain.soft = architecture_.probabilities();
    for (auto& excess : excesses(plain.soft)) {
      const double factor = std::copysign(penalty_ / excess.expected, excess.logarithm);
      for (auto& row : excess.slope)
        for (double& x : row) x *= factor;
      const OptionWeights pulled = relaxation_->gradients(plain, excess.slope);
      for (std::size_t c = 0; c < pulled.size(); ++c)
        for (std::size_t o = 0; o < pulled[c].size(); ++o) gradients[c][o] += pulled[c][o];
    }
  }

  static void check_finite(double loss) {
    if (!std::isfinite(loss))
      throw Error(ErrorKind::kOutOfRange, "search", "the loss is no longer finite",
                  "lower learning_rate or set clip_norm");
  }

  void fit_to_time() {
    if (options_.seconds <= 0 || epoch_ >= epochs_total_) return;
    const double per_epoch = elapsed() / static_cast<double>(epoch_);
    const auto affordable = static_cast<std::int64_t>(options_.seconds / per_epoch + 0.25);
    // At least one epoch with architecture steps.
    const std::int64_t least =
        std::min(options_.epochs, std::max(epoch_, options_.warmup_epochs + 1));
    std::int64_t total = std::min(std::clamp(affordable, least, options_.epochs), epochs_total_);
    if (plan_) total = std::clamp(plan_(epoch_, total), epoch_, epochs_total_);
    if (total == epochs_total_) return;
    decisions_.push_back("search shortened from " + std::to_string(epochs_total_) + " to " +
                         std::to_string(total) + " epochs to keep the time budget");
    epochs_total_ = total;
  }

  LoadedBatch validation_batch_;
};

GradientSearch::GradientSearch(const NetworkGraph& search_form, const OperationSet& operations,
                               Executor& executor, SearchData data,
                               std::vector<CostPenalty> penalties, GradientSearchOptions options,
                               RandomStream random, OptionWeights prior)
    : options_(std::move(options)),
      loop_(std::make_unique<GradientSearchLoop>(search_form, operations, executor, std::move(data),
                                                 std::move(penalties), options_, random)) {
  if (!prior.empty()) loop_->add_prior(prior);
}
GradientSearch::~GradientSearch() = default;

bool GradientSearch::run_epoch(SearchEpoch& figures, const std::function<bool()>& stop) {
  return loop_->run_epoch(figures, stop);
}
void GradientSearch::observe(StepObserver observer) { loop_->observer_ = std::move(observer); }
void GradientSearch::set_plan(PlanHook plan) { loop_->plan_ = std::move(plan); }
bool GradientSearch::finished() const { return loop_->epoch_ >= loop_->epochs_total_; }
void GradientSearch::end_here() { loop_->epochs_total_ = loop_->epoch_; }
std::int64_t GradientSearch::epochs_done() const { return loop_->epoch_; }
std::int64_t GradientSearch::steps_per_epoch() const { return loop_->steps_per_epoch_; }
std::int64_t GradientSearch::epochs_total() const { return loop_->epochs_total_; }
std::vector<std::string> GradientSearch::take_decisions() {
  return std::exchange(loop_->decisions_, {});
}
const ArchitectureParameters& GradientSearch::architecture_parameters() const {
  return loop_->architecture_;
}
const ParameterStore& GradientSearch::parameters() const { return loop_->parameters_; }

OptionWeights GradientSearch::scores() const {
  RandomStream random = loop_->random_.fork("discretizer");
  return make_discretizer(options_.discretizer)
      ->scores(*loop_->architecture_.choices(), loop_->architecture_.logits(), random);
}

std::string GradientSearch::save_state() const { return loop_->save(); }
void GradientSearch::load_state(std::string_view bytes, std::string_view where) {
  loop_->load(bytes, where);
}

}  // namespace nasmyth
