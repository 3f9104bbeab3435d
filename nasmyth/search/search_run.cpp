#include "nasmyth/search/search_run.h"

#include <algorithm>
#include <array>

#include "nasmyth/core/environment.h"
#include "nasmyth/core/json.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/hand_made.h"
#include "nasmyth/search/monitor.h"
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

// What was done to the images and what is left out; of many faults the first ones.
std::vector<std::string> data_notes(const DatasetPair& data) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> notes = data.remarks;
  for (std::size_t i = 0; i < std::min(kShown, data.faults.size()); ++i)
    notes.push_back("left out: " + data.faults[i]);
  if (data.faults.size() > kShown)
    notes.push_back("and " + std::to_string(data.faults.size() - kShown) +
                    " more faults, which `nasmyth data inspect` names");
  return notes;
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
    for (auto& note : data_notes(data)) {
      progress.note(note);
      decisions.push_back(std::move(note));
    }
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

  ArmParts arm_parts(RunJournal& journal) {
    return {operations, *executor, data, splits, configuration.retrain, journal};
  }

  ShortTraining training() {
    return {*space,
            target,
            operations,
            *executor,
            data.train,
            splits,
            configuration.retrain,
            configuration.run.objective};
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

constexpr const char* kSearch = "search";
constexpr const char* kMonitor = "monitor";
constexpr const char* kDecisions = "decisions";

// A change of plan: for the result, the journal and the user.
void decide(std::string decision, RunJournal& journal, SearchResult& result) {
  const auto& known = result.decisions;
  if (std::find(known.begin(), known.end(), decision) != known.end()) return;
  journal.progress().note(decision);
  result.decisions.push_back(std::move(decision));
  journal.put(kDecisions, Json(result.decisions).dump());
}

void write_epoch(const SearchEpoch& figures, const MonitorFigures& watched,
                 const GradientSearch& search, const ChoiceSet& choices, RunJournal& journal,
                 ProgressPhase& phase) {
  const RunDirectory& directory = journal.directory();
  directory.write(RunDirectory::kLogits,
                  logits_to_json(choices, search.architecture_parameters().logits()));
  Json line = epoch_json(figures);
  line["skip_share"] = watched.skip_share;
  line["changed_leaders"] = watched.changed_leaders;
  if (!watched.warnings.empty()) line["warnings"] = watched.warnings;
  directory.append_metrics(line.dump());
  const std::array<std::pair<std::string, double>, 4> shown{
      {{"train", figures.train_accuracy},
       {"validation", figures.validation_accuracy},
       {"entropy", figures.entropy},
       {"changed", static_cast<double>(watched.changed_leaders)}}};
  phase.advance(figures.epoch, shown);
}

// After a whole epoch: figures, warnings, and the end of the search where a rule asks for it.
void finish_epoch(const SearchEpoch& figures, GradientSearch& search, SearchMonitor& monitor,
                  const ChoiceSet& choices, RunJournal& journal, ProgressPhase& phase,
                  SearchResult& result) {
  const MonitorFigures watched = monitor.observe(figures, search.epochs_total(),
                                                 search.architecture_parameters().probabilities());
  write_epoch(figures, watched, search, choices, journal, phase);
  for (auto& decision : search.take_decisions()) decide(std::move(decision), journal, result);
  for (const auto& warning : watched.warnings) decide("warning: " + warning, journal, result);
  if (watched.stop.empty() || search.finished()) return;
  decide("the search ends after epoch " + std::to_string(figures.epoch) + " of " +
             std::to_string(search.epochs_total()) + ": " + watched.stop,
         journal, result);
  search.end_here();
}

// All epochs that are left, with checkpoints; false when it was stopped.
bool run_epochs(GradientSearch& search, SearchMonitor& monitor, const ChoiceSet& choices,
                RunJournal& journal, SearchResult& result) {
  const std::string where = journal.directory().file(RunJournal::kFile).string();
  if (journal.has(kSearch)) {
    search.load_state(journal.get(kSearch), where);
    monitor.load(journal.get(kMonitor), where);
  }
  ProgressPhase phase(journal.progress(), "search", search.epochs_total(), "epochs");
  if (search.epochs_done() > 0) phase.advance(search.epochs_done());
  while (!search.finished()) {
    SearchEpoch figures;
    if (search.run_epoch(figures, [&] { return journal.pause(); }))
      finish_epoch(figures, search, monitor, choices, journal, phase, result);
    if (!journal.pause() && !search.finished()) continue;
    journal.put(kSearch, search.save_state());
    journal.put(kMonitor, monitor.save());
    journal.save();
    if (journal.stopped()) return false;
  }
  return true;
}

// A gradient search with what it borrows.
struct Supernet {
  template <class Parts>
  explicit Supernet(Parts& p)
      : form(partial_channels(open_network(*p.space, form_of(p.data.train, FormRole::kSearch)),
                              p.configuration.gradient.partial_channels, p.operations)),
        expected(expected_costs(p)),
        search(form, p.operations, *p.executor,
               {&p.data.train, p.splits.search_train, p.splits.search_validation},
               penalties(p.configuration.limits), p.configuration.gradient, p.stream("search")) {}

  template <class Parts>
  static std::vector<std::unique_ptr<ExpectedCost>> expected_costs(Parts& p) {
    std::vector<std::unique_ptr<ExpectedCost>> costs;
    for (const auto& limit : p.configuration.limits)
      costs.push_back(std::make_unique<ExpectedCost>(p.open_target, p.operations,
                                                     *make_resource_model(limit.resource)));
    return costs;
  }

  std::vector<CostPenalty> penalties(const std::vector<Limit>& limits) const {
    std::vector<CostPenalty> all;
    for (std::size_t i = 0; i < limits.size(); ++i)
      all.push_back({limits[i].resource, limits[i].at_most, expected[i].get()});
    return all;
  }

  NetworkGraph form;
  std::vector<std::unique_ptr<ExpectedCost>> expected;
  GradientSearch search;
};

// Adds steps as they come, from the first one on; true when it has all.
bool record(FirstSteps& first, std::string_view kind, std::int64_t step, double loss) {
  const bool next = first.steps.empty() ? step == 0 : step - first.steps.back().number <= 1;
  if (next && step < FirstSteps::kCount) first.steps.push_back({std::string(kind), step, loss});
  return step + 1 >= FirstSteps::kCount && kind == "weights";
}

std::vector<std::pair<std::string, std::string>> environment_of(const Executor& executor) {
  auto all = environment();
  all.emplace_back("executor", executor.description());
  return all;
}

// The search proper: fills architecture, derivation. False when it was stopped.
template <class Parts>
bool gradient_search(Parts& p, RunJournal& journal, SearchResult& result) {
  const auto& c = p.configuration;
  Supernet supernet(p);
  GradientSearch& search = supernet.search;
  const NetworkGraph& search_form = supernet.form;
  FirstSteps first{{}, environment_of(*p.executor)};
  search.observe([&](std::string_view kind, std::int64_t step, double loss) {
    if (step < FirstSteps::kCount && record(first, kind, step, loss) && !first.steps.empty())
      journal.directory().write(RunDirectory::kFirstSteps, to_json(first));
  });
  SearchMonitor monitor(search_form.choices(), c.limits,
                        static_cast<std::int64_t>(p.data.train.classes.size()), c.early_stop);
  if (!run_epochs(search, monitor, *search_form.choices(), journal, result)) return false;
  const RankingParts parts{search_form, search.parameters(), p.training()};
  result.derivation = derive(p.problem, search.scores(), search.architecture_parameters().logits(),
                             c.derive, parts, p.stream("derive"), journal);
  if (!result.derivation) return false;
  result.architecture = result.derivation->architecture;
  return true;
}

template <class Parts>
bool search_architecture(Parts& p, RunJournal& journal, SearchResult& result, ArmResult& arm) {
  journal.begin("search time");
  if (p.configuration.strategy == "random") {
    const auto found = random_search(p.training(), p.problem, p.configuration.random,
                                     p.stream("search"), journal, "strategy random");
    if (!found) return false;
    result.architecture = found->architecture;
    arm.candidates = found->candidates;
  } else if (!gradient_search(p, journal, result)) {
    return false;
  }
  journal.end("search time");
  arm.search_seconds = result.search_seconds = journal.seconds("search time");
  return true;
}

template <class Parts>
bool random_control(Parts& p, const ArmParts& parts, const SearchResult& so_far, ArmResult& arm) {
  RandomSearchOptions options = p.configuration.random;
  if (options.seconds <= 0 && options.candidates == 0) options.seconds = so_far.search_seconds;
  const auto found = random_search(p.training(), p.problem, options, p.stream("random"),
                                   parts.journal, "control random");
  if (!found) return false;
  arm.architecture = found->architecture.to_json();
  arm.candidates = found->candidates;
  arm.search_seconds = found->seconds;
  const NetworkGraph network = p.space->network(found->architecture, p.target);
  return train_arm(network, parts, p.stream("retrain random"), {}, arm);
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
    decide("no hand-made network is small enough for the limits", parts.journal, result);
    return true;
  }
  return train_arm(*network, parts, p.stream("retrain hand_made"), {}, arm);
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

FirstSteps SearchRun::first_steps() {
  Parts& p = *parts_;
  if (p.configuration.strategy == "random")
    throw Error(ErrorKind::kUnsupported, "strategy random",
                "a random search has no steps that could be repeated one by one",
                "verify a run of a gradient search");
  Supernet supernet(p);
  FirstSteps first{{}, environment_of(*p.executor)};
  bool all = false;
  supernet.search.observe([&](std::string_view kind, std::int64_t step, double loss) {
    all = all || record(first, kind, step, loss);
  });
  SearchEpoch figures;
  while (!all && !supernet.search.finished())
    supernet.search.run_epoch(figures, [&] { return all; });
  return first;
}

const Selection& SearchRun::incumbent() const { return parts_->incumbent; }

std::optional<SearchResult> SearchRun::run(const RunDirectory& directory,
                                           const std::function<bool()>& stop) {
  Parts& p = *parts_;
  if (!directory.has(RunDirectory::kConfiguration))
    directory.write(RunDirectory::kConfiguration, p.configuration.to_yaml());
  RunJournal journal(directory, p.progress, stop, p.configuration.run.checkpoint_seconds);
  journal.load();
  check_data(journal, p.data);
  SearchResult result;
  result.limits = p.configuration.limits;
  result.data = p.data.train.name;
  if (journal.has(kDecisions))
    result.decisions =
        parse_json(journal.get(kDecisions), kDecisions).get<std::vector<std::string>>();
  else
    journal.put(kDecisions, Json(result.decisions = p.decisions).dump());
  ArmResult arm;
  arm.name = "search";
  if (!search_architecture(p, journal, result, arm)) return std::nullopt;
  arm.architecture = result.architecture.to_json();
  directory.write(RunDirectory::kArchitecture, arm.architecture);
  const ArmParts parts = p.arm_parts(journal);
  const auto write = [&](const TrainedNetwork& trained) {
    write_network(directory, trained, arm.architecture, p.data.train, p.operations);
  };
  if (!train_arm(p.space->network(result.architecture, p.target), parts, p.stream("retrain"), write,
                 arm))
    return std::nullopt;
  result.arms.push_back(std::move(arm));
  directory.write(RunDirectory::kResult, to_json(result, p.configuration));
  if (!run_controls(p, parts, result)) return std::nullopt;
  directory.write(RunDirectory::kResult, to_json(result, p.configuration));
  return result;
}

}  // namespace nasmyth
