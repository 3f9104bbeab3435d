#include "nasmyth/search/search_run.h"

#include <algorithm>
#include <array>

#include "nasmyth/core/clock.h"
#include "nasmyth/core/json.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/hand_made.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/train_run.h"
#include "nasmyth/supernet/rewrites.h"

namespace nasmyth {
namespace {

constexpr const char* kFallbackData = "planted";

Json epoch_json(const SearchEpoch& e) {
  Json line{{"phase", "search"},
            {"epoch", e.epoch},
            {"train_loss", e.train_loss},
            {"train_accuracy", e.train_accuracy},
            {"validation_loss", e.validation_loss},
            {"validation_accuracy", e.validation_accuracy},
            {"entropy", e.entropy},
            {"temperature", e.temperature},
            {"learning_rate", e.learning_rate}};
  for (const auto& [resource, cost] : e.expected_costs) line["expected_" + resource] = cost;
  line["seconds"] = e.seconds;
  return line;
}

}  // namespace

// All that a run needs, made in this order.
struct SearchRun::Parts {
  Parts(SearchConfiguration c, ProgressSink& sink)
      : configuration(std::move(c)),
        progress(sink),
        operations(builtin_operations()),
        space(make_space(configuration.space, configuration.space_options)),
        data(load()),
        splits(make_splits(data.train, configuration.splits.search_validation,
                           configuration.splits.selection,
                           static_cast<std::uint64_t>(configuration.run.seed))),
        target(form_of(data.train, FormRole::kTarget)),
        open_target(open_network(*space, target)),
        problem(open_target, operations, configuration.limits) {
    const Feasibility feasibility = problem.feasibility();
    if (!feasibility.feasible) throw feasibility.error();
    incumbent = *feasibility.incumbent;
    executor = make_executor(configuration.run.executor, operations,
                             {configuration.run.device, configuration.run.threads});
  }

  DatasetPair load() {
    const bool given = configuration.run.data != RunOptions{}.data;
    if (given || data_available(configuration.run.data)) return load_data(configuration.run.data);
    decisions.push_back(
        "Fashion-MNIST is not installed (Debian package dataset-fashion-mnist): the "
        "built-in task '" +
        std::string(kFallbackData) + "' takes its place");
    progress.note(decisions.back());
    configuration.run.data =
        kFallbackData;  // the run stays what it was, whatever is installed later
    return load_data(kFallbackData);
  }

  RandomStream stream(std::string_view name) const {
    return RandomStream(static_cast<std::uint64_t>(configuration.run.seed)).fork(name);
  }

  ArmParts arm_parts(const RunDirectory& directory, bool (*stop)()) {
    return {operations, *executor, data, splits, configuration.retrain, directory, progress, stop};
  }

  ShortTraining training() {
    return {*space, target, operations, *executor, data.train, splits, configuration.retrain};
  }

  SearchConfiguration configuration;
  ProgressSink& progress;
  std::vector<std::string> decisions;
  const OperationSet& operations;
  std::unique_ptr<SearchSpace> space;
  DatasetPair data;
  Splits splits;
  Form target;
  NetworkGraph open_target;
  SelectionProblem problem;
  Selection incumbent;
  std::unique_ptr<Executor> executor;
};

namespace {

// The search proper: fills architecture, derivation, seconds. False when it was stopped.
template <class Parts>
bool gradient_search(Parts& p, const RunDirectory& directory, bool (*stop)(),
                     SearchResult& result) {
  const auto& c = p.configuration;
  const NetworkGraph search_form =
      partial_channels(open_network(*p.space, form_of(p.data.train, FormRole::kSearch)),
                       c.gradient.partial_channels, p.operations);
  std::vector<std::unique_ptr<ExpectedCost>> expected;
  std::vector<CostPenalty> penalties;
  for (const auto& limit : c.limits) {
    expected.push_back(std::make_unique<ExpectedCost>(p.open_target, p.operations,
                                                      *make_resource_model(limit.resource)));
    penalties.push_back({limit.resource, limit.at_most, expected.back().get()});
  }
  GradientSearch search(search_form, p.operations, *p.executor,
                        {&p.data.train, p.splits.search_train, p.splits.search_validation},
                        penalties, c.gradient, p.stream("search"));
  ProgressPhase phase(p.progress, "search", search.epochs_total(), "epochs");
  while (!search.finished()) {
    SearchEpoch figures;
    // The state of the last whole epoch stays when this one is cut short.
    if (!search.run_epoch(figures, stop)) return false;
    directory.write(RunDirectory::kSearchState, search.save_state());
    directory.write(
        RunDirectory::kLogits,
        logits_to_json(*search_form.choices(), search.architecture_parameters().logits()));
    directory.append_metrics(epoch_json(figures).dump());
    for (auto& decision : search.take_decisions()) {
      p.progress.note(decision);
      result.decisions.push_back(std::move(decision));
    }
    const std::array<std::pair<std::string, double>, 3> shown{
        {{"train", figures.train_accuracy},
         {"validation", figures.validation_accuracy},
         {"entropy", figures.entropy}}};
    phase.advance(figures.epoch, shown);
  }
  const RankingParts parts{search_form, search.parameters(), p.training()};
  result.derivation =
      derive(p.problem, search.scores(), search.architecture_parameters().logits(), c.derive, parts,
             p.stream("derive"), p.progress, stop ? std::function<bool()>(stop) : nullptr);
  result.architecture = result.derivation->architecture;
  return !(stop && stop());
}

template <class Parts>
bool search_architecture(Parts& p, const RunDirectory& directory, bool (*stop)(),
                         SearchResult& result, ArmResult& arm) {
  const SystemClock clock;
  const double begun = clock.now_seconds();
  if (p.configuration.strategy == "random") {
    const auto found = random_search(p.training(), p.problem, p.configuration.random,
                                     p.stream("search"), p.progress, stop);
    result.architecture = found.architecture;
    arm.candidates = found.candidates;
    if (stop && stop()) return false;
  } else if (!gradient_search(p, directory, stop, result)) {
    return false;
  }
  arm.search_seconds = result.search_seconds = clock.now_seconds() - begun;
  return true;
}

template <class Parts>
bool random_control(Parts& p, const ArmParts& parts, const SearchResult& so_far, ArmResult& arm) {
  RandomSearchOptions options = p.configuration.random;
  if (options.seconds <= 0 && options.candidates == 0) options.seconds = so_far.search_seconds;
  const auto found =
      random_search(p.training(), p.problem, options, p.stream("random"), p.progress, parts.stop);
  if (parts.stop && parts.stop()) return false;
  arm.architecture = found.architecture.to_json();
  arm.candidates = found.candidates;
  arm.search_seconds = found.seconds;
  const NetworkGraph network = p.space->network(found.architecture, p.target);
  return train_arm(network, parts, p.stream("retrain random"), arm).has_value();
}

// The limits; where there are none, or only ones that the found network is far below, its own size.
std::vector<Limit> size_of(const ArmResult& found, std::vector<Limit> limits) {
  constexpr double kRoom = 1.25;
  for (const auto& [resource, cost] : found.costs) {
    if (resource != "params" && resource != "macs") continue;
    const auto same = [&](const Limit& limit) { return limit.resource == resource; };
    const auto it = std::find_if(limits.begin(), limits.end(), same);
    if (it == limits.end())
      limits.push_back({resource, kRoom * cost});
    else if (limits.size() == 1)
      it->at_most = std::min(it->at_most, kRoom * cost);
  }
  return limits;
}

template <class Parts>
bool hand_made_control(Parts& p, const ArmParts& parts, SearchResult& result, ArmResult& arm) {
  const auto network = hand_made_within(p.target, p.operations,
                                        size_of(result.arms.front(), p.configuration.limits));
  if (!network) {
    result.decisions.push_back("no hand-made network is small enough for the limits");
    p.progress.note(result.decisions.back());
    return true;
  }
  return train_arm(*network, parts, p.stream("retrain hand_made"), arm).has_value();
}

// Trains the controls and compares them with the first arm; false when it was stopped.
template <class Parts>
bool run_controls(Parts& p, const ArmParts& parts, SearchResult& result) {
  for (const auto& name : p.configuration.run.controls) {
    ArmResult arm;
    arm.name = name;
    const bool whole = name == "random" ? random_control(p, parts, result, arm)
                                        : hand_made_control(p, parts, result, arm);
    if (!whole) return false;
    if (arm.test_predictions.empty()) continue;
    result.comparisons.push_back(compare(result.arms.front(), arm, p.data.test.labels));
    result.arms.push_back(std::move(arm));
  }
  return true;
}

}  // namespace

SearchRun::SearchRun(SearchConfiguration configuration, ProgressSink& progress)
    : parts_(std::make_unique<Parts>(std::move(configuration), progress)) {}
SearchRun::~SearchRun() = default;

const Selection& SearchRun::incumbent() const { return parts_->incumbent; }

std::optional<SearchResult> SearchRun::run(const RunDirectory& directory, bool (*stop)()) {
  Parts& p = *parts_;
  directory.write(RunDirectory::kConfiguration, p.configuration.to_yaml());
  SearchResult result;
  result.limits = p.configuration.limits;
  result.data = p.data.train.name;
  result.decisions = p.decisions;
  ArmResult arm;
  arm.name = "search";
  if (!search_architecture(p, directory, stop, result, arm)) return std::nullopt;
  arm.architecture = result.architecture.to_json();
  directory.write(RunDirectory::kArchitecture, arm.architecture);
  const ArmParts parts = p.arm_parts(directory, stop);
  const NetworkGraph network = p.space->network(result.architecture, p.target);
  const auto trained = train_arm(network, parts, p.stream("retrain"), arm);
  if (!trained) return std::nullopt;
  write_network(directory, *trained, arm.architecture, p.data.train, p.operations);
  result.arms.push_back(std::move(arm));
  directory.write(RunDirectory::kResult, to_json(result, p.configuration));
  if (!run_controls(p, parts, result)) return std::nullopt;
  directory.write(RunDirectory::kResult, to_json(result, p.configuration));
  return result;
}

}  // namespace nasmyth
