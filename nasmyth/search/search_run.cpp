#include "nasmyth/search/search_run.h"

#include <algorithm>

#include "nasmyth/core/environment.h"
#include "nasmyth/core/json.h"
#include "nasmyth/search/hand_made.h"
#include "nasmyth/search/monitor.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/sampling_search.h"
#include "nasmyth/search/search_parts.h"
#include "nasmyth/search/time_plan.h"
#include "nasmyth/search/train_run.h"
#include "nasmyth/strategy/strategy.h"

namespace nasmyth {
namespace {

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

constexpr const char* kSearch = "search";
constexpr const char* kMonitor = "monitor";
constexpr const char* kFirst = "first steps";
constexpr const char* kDecisions = "decisions";

// A change of plan: for the result, the journal and the user.
void decide(std::string decision, RunJournal& journal, SearchResult& result) {
  if (decision.empty()) return;
  const auto& known = result.decisions;
  if (std::find(known.begin(), known.end(), decision) != known.end()) return;
  journal.progress().note(decision);
  result.decisions.push_back(std::move(decision));
  journal.put(kDecisions, json_line(Json(result.decisions)));
}

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

// A gradient search under way: what is told of it, and its place in the journal.
class WatchedSearch {
 public:
  WatchedSearch(SearchParts& p, GradientSearch& search, const ChoiceSetPtr& choices,
                RunJournal& journal, SearchResult& result)
      : parts_(p),
        search_(search),
        choices_(*choices),
        journal_(journal),
        result_(result),
        monitor_(choices, p.configuration.limits,
                 static_cast<std::int64_t>(p.data.train.classes.size()),
                 p.configuration.early_stop),
        first_{{}, environment_of(*p.executor)} {
    search.set_plan(journal.plan().hook(kSearch));
  }

  // All epochs that are left, with checkpoints; false when it was stopped.
  bool run() {
    const std::string where = journal_.directory().file(RunJournal::kFile).string();
    if (journal_.has(kSearch)) {
      search_.load_state(journal_.get(kSearch), where);
      monitor_.load(journal_.get(kMonitor), where);
      first_ = first_steps_from_json(journal_.get(kFirst), where);
    }
    ProgressPhase phase(journal_.progress(), "search",
                        search_.epochs_total() * search_.steps_per_epoch(), "steps");
    if (search_.epochs_done() > 0) phase.advance(search_.epochs_done() * search_.steps_per_epoch());
    search_.observe([&](std::string_view kind, std::int64_t step, double loss) {
      observe(kind, step, loss, phase);
    });
    while (!search_.finished()) {
      SearchEpoch figures;
      if (search_.run_epoch(figures, [&] { return journal_.pause(); })) finish_epoch(figures);
      if (!journal_.pause() && !search_.finished()) continue;
      journal_.put(kSearch, search_.save_state());
      journal_.put(kMonitor, monitor_.save());
      journal_.put(kFirst, to_json(first_));
      journal_.save();
      if (journal_.stopped()) return false;
    }
    return true;
  }

 private:
  void observe(std::string_view kind, std::int64_t step, double loss, ProgressPhase& phase) {
    if (step < FirstSteps::kCount && record(first_, kind, step, loss) && !first_.steps.empty())
      journal_.directory().write(RunDirectory::kFirstSteps, to_json(first_));
    if (kind != "weights") return;
    shown_.front().second = static_cast<double>(step / search_.steps_per_epoch() + 1);
    phase.advance(step + 1, shown_);
  }

  // After a whole epoch: figures, warnings, and the end of the search where a rule asks for it.
  void finish_epoch(const SearchEpoch& figures) {
    std::optional<Architecture> derived;
    if (monitor_.watches_skips())
      derived = parts_.open_target.canonical(parts_.problem.select(search_.scores()).architecture);
    const MonitorFigures watched = monitor_.observe(
        figures, search_.epochs_total(), search_.architecture_parameters().probabilities(),
        derived ? &*derived : nullptr);
    write(figures, watched);
    for (auto& decision : search_.take_decisions()) decide(std::move(decision), journal_, result_);
    for (const auto& warning : watched.warnings) decide("warning: " + warning, journal_, result_);
    if (watched.stop.empty() || search_.finished()) return;
    decide("the search ends after epoch " + std::to_string(figures.epoch) + " of " +
               std::to_string(search_.epochs_total()) + ": " + watched.stop,
           journal_, result_);
    search_.end_here();
  }

  void write(const SearchEpoch& figures, const MonitorFigures& watched) {
    const RunDirectory& directory = journal_.directory();
    directory.write(RunDirectory::kLogits,
                    logits_to_json(choices_, search_.architecture_parameters().logits()));
    Json line = epoch_json(figures);
    line["skip_share"] = watched.skip_share;
    line["changed_leaders"] = watched.changed_leaders;
    line["probabilities"] = rounded(search_.architecture_parameters().probabilities(), 4);
    if (!watched.warnings.empty()) line["warnings"] = watched.warnings;
    directory.append_metrics(json_line(line));
    shown_ = {{"epoch", 0},
              {"loss", figures.train_loss},
              {"train", figures.train_accuracy},
              {"validation", figures.validation_accuracy},
              {"entropy", figures.entropy},
              {"skips", watched.skip_share},
              {"changed", static_cast<double>(watched.changed_leaders)}};
    for (const auto& [resource, cost] : figures.expected_costs)
      for (const auto& limit : result_.limits)
        if (limit.resource == resource)
          shown_.emplace_back(resource + "/limit", cost / limit.at_most);
  }

  SearchParts& parts_;
  GradientSearch& search_;
  const ChoiceSet& choices_;
  RunJournal& journal_;
  SearchResult& result_;
  SearchMonitor monitor_;
  FirstSteps first_;
  std::vector<std::pair<std::string, double>> shown_{{"epoch", 0}};  // of the last whole epoch
};

// The search proper: fills architecture, derivation. False when it was stopped.
bool gradient_search(SearchParts& p, RunJournal& journal, SearchResult& result) {
  Supernet supernet(p);
  GradientSearch& search = supernet.search;
  const NetworkGraph& search_form = supernet.form;
  if (!WatchedSearch(p, search, search_form.choices(), journal, result).run()) return false;
  const RankingParts parts{search_form, search.parameters(), p.training()};
  result.derivation = derive(p.problem, search.scores(), search.architecture_parameters().logits(),
                             p.configuration.derive, parts, p.stream("derive"), journal);
  if (!result.derivation) return false;
  result.architecture = result.derivation->architecture;
  return true;
}

bool search_architecture(SearchParts& p, RunJournal& journal, SearchResult& result,
                         ArmResult& arm) {
  journal.begin("search time");
  const auto& c = p.configuration;
  if (c.samples()) {
    const RandomStream random = p.stream("search");
    const auto strategy =
        strategies()
            .get(c.strategy)
            .make(c.strategy_options, {*p.space, p.problem, random.fork("draws")});
    const auto found = sampling_search(*strategy, p.training(), c.sampling, random, journal,
                                       "strategy " + c.strategy);
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

bool random_control(SearchParts& p, const ArmParts& parts, const SearchResult& so_far,
                    ArmResult& arm) {
  SamplingSearchOptions options = p.configuration.random;
  if (options.seconds <= 0 && options.candidates == 0)
    options.seconds = plan_random_control(p, parts.journal, so_far.search_seconds);
  const RandomStream random = p.stream("random");
  const auto strategy =
      strategies().get("random").make({}, {*p.space, p.problem, random.fork("draws")});
  const auto found =
      sampling_search(*strategy, p.training(), options, random, parts.journal, "control random");
  if (!found) return false;
  arm.architecture = found->architecture.to_json();
  arm.candidates = found->candidates;
  arm.search_seconds = found->seconds;
  const NetworkGraph network = p.space->network(found->architecture, p.target);
  return train_arm(network, parts, p.stream("retrain random"), {}, arm);
}

bool hand_made_control(SearchParts& p, const ArmParts& parts, SearchResult& result,
                       ArmResult& arm) {
  const auto network = hand_made_within(
      p.target, p.operations, comparable_limits(result.arms.front().costs, p.configuration.limits));
  if (!network) {
    decide("no hand-made network is small enough for the limits", parts.journal, result);
    return true;
  }
  return train_arm(*network, parts, p.stream("retrain hand_made"), {}, arm);
}

// Trains the controls and compares them with the first arm; false when it was stopped.
bool run_controls(SearchParts& p, const ArmParts& parts, SearchResult& result) {
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
    : parts_(std::make_unique<SearchParts>(std::move(configuration), progress)) {}
SearchRun::~SearchRun() = default;

PieceTimes SearchRun::time_pieces(double seconds) { return nasmyth::time_pieces(*parts_, seconds); }

FirstSteps SearchRun::first_steps(const RunDirectory& recorded) {
  SearchParts& p = *parts_;
  const PlanLog log(recorded);
  apply_plan(p.configuration, log);
  if (p.configuration.samples())
    throw Error(ErrorKind::kUnsupported, "strategy " + p.configuration.strategy,
                "a sampling strategy has no steps that could be repeated one by one",
                "verify a run of a gradient search, or the whole run with --whole");
  Supernet supernet(p);
  FirstSteps first{{}, environment_of(*p.executor)};
  bool all = false;
  supernet.search.observe([&](std::string_view kind, std::int64_t step, double loss) {
    all = all || record(first, kind, step, loss);
  });
  supernet.search.set_plan(log.replay(kSearch, [&] { return supernet.search.epochs_total(); }));
  SearchEpoch figures;
  while (!all && !supernet.search.finished())
    supernet.search.run_epoch(figures, [&] { return all; });
  return first;
}

const Selection& SearchRun::incumbent() const { return parts_->incumbent; }

const DatasetPair& SearchRun::data() const { return parts_->data; }

std::optional<SearchResult> SearchRun::run(const RunDirectory& directory,
                                           const std::function<bool()>& stop) {
  SearchParts& p = *parts_;
  write_configuration(directory, p.configuration);
  RunJournal journal(directory, p.progress, stop, p.configuration.run.checkpoint_seconds, p.begun);
  journal.load();
  check_data(journal, p.data);
  SearchResult result;
  result.limits = p.configuration.limits;
  result.data = p.data.train.name;
  if (journal.has(kDecisions))
    result.decisions =
        parse_json(journal.get(kDecisions), kDecisions).get<std::vector<std::string>>();
  else
    journal.put(kDecisions, json_line(Json(result.decisions = p.decisions)));
  decide(plan_search(p, journal), journal, result);
  ArmResult arm;
  arm.name = "search";
  if (!search_architecture(p, journal, result, arm)) return std::nullopt;
  arm.architecture = result.architecture.to_json();
  directory.write(RunDirectory::kArchitecture, arm.architecture);
  const NetworkGraph network = p.space->network(result.architecture, p.target);
  decide(plan_retraining(p, journal, network, all_costs(network, p.operations)), journal, result);
  const auto write = [&](const TrainedNetwork& trained) {
    write_network(directory, trained, arm.architecture, p.data.train, p.operations);
  };
  const ArmParts parts = p.arm_parts(journal);
  if (!train_arm(network, parts, p.stream("retrain"), write, arm)) return std::nullopt;
  result.arms.push_back(std::move(arm));
  write_result(directory, result, p.configuration, p.data.test);
  plan_controls(p, result.arms.front());
  if (!run_controls(p, p.arm_parts(journal), result)) return std::nullopt;
  write_result(directory, result, p.configuration, p.data.test);
  return result;
}

}  // namespace nasmyth
