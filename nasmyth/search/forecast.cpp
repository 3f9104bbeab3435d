#include "nasmyth/search/forecast.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "nasmyth/core/clock.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/search/hand_made.h"
#include "nasmyth/train/evaluation.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kWarm = 3;      // first steps, which allocate and are slow
constexpr std::int64_t kLeast = 8;     // timed steps of one kind, if they do not take too long
constexpr std::int64_t kEnough = 400;  // steps, however short
constexpr double kPatience = 3;        // times the time that was meant for it
constexpr std::int64_t kBatch = 256;
constexpr double kGrowth = 10;

// Adds up what steps of one kind take, but for the first ones.
class StepTimes {
 public:
  void add(double seconds) {
    if (++seen_ > kWarm || (seen_ > 1 && slow_)) {
      sum_ += seconds;
      ++timed_;
    }
  }
  /// Steps take so long that fewer must do.
  void hurry() { slow_ = true; }
  std::int64_t timed() const { return timed_; }
  bool enough() const { return timed_ >= (slow_ ? 1 : kLeast); }
  double mean() const { return sum_ / static_cast<double>(std::max<std::int64_t>(timed_, 1)); }

 private:
  double sum_ = 0;
  std::int64_t seen_ = 0;
  std::int64_t timed_ = 0;
  bool slow_ = false;
};

// Measures the time from one call to the next.
class StepWatch {
 public:
  explicit StepWatch(double seconds) : seconds_(seconds) {}
  /// To be called before each step; true when enough steps were timed.
  bool tick() {
    const double now = clock_.now_seconds();
    if (calls_++ == 0)
      begun_ = now;
    else
      times_.add(now - last_);
    last_ = now;
    if (now - begun_ > kPatience * seconds_) times_.hurry();
    return times_.enough() && (times_.timed() >= kEnough || now - begun_ >= seconds_);
  }
  double mean() const { return times_.mean(); }

 private:
  double seconds_;
  SystemClock clock_;
  StepTimes times_;
  double begun_ = 0;
  double last_ = 0;
  std::int64_t calls_ = 0;
};

// Mean times of the two kinds of steps of a search.
struct SearchSteps {
  double weights = 0;
  double architecture = 0;
  std::int64_t count = 0;
};

SearchSteps time_search_steps(SearchParts& p, double seconds) {
  GradientSearchOptions options = p.configuration.gradient;
  options.warmup_epochs = 0;
  options.seconds = 0;
  options.epochs = 1000;
  Supernet supernet(p, options);
  StepTimes weights, architecture;
  const SystemClock clock;
  const double begun = clock.now_seconds();
  double last = begun;
  supernet.search.observe([&](std::string_view kind, std::int64_t, double) {
    const double now = clock.now_seconds();
    (kind == "weights" ? weights : architecture).add(now - last);
    last = now;
    if (now - begun > kPatience * seconds) {
      weights.hurry();
      architecture.hurry();
    }
  });
  const auto enough = [&] {
    return weights.enough() && architecture.enough() &&
           (weights.timed() >= kEnough || clock.now_seconds() - begun >= seconds);
  };
  SearchEpoch figures;
  while (!enough() && !supernet.search.finished()) {
    supernet.search.run_epoch(figures, enough);
    last = clock.now_seconds();
  }
  return {weights.mean(), architecture.mean(), weights.timed() + architecture.timed()};
}

// Random architectures; of more, those that use most of the limits: what a search finds does.
std::vector<Architecture> typical_architectures(SearchParts& p, std::size_t count) {
  constexpr std::size_t kDraws = 6;
  constexpr int kTries = 100;
  RandomStream random = p.stream("forecast");
  std::vector<std::pair<double, Architecture>> drawn;
  for (std::size_t i = 0; i < kDraws * count; ++i)
    if (auto a = random_feasible(p.problem, random, kTries))
      drawn.emplace_back(use_of_limits(p.problem, *a), std::move(*a));
  std::stable_sort(drawn.begin(), drawn.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Architecture> kept;
  for (std::size_t i = 0; i < std::min(count, drawn.size()); ++i)
    kept.push_back(std::move(drawn[i].second));
  return kept;
}

std::int64_t full_batches(std::size_t samples, std::int64_t batch) {
  return std::max<std::int64_t>(static_cast<std::int64_t>(samples) / batch, 1);
}

// Seconds of one image in a network that is not trained.
double time_inference(const NetworkGraph& network, SearchParts& p, double seconds) {
  ParameterStore parameters(expand(network.deployed(), p.operations), p.operations,
                            ElementType::kFloat32);
  parameters.initialize(p.stream("forecast").fork("parameters"));
  const auto& all = p.splits.selection;
  const std::span images(all.data(), std::min<std::size_t>(all.size(), kBatch));
  StepWatch watch(seconds);
  while (!watch.tick())
    evaluate(network.deployed(), parameters, *p.executor, p.data.train, images, kBatch);
  return watch.mean() / static_cast<double>(images.size());
}

std::string times(std::int64_t count, const char* unit, double seconds) {
  return std::to_string(count) + " " + unit + " of " + format_duration(seconds);
}

// Training of `epochs` within a budget of `budget` seconds, 0 for none.
double training_seconds(std::int64_t epochs, double epoch, double budget) {
  const double whole = static_cast<double>(epochs) * epoch;
  return budget > 0 ? std::min(budget, whole) : whole;
}

double sampling_seconds(const SamplingSearchOptions& o, const PieceTimes& t) {
  const double candidate = static_cast<double>(o.epochs) * t.short_epoch + t.rank_candidate;
  if (o.candidates == 0) return std::max(o.seconds, candidate);
  return training_seconds(o.candidates, candidate, o.seconds);
}

void add_search(const SearchConfiguration& c, const PieceTimes& t,
                std::vector<StageForecast>& stages) {
  if (c.samples()) {
    stages.push_back({"search", sampling_seconds(c.sampling, t), ""});
    return;
  }
  const auto& g = c.gradient;
  const std::int64_t warm = std::min(g.warmup_epochs, g.epochs);
  const double warmup = static_cast<double>(warm) * t.warmup_epoch;
  const double rest = static_cast<double>(g.epochs - warm) * t.search_epoch;
  const double both = warmup + rest;
  stages.push_back({"search", g.seconds > 0 ? std::min(both, g.seconds) : both,
                    times(g.epochs, "epochs", both / static_cast<double>(g.epochs))});
  if (c.derive.candidates <= 1) return;
  stages.push_back({"ranking", static_cast<double>(c.derive.candidates) * t.rank_candidate,
                    times(c.derive.candidates, "architectures", t.rank_candidate)});
  if (c.derive.finalists <= 1) return;
  const double finalist = static_cast<double>(c.derive.finalist_epochs) * t.short_epoch;
  stages.push_back({"finalists", static_cast<double>(c.derive.finalists) * finalist,
                    times(c.derive.finalists, "architectures", finalist)});
}

}  // namespace

double measuring_seconds(double time_limit) {
  constexpr double kUsual = 6, kMost = 8, kShare = 0.03;
  return time_limit > 0 ? std::min(kMost, kShare * time_limit) : kUsual;
}

double time_training_step(const NetworkGraph& network, SearchParts& p, double seconds) {
  RecipeOptions recipe = p.configuration.retrain;
  recipe.seconds = 0;
  recipe.epochs = 1000;
  Trainer trainer(network, p.operations, *p.executor, p.data.train, p.splits.retrain(), recipe,
                  p.stream("forecast"));
  StepWatch watch(seconds);
  trainer.set_stop([&] { return watch.tick(); });
  ProgressSink silent;
  trainer.run(silent);
  return watch.mean();
}

PieceTimes time_pieces(SearchParts& p, double seconds) {
  const SystemClock clock;
  const double begun = clock.now_seconds();
  PieceTimes t;
  t.startup = begun - p.begun;
  const auto& c = p.configuration;
  ProgressPhase phase(p.progress, "forecast", 0, "steps");
  if (!c.samples()) {
    const SearchSteps steps = time_search_steps(p, 0.4 * seconds);
    const auto per_epoch = full_batches(p.splits.search_train.size(), c.gradient.batch_size);
    t.warmup_epoch = static_cast<double>(per_epoch) * steps.weights;
    t.search_epoch =
        t.warmup_epoch + std::ceil(static_cast<double>(per_epoch) /
                                   static_cast<double>(c.gradient.architecture_period)) *
                             steps.architecture;
    t.steps = steps.count;
  }
  constexpr std::size_t kNetworks = 4;
  const auto architectures = typical_architectures(p, kNetworks);
  if (architectures.empty()) throw p.problem.feasibility().error();
  double step = 0;
  for (const auto& architecture : architectures)
    step +=
        time_training_step(p.space->network(architecture, p.target), p, 0.4 * seconds / kNetworks) /
        static_cast<double>(architectures.size());
  const auto epoch = [&](std::size_t samples, double one) {
    return static_cast<double>(full_batches(samples, c.retrain.batch_size)) * one;
  };
  const NetworkGraph first = p.space->network(architectures.front(), p.target);
  t.retrain_epoch = epoch(p.splits.retrain().size(), step);
  t.short_epoch = epoch(p.splits.search_train.size(), step);
  const double image = time_inference(first, p, 0.1 * seconds);
  const auto images = [](std::int64_t wanted, std::size_t there) {
    return static_cast<double>(std::min<std::int64_t>(wanted, static_cast<std::int64_t>(there)));
  };
  t.rank_candidate =
      image * (images(c.derive.images, p.splits.search_validation.size()) +
               images(c.derive.recalibration_batches * kBatch, p.splits.search_train.size()));
  t.arm_end = image * (static_cast<double>(p.splits.selection.size()) +
                       static_cast<double>(p.data.test.count));
  const auto hand_made = hand_made_within(
      p.target, p.operations, comparable_limits(all_costs(first, p.operations), c.limits));
  const auto& controls = c.run.controls;
  if (hand_made && std::find(controls.begin(), controls.end(), "hand_made") != controls.end())
    t.hand_made_epoch =
        epoch(p.splits.retrain().size(), time_training_step(*hand_made, p, 0.1 * seconds));
  t.measuring = clock.now_seconds() - begun;
  return t;
}

std::vector<StageForecast> forecast_stages(const SearchConfiguration& c, const PieceTimes& t) {
  std::vector<StageForecast> stages{{"start", t.startup, ""}};
  add_search(c, t, stages);
  double search = 0;
  for (std::size_t i = 1; i < stages.size(); ++i) search += stages[i].seconds;
  const auto train = [&](const std::string& name, double epoch) {
    stages.push_back({name,
                      training_seconds(c.retrain.epochs, epoch, c.retrain.seconds) + t.arm_end,
                      times(c.retrain.epochs, "epochs", epoch)});
  };
  train("retraining", t.retrain_epoch);
  for (const auto& control : c.run.controls) {
    if (control == "random") {
      const bool like_search = c.random.candidates == 0 && c.random.seconds <= 0;
      stages.push_back({"control random: search",
                        like_search ? search : sampling_seconds(c.random, t),
                        like_search ? "as long as the search" : ""});
      train("control random: training", t.retrain_epoch);
    } else if (t.hand_made_epoch > 0) {
      train("control hand_made: training", t.hand_made_epoch);
    }
  }
  return stages;
}

double total_seconds(const std::vector<StageForecast>& stages) {
  double sum = 0;
  for (const auto& stage : stages) sum += stage.seconds;
  return sum;
}

namespace {

std::int64_t scaled_length(std::int64_t length, double factor) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::floor(factor * static_cast<double>(length))));
}

SearchConfiguration scaled(SearchConfiguration c, double factor) {
  auto& g = c.gradient;
  g.epochs = scaled_length(g.epochs, factor);
  // At least one epoch with architecture steps.
  const double warmup = std::round(factor * static_cast<double>(g.warmup_epochs));
  g.warmup_epochs = std::min(static_cast<std::int64_t>(warmup), g.epochs - 1);
  c.retrain.epochs = scaled_length(c.retrain.epochs, factor);
  c.retrain.warmup_epochs =
      std::min(c.retrain.warmup_epochs, 0.5 * static_cast<double>(c.retrain.epochs));
  c.derive.finalist_epochs = scaled_length(c.derive.finalist_epochs, factor);
  c.derive.candidates = scaled_length(c.derive.candidates, std::min(factor, 1.0));
  c.derive.finalists = scaled_length(c.derive.finalists, std::min(factor, 1.0));
  for (double* seconds : {&g.seconds, &c.retrain.seconds, &c.random.seconds, &c.sampling.seconds})
    *seconds *= factor;
  for (std::int64_t* candidates : {&c.random.candidates, &c.sampling.candidates})
    if (*candidates > 0) *candidates = scaled_length(*candidates, factor);
  return c;
}

}  // namespace

SearchConfiguration fit_schedule(const SearchConfiguration& c, const PieceTimes& times,
                                 double seconds) {
  const auto forecast = [&](double factor) {
    return total_seconds(forecast_stages(scaled(c, factor), times));
  };
  if (const double least = forecast(0); least > seconds)
    throw Error(ErrorKind::kOutOfRange, "time_limit",
                "the shortest run of this configuration takes about " + format_duration(least) +
                    "; " + format_duration(seconds) + " of the limit are left for it",
                "raise --time-limit, leave out controls (--no-controls), or use less data or a "
                "smaller space");
  if (forecast(kGrowth) <= seconds) return scaled(c, kGrowth);
  double low = 0, high = kGrowth;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (forecast(middle) <= seconds ? low : high) = middle;
  }
  SearchConfiguration fitted = scaled(c, low);
  // What whole epochs leave over goes to retraining, of which every arm has as many.
  double per_epoch = times.retrain_epoch;
  for (const auto& control : c.run.controls)
    per_epoch += control == "random" ? times.retrain_epoch : times.hand_made_epoch;
  const double left = seconds - total_seconds(forecast_stages(fitted, times));
  if (per_epoch > 0 && fitted.retrain.seconds <= 0)
    fitted.retrain.epochs += static_cast<std::int64_t>(std::max(0.0, left) / per_epoch);
  return fitted;
}

}  // namespace nasmyth
