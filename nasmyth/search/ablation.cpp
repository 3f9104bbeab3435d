#include "nasmyth/search/ablation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "nasmyth/core/file.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/data/corruption.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/derive.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/train_run.h"
#include "nasmyth/train/metric.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kEvaluationBatch = 500;

std::optional<OptionWeights> saved_logits(const RunDirectory& run, const SearchSpace& space) {
  if (!run.has(RunDirectory::kLogits)) return std::nullopt;
  return logits_from_json(*space.choices(), run.read(RunDirectory::kLogits),
                          run.file(RunDirectory::kLogits).string());
}

// Epochs and seconds of the run's own training, where its result is there.
struct OwnTraining {
  std::int64_t epochs = 0;
  double seconds = 0;
};

OwnTraining own_training(const RunDirectory& run) {
  if (!run.has(RunDirectory::kResult)) return {};
  const std::string where = run.file(RunDirectory::kResult).string();
  const Json json = parse_json(run.read(RunDirectory::kResult), where);
  const Json arm = json.contains("arms") && json["arms"].is_array() && !json["arms"].empty()
                       ? json["arms"][0]
                       : json;
  return {json_at<std::int64_t>(arm, "epochs", where),
          json_at<double>(arm, "retrain_seconds", where)};
}

std::vector<std::int64_t> all_of(const Dataset& data) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(data.count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// Lets many trainings look like one long phase.
class TotalProgress : public ProgressSink {
 public:
  explicit TotalProgress(ProgressSink& sink) : sink_(sink) {}
  void begin_training(std::int64_t number, std::int64_t steps_before) {
    number_ = number;
    before_ = steps_before;
  }
  void advance(std::int64_t done, Figures figures) override {
    std::vector<std::pair<std::string, double>> all{{"training", static_cast<double>(number_)}};
    all.insert(all.end(), figures.begin(), figures.end());
    sink_.advance(before_ + done, all);
  }
  void note(std::string_view message) override { sink_.note(message); }

 private:
  ProgressSink& sink_;
  std::int64_t number_ = 0, before_ = 0;
};

std::string to_record(const AblationTraining& t) {
  return json_line(Json{{"metrics", t.metrics},
                        {"loss", t.loss},
                        {"corrupted", t.corrupted},
                        {"diverged", t.diverged}});
}

AblationTraining from_record(std::string_view text, std::string_view where) {
  const Json json = parse_json(text, where);
  return {json_at<std::vector<std::pair<std::string, double>>>(json, "metrics", where),
          json_at<double>(json, "loss", where),
          json_at<std::vector<std::vector<double>>>(json, "corrupted", where),
          json_at<bool>(json, "diverged", where)};
}

// A network that says nothing: the objective of guessing, on all images.
AblationTraining guessing(std::size_t classes, std::size_t severities) {
  AblationTraining t;
  const double chance = 1.0 / static_cast<double>(classes);
  for (const auto& [name, entry] : metrics())
    t.metrics.emplace_back(name, entry.chance.value_or(chance));
  t.loss = std::log(static_cast<double>(classes));
  for (std::size_t i = 0; i < corruptions().names().size(); ++i)
    t.corrupted.emplace_back(severities, chance);
  t.diverged = true;
  return t;
}

double value_of(const AblationTraining& t, const std::string& objective) {
  for (const auto& [name, value] : t.metrics)
    if (name == objective) return value;
  throw Error(ErrorKind::kInternal, "ablate", "no metric '" + objective + "'");
}

void sum_up(AblationRow& row, const std::string& objective) {
  row.corrupted.assign(row.trainings.front().corrupted.size(), {});
  for (const auto& t : row.trainings) {
    row.objective.push_back(value_of(t, objective));
    for (std::size_t k = 0; k < t.corrupted.size(); ++k)
      row.corrupted[k].push_back(summarize(t.corrupted[k]).mean);
  }
}

}  // namespace

struct Ablation::Parts {
  Parts(AblationOptions o, ProgressSink& sink)
      : options(std::move(o)),
        progress(sink),
        run(RunDirectory::open(options.run)),
        configuration(load_configuration(run)),
        operations(builtin_operations()),
        space(configuration.build_space()),
        found(found_architecture(run, *space)),
        own(own_training(run)),
        data(load_data(configuration.run.data)),
        splits(configuration.make_splits(data.train)),
        target(form_of(data.train, FormRole::kTarget)),
        plan(plan_ablation(*space, target, operations, found, saved_logits(run, *space), options)) {
    if (options.epochs == 0)
      options.epochs = own.epochs > 0 ? own.epochs : configuration.retrain.epochs;
    if (options.device.empty()) options.device = configuration.run.device;
    recipe = with_epochs(configuration.retrain, options.epochs);
    executor = make_executor(configuration.run.executor, operations,
                             {options.device, configuration.run.threads});
    images = options.part == "test" ? all_of(data.test) : splits.selection;
    check_objective();
  }

  void check_objective() const { metrics().get(configuration.run.objective, "objective"); }

  const Dataset& part() const { return options.part == "test" ? data.test : data.train; }

  RandomStream stream(std::string_view name) const { return configuration.stream(name); }

  std::int64_t trainings() const {
    return options.seeds * (static_cast<std::int64_t>(plan.variants.size()) + 1);
  }

  // The worse images, made once for all networks: [corruption, severity].
  void make_worse_images() {
    for (const auto& name : corruptions().names())
      for (int severity : options.severities)
        worse.push_back(
            corrupted(part(), images, name, severity,
                      stream("corruption").fork(name).fork(static_cast<std::uint64_t>(severity))));
  }

  AblationTraining measure(Trainer& trainer) {
    const auto on = [&](const Dataset& set, std::span<const std::int64_t> indices) {
      return evaluate(trainer.graph(), trainer.network_parameters(), *executor, set, indices,
                      kEvaluationBatch);
    };
    AblationTraining t;
    const Evaluation clean = on(part(), images);
    t.metrics = all_metrics(clean, part(), images);
    t.loss = clean.loss;
    if (worse.empty()) make_worse_images();
    const std::size_t severities = options.severities.size();
    for (std::size_t i = 0; i < worse.size(); ++i) {
      const auto indices = all_of(worse[i]);
      if (i % severities == 0) t.corrupted.emplace_back();
      t.corrupted.back().push_back(
          metric(configuration.run.objective, on(worse[i], indices), worse[i], indices));
    }
    return t;
  }

  AblationOptions options;
  ProgressSink& progress;
  RunDirectory run;
  SearchConfiguration configuration;
  const OperationSet& operations;
  std::unique_ptr<SearchSpace> space;
  Architecture found;
  OwnTraining own;
  DatasetPair data;
  Splits splits;
  Form target;
  AblationPlan plan;
  RecipeOptions recipe;
  std::unique_ptr<Executor> executor;
  std::vector<std::int64_t> images;
  std::vector<Dataset> worse;
};

namespace {

// The journal belongs to this run as it was.
void check_run(RunJournal& journal, const RunDirectory& run) {
  const std::string now =
      content_hash(run.read(RunDirectory::kConfiguration) + run.read(RunDirectory::kArchitecture));
  if (journal.has("run") && journal.get("run") != now)
    throw Error(ErrorKind::kInvalidArgument, run.path().string(),
                "the run is not what it was when the ablation began",
                "restore it, or begin another ablation with --output");
  journal.put("run", now);
}

void write_epoch(const RunJournal& journal, const std::string& change, std::int64_t seed,
                 const EpochMetrics& metrics) {
  Json line{{"phase", "ablate"}, {"network", change}, {"seed", seed}};
  line.update(parse_json(to_json(metrics), "metrics"));
  journal.directory().append_metrics(json_line(line));
}

// Trains and measures the networks one after the other, each with all seeds.
template <class Parts>
class Trainings {
 public:
  Trainings(Parts& parts, RunJournal& journal, TotalProgress& progress, std::int64_t steps)
      : p_(parts), journal_(journal), progress_(progress), steps_(steps) {}

  // False when it was stopped.
  bool run(const NetworkGraph& network, const std::string& name, AblationRow& row) {
    for (std::int64_t seed = 0; seed < p_.options.seeds; ++seed) {
      progress_.begin_training(done_ + 1, done_ * steps_);
      const auto training = one(network, name, seed);
      if (!training) return false;
      row.trainings.push_back(*training);
      ++done_;
    }
    sum_up(row, p_.configuration.run.objective);
    const Summary s = summarize(row.objective);
    progress_.note(name + ": " + p_.configuration.run.objective + " " + to_string(s, 2, 100) +
                   " %");
    return true;
  }

 private:
  std::optional<AblationTraining> one(const NetworkGraph& network, const std::string& name,
                                      std::int64_t seed) {
    const std::string record = "trained " + std::to_string(seed) + " " + name;
    if (journal_.has(record)) return from_record(journal_.get(record), record);
    std::optional<AblationTraining> result;
    try {
      result = train(network, name, seed);
    } catch (const Error& e) {
      // The loss is no longer a number: a finding about this network, not the end of all.
      if (e.kind() != ErrorKind::kOutOfRange || !e.where().starts_with("train epoch")) throw;
      progress_.note(name + ", seed " + std::to_string(seed + 1) +
                     ": the training diverged; the network counts as guessing");
      journal_.erase(state_name(name, seed));
      result = guessing(p_.data.train.classes.size(), p_.options.severities.size());
    }
    if (!result) return std::nullopt;
    journal_.put(record, to_record(*result));
    if (journal_.pause()) journal_.save();
    return result;
  }

  std::optional<AblationTraining> train(const NetworkGraph& network, const std::string& name,
                                        std::int64_t seed) {
    Trainer trainer(network, p_.operations, *p_.executor, p_.data.train, p_.splits.retrain(),
                    p_.recipe, p_.stream("ablate").fork(static_cast<std::uint64_t>(seed)));
    if (!journal_.train(trainer, state_name(name, seed), [&](const Trainer& t) {
          write_epoch(journal_, name, seed + 1, t.metrics().back());
        }))
      return std::nullopt;
    return p_.measure(trainer);
  }

  static std::string state_name(const std::string& name, std::int64_t seed) {
    return "training " + std::to_string(seed) + " " + name;
  }

  Parts& p_;
  RunJournal& journal_;
  TotalProgress& progress_;
  std::int64_t steps_;
  std::int64_t done_ = 0;
};

template <class Parts>
AblationResult empty_result(const Parts& p) {
  AblationResult r;
  r.options = p.options;
  r.plan = p.plan;
  r.data = p.data.train.name;
  r.space = p.configuration.space;
  r.objective = p.configuration.run.objective;
  r.seed = p.configuration.run.seed;
  r.images = static_cast<std::int64_t>(p.images.size());
  r.classes = static_cast<std::int64_t>(p.data.train.classes.size());
  r.corruptions = corruptions().names();
  r.rows.resize(p.plan.variants.size());
  return r;
}

}  // namespace

Ablation::Ablation(AblationOptions options, ProgressSink& progress)
    : parts_(std::make_unique<Parts>(std::move(options), progress)) {}
Ablation::~Ablation() = default;

const AblationOptions& Ablation::options() const { return parts_->options; }
const AblationPlan& Ablation::plan() const { return parts_->plan; }

std::string Ablation::forecast() const {
  const Parts& p = *parts_;
  const auto plural = [](std::int64_t n, const char* word) {
    return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
  };
  std::string text = plural(static_cast<std::int64_t>(p.plan.variants.size()), "change") + " of " +
                     plural(p.plan.choices, "choice") + ", and the network as it is, " +
                     std::to_string(p.options.seeds) +
                     " seeds each: " + std::to_string(p.trainings()) + " trainings of " +
                     plural(p.options.epochs, "epoch");
  if (p.own.epochs > 0 && p.own.seconds > 0)
    text += ", about " +
            format_duration(p.own.seconds / static_cast<double>(p.own.epochs) *
                            static_cast<double>(p.options.epochs * p.trainings())) +
            " at the pace of the run's own training";
  return text;
}

std::optional<AblationResult> Ablation::run(const RunDirectory& directory,
                                            const std::function<bool()>& stop) {
  Parts& p = *parts_;
  if (!directory.has(RunDirectory::kConfiguration))
    directory.write(RunDirectory::kConfiguration,
                    ablation_configuration(p.options, directory.path()).to_yaml());
  TotalProgress total(p.progress);
  RunJournal journal(directory, total, stop, p.configuration.run.checkpoint_seconds);
  journal.load();
  check_run(journal, p.run);
  check_data(journal, p.data);
  const std::int64_t steps_per_epoch = std::max<std::int64_t>(
      static_cast<std::int64_t>(p.splits.retrain().size()) / p.recipe.batch_size, 1);
  const std::int64_t steps = p.options.epochs * steps_per_epoch;
  AblationResult result = empty_result(p);
  {
    ProgressPhase phase(p.progress, "ablate", steps * p.trainings(), "steps");
    Trainings<Parts> trainings(p, journal, total, steps);
    if (!trainings.run(p.plan.network, "unchanged", result.unchanged)) return std::nullopt;
    for (std::size_t i = 0; i < p.plan.variants.size(); ++i)
      if (!trainings.run(p.plan.variants[i].network, to_text(p.plan.variants[i]), result.rows[i]))
        return std::nullopt;
  }
  journal.save();
  compare_rows(result);
  directory.write(kResult, to_json(result));
  return result;
}

Configuration ablation_configuration(const AblationOptions& options,
                                     const std::filesystem::path& directory) {
  std::error_code ignored;
  AblationOptions stored = options;
  const auto run = std::filesystem::weakly_canonical(options.run, ignored);
  const auto here = std::filesystem::weakly_canonical(directory, ignored);
  // A run that is moved takes the ablation in it along.
  stored.run = here.parent_path() == run ? ".." : run.string();
  Configuration configuration;
  for (const auto& [key, value] : print_options(stored))
    configuration.set_value("ablation." + key, value, "resolved");
  return configuration;
}

AblationOptions read_ablation_configuration(const RunDirectory& directory) {
  const std::string file = directory.file(RunDirectory::kConfiguration).string();
  const Configuration configuration = Configuration::load(file);
  if (!configuration.has("ablation"))
    throw Error(ErrorKind::kInvalidArgument, directory.path().string(), "it is no ablation",
                "give the directory that `nasmyth ablate` wrote, such as " +
                    (directory.path() / "ablation").string());
  AblationOptions options =
      parse_options<AblationOptions>(configuration.section("ablation"), file + ": ablation");
  configuration.check_all_read();
  if (std::filesystem::path run = options.run; run.is_relative()) {
    run = (directory.path() / run).lexically_normal();
    options.run = (run.has_filename() ? run : run.parent_path()).string();
  }
  return options;
}

}  // namespace nasmyth
