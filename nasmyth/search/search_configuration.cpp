#include "nasmyth/search/search_configuration.h"

#include <algorithm>

#include "nasmyth/core/file.h"
#include "nasmyth/core/plugin.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/space/file/file_space.h"
#include "nasmyth/space/space_source.h"
#include "nasmyth/strategy/strategy.h"
#include "nasmyth/train/metric.h"

namespace nasmyth {
namespace {

// The options of an aggregate whose keys stand directly below `prefix`.
template <class T>
T read_options(const Configuration& configuration, const std::string& prefix) {
  if (!prefix.empty()) return parse_options<T>(configuration.section(prefix), prefix);
  OptionMap values;
  for (const auto& info : option_infos<T>())
    if (const auto value = configuration.get(info.name)) values[info.name] = *value;
  return parse_options<T>(values, "configuration");
}

// The section with the key `name` taken out of it.
OptionMap named_section(const Configuration& configuration, const std::string& prefix,
                        const std::string& key, std::string& name) {
  OptionMap section = configuration.section(prefix);
  if (const auto it = section.find(key); it != section.end()) {
    name = it->second;
    section.erase(it);
  }
  return section;
}

void check_controls(const std::vector<std::string>& controls) {
  const std::vector<std::string> known{"random", "hand_made"};
  for (const auto& name : controls)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw unknown_name("controls", "control", name, known);
}

// The content of the space file and its parameters, the recorded hash taken out of them.
std::string take_space_content(const std::string& space, OptionMap& options,
                               const std::optional<std::string>& content) {
  if (!is_space_file(space)) return {};
  std::string hash;
  if (const auto it = options.find("hash"); it != options.end()) {
    hash = it->second;
    options.erase(it);
  }
  if (!content) return read_space_file(space, hash, "space.name");
  if (hash != content_hash(*content))
    throw Error(ErrorKind::kInvalidArgument, "space.hash",
                "the run's copy of its space file is not the one with which it began",
                "restore space.yaml in the run's directory");
  return *content;
}

void check_prior(const SearchConfiguration& c, const SearchSpace& space) {
  prior_logits(c.choices, *space.choices());
  if (!c.choices.prior.empty() && strategies().get(c.strategy).make)
    throw Error(ErrorKind::kUnsupported, "choices.prior",
                "the strategy " + c.strategy + " has no logits that a prior could act on",
                "use a gradient search, or choices.pin and choices.forbid");
}

class YamlText {
 public:
  void section(const std::string& name) { prefix_ = name.empty() ? "" : name + "."; }
  void put(const std::string& key, const std::string& value) {
    configuration_.set_value(prefix_ + key, value, "resolved");
  }
  void put(const OptionMap& values) {
    for (const auto& [key, value] : values) put(key, value);
  }
  std::string text() const { return configuration_.to_yaml(); }

 private:
  Configuration configuration_;
  std::string prefix_;
};

}  // namespace

void describe(OptionFields<RunOptions>& f) {
  f.add("data", &RunOptions::data, {"data set (see `nasmyth list data_sources`)"})
      .add("seed", &RunOptions::seed, {"of all random numbers of the run", "", 0, 1e15})
      .add("objective", &RunOptions::objective,
           {"what networks are ranked by: a metric (see `nasmyth list metrics`)",
            "",
            {},
            {},
            metrics().names()})
      .add("executor", &RunOptions::executor, {"what runs the networks"})
      .add("device", &RunOptions::device, {"cpu or cuda[:n]"})
      .add("threads", &RunOptions::threads,
           {"of the executor, 0 for all cores", "threads", 0, 4096})
      .add("checkpoint_seconds", &RunOptions::checkpoint_seconds,
           {"between two checkpoints of a run", "s", 0, 1e6})
      .add("time_limit", &RunOptions::time_limit,
           {"of the whole run, controls included, to which its schedule is fitted: 90s, 5m, 1h30m, "
            "or none"})
      .add("controls", &RunOptions::controls,
           {"what the result is compared with: random (random search of the same time), hand_made "
            "(a plain network of the same size)"})
      .add("plugins", &RunOptions::plugins,
           {"libraries that add operations, spaces, strategies, objectives ..."});
}

void describe(OptionFields<SplitOptions>& f) {
  f.add("search_validation", &SplitOptions::search_validation,
        {"part of the training data for architecture steps", "", 0.01, 0.9})
      .add("selection", &SplitOptions::selection,
           {"part of the training data held out of search and retraining", "", 0.01, 0.9});
}

void describe(OptionFields<DeriveOptions>& f) {
  f.add("candidates", &DeriveOptions::candidates,
        {"architectures near the best that are ranked with the supernet's weights", "architectures",
         1, 10000})
      .add(
          "draws", &DeriveOptions::draws,
          {"draws for each candidate; those that use most of the limits are kept", "draws", 1, 1e4})
      .add("images", &DeriveOptions::images,
           {"of search-validation that rank a candidate", "images", 1, 1e9})
      .add("recalibration_batches", &DeriveOptions::recalibration_batches,
           {"that renew a candidate's batch-norm statistics", "batches", 1, 10000})
      .add("finalists", &DeriveOptions::finalists,
           {"best candidates that are trained shortly from the start to choose among them, 1 for "
            "none",
            "architectures", 1, 1000})
      .add("finalist_epochs", &DeriveOptions::finalist_epochs,
           {"training of a finalist", "epochs", 1, 10000});
}

namespace {

// The section of a sampling strategy: its budget, and options of its own.
void read_sampling(const OptionMap& section, const StrategyEntry& entry, SearchConfiguration& c) {
  OptionMap budget = print_options(c.random);
  const auto own = entry.options ? entry.options() : std::vector<OptionInfo>{};
  std::vector<OptionInfo> all = option_infos<SamplingSearchOptions>();
  all.insert(all.end(), own.begin(), own.end());
  check_option_names(section, all, "search");
  for (const auto& [key, value] : section)
    (budget.contains(key) ? budget : c.strategy_options)[key] = value;
  c.sampling = parse_options<SamplingSearchOptions>(budget, "search");
  if (c.sampling.candidates == 0 && c.sampling.seconds <= 0)
    throw Error(ErrorKind::kOutOfRange, "search",
                c.strategy + " search needs a number of candidates or a time budget",
                "set search.candidates or search.seconds");
}

}  // namespace

namespace {

// The quoted name of "unknown option 'name'".
std::string unknown_word(const std::string& fault) {
  if (!fault.starts_with("unknown ")) return {};
  const auto begin = fault.find('\'');
  const auto end = fault.find('\'', begin + 1);
  return end == std::string::npos ? "" : fault.substr(begin + 1, end - begin - 1);
}

// The key that a place of an error stands for: "space compact.layers[0]" is space.layers.
std::string key_of(std::string place) {
  if (place.starts_with("configuration.")) place.erase(0, place.find('.') + 1);
  if (place.starts_with("space ")) {
    const auto dot = place.find('.');
    place = "space" + (dot == std::string::npos ? "" : place.substr(dot));
  }
  return place.substr(0, place.find('['));
}

// The same error at the place where the user wrote the value: "--seed", "run.yaml:3:5
// search.epochs".
Error at_origin(const Error& e, const Configuration& configuration) {
  std::string key = key_of(e.where());
  if (const std::string word = unknown_word(e.fault());
      configuration.origin(key).empty() && !word.empty())
    key += "." + word;
  std::string origin = configuration.origin(key);
  if (origin.empty()) return e;
  if (origin == "--max")
    origin += " " + key.substr(key.find('.') + 1);
  else if (!origin.starts_with("--"))
    origin += " " + key;
  return e.at(origin);
}

}  // namespace

SearchConfiguration SearchConfiguration::read(const Configuration& configuration,
                                              const std::optional<std::string>& space_content) {
  try {
    return read_values(configuration, space_content);
  } catch (const Error& e) {
    throw at_origin(e, configuration);
  }
}

SearchConfiguration SearchConfiguration::read_values(
    const Configuration& configuration, const std::optional<std::string>& space_content) {
  SearchConfiguration c;
  if (const auto plugins = configuration.get("plugins"))
    for (const auto& plugin : parse_list(*plugins, "plugins")) request_plugin(plugin);
  c.run = read_options<RunOptions>(configuration, "");
  c.run.plugins = requested_plugins();
  check_controls(c.run.controls);
  if (c.run.time_limit != "none") c.time_limit = parse_duration(c.run.time_limit, "time_limit");
  executors().get(c.run.executor, "executor");
  c.splits = read_options<SplitOptions>(configuration, "splits");
  if (c.splits.search_validation + c.splits.selection > 0.95)
    throw Error(ErrorKind::kOutOfRange, "splits",
                "search_validation and selection leave nothing to train on",
                "let them sum to at most 0.95");
  c.early_stop = read_options<EarlyStopOptions>(configuration, "early_stop");
  c.derive = read_options<DeriveOptions>(configuration, "derive");
  if (c.derive.finalists > c.derive.candidates)
    throw Error(ErrorKind::kOutOfRange, "derive.finalists",
                "there are more finalists than candidates; got " +
                    std::to_string(c.derive.finalists) + " of " +
                    std::to_string(c.derive.candidates),
                "raise derive.candidates");
  c.space_options = named_section(configuration, "space", "name", c.space);
  c.space_content = take_space_content(c.space, c.space_options, space_content);
  c.choices = ChoiceRules::read(configuration);
  const auto space = c.build_space();
  c.limit_texts = configuration.section("limits");
  c.limits = parse_limits(c.limit_texts, "limits");
  c.random = read_options<SamplingSearchOptions>(configuration, "random");
  const OptionMap search = named_section(configuration, "search", "strategy", c.strategy);
  if (const auto& entry = strategies().get(c.strategy, "search.strategy"); entry.make)
    read_sampling(search, entry, c);
  else
    c.gradient = make_gradient_search(c.strategy, search, "search");
  check_prior(c, *space);
  const OptionMap retrain = named_section(configuration, "retrain", "recipe", c.recipe);
  c.retrain = make_recipe(c.recipe, retrain, "retrain");
  configuration.check_all_read();
  return c;
}

std::unique_ptr<SearchSpace> SearchConfiguration::build_space() const {
  std::unique_ptr<SearchSpace> whole;
  if (is_space_file(space))
    whole = std::make_unique<FileSpace>(space_content, space_file_path(space), space_options);
  else
    whole = make_space(space, space_options);
  return restrict_space(std::move(whole), choices);
}

RandomStream SearchConfiguration::stream(std::string_view name) const {
  return RandomStream(static_cast<std::uint64_t>(run.seed)).fork(name);
}

Splits SearchConfiguration::make_splits(const Dataset& train) const {
  return nasmyth::make_splits(train, splits.search_validation, splits.selection,
                              static_cast<std::uint64_t>(run.seed));
}

std::string SearchConfiguration::choices_note() const {
  if (choices.pin.empty() && choices.forbid.empty()) return {};
  SearchConfiguration free = *this;
  free.choices = {};
  const auto whole = free.build_space();
  const auto fewer = restriction_of(choices, *whole->choices()).size();
  return "choices.pin and choices.forbid leave fewer options in " + std::to_string(fewer) + " of " +
         std::to_string(whole->choices()->size()) + " choices";
}

std::string SearchConfiguration::to_yaml() const {
  YamlText yaml;
  yaml.put(print_options(run));
  yaml.section("space");
  yaml.put("name", space);
  yaml.put(space_options);
  if (is_space_file(space)) yaml.put("hash", content_hash(space_content));
  yaml.section("choices.pin");
  yaml.put(choices.pin);
  yaml.section("choices.forbid");
  yaml.put(choices.forbid);
  yaml.section("choices.prior");
  yaml.put(choices.prior);
  yaml.section("limits");
  yaml.put(limit_texts);
  yaml.section("search");
  yaml.put("strategy", strategy);
  yaml.put(samples() ? print_options(sampling) : print_options(gradient));
  yaml.put(strategy_options);
  yaml.section("early_stop");
  yaml.put(print_options(early_stop));
  yaml.section("derive");
  yaml.put(print_options(derive));
  yaml.section("random");
  yaml.put(print_options(random));
  yaml.section("retrain");
  yaml.put("recipe", recipe);
  yaml.put(print_options(retrain));
  yaml.section("splits");
  yaml.put(print_options(splits));
  return yaml.text();
}

bool SearchConfiguration::samples() const { return strategies().get(strategy).make != nullptr; }

}  // namespace nasmyth
