#include "nasmyth/report/run_record.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "nasmyth/core/configuration.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/text.h"
#include "nasmyth/search/predict.h"
#include "nasmyth/supernet/architecture_parameters.h"

namespace nasmyth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : json_line(value, BadText::kReplace);
}

double number_of(const Json& object, const char* key, double fallback) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number() ? it->get<double>() : fallback;
}

std::string text_at(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? std::string() : text_of(*it);
}

NamedTexts texts_of(const Json& object) {
  NamedTexts texts;
  if (object.is_object())
    for (const auto& [key, value] : object.items()) texts.emplace_back(key, text_of(value));
  return texts;
}

NamedNumbers numbers_of(const Json& object) {
  NamedNumbers numbers;
  if (object.is_object())
    for (const auto& [key, value] : object.items())
      if (value.is_number()) numbers.emplace_back(key, value.get<double>());
  return numbers;
}

std::int64_t whole(const Json& object, const char* key) {
  const double value = number_of(object, key, 0);
  return value > -9e15 && value < 9e15 ? static_cast<std::int64_t>(value) : 0;
}

double find(const NamedNumbers& numbers, std::string_view name) {
  for (const auto& [key, value] : numbers)
    if (key == name) return value;
  return kNaN;
}

// Reads the files of a run one by one; what fails becomes a fault, and the rest goes on.
class Reader {
 public:
  explicit Reader(const RunDirectory& directory) : directory_(directory) {
    record_.path = directory.path().string();
    const auto whole_path = (std::filesystem::absolute(directory.path()) / "").parent_path();
    record_.name = whole_path.filename().string();
  }

  RunRecord read() {
    attempt(RunDirectory::kConfiguration, [&](const std::string& text) { configuration(text); });
    attempt(RunDirectory::kMetrics, [&](const std::string& text) { metrics(text); });
    attempt(RunDirectory::kResult, [&](const std::string& text) { result(parse(text)); });
    attempt(RunDirectory::kPredictions, [&](const std::string& text) { predictions(parse(text)); });
    attempt(RunDirectory::kLogits, [&](const std::string& text) { choices(parse(text)); });
    attempt(RunDirectory::kArchitecture, [&](const std::string& text) {
      const Json json = parse(text);
      record_.architecture =
          json.is_object() ? texts_of(json) : NamedTexts{{"architecture", text_of(json)}};
    });
    attempt(RunDirectory::kGraph, [&](const std::string& text) {
      record_.graph = NetworkGraph::from_json(text, where_);
    });
    attempt(RunDirectory::kData, [&](const std::string& text) {
      record_.classes = network_data_from_json(text, where_).classes;
    });
    attempt(RunDirectory::kFirstSteps, [&](const std::string& text) {
      const Json json = parse(text);
      if (json.contains("environment")) record_.environment = texts_of(json["environment"]);
    });
    attempt(RunDirectory::kDecisions, [&](const std::string& text) { plan(text); });
    check();
    return std::move(record_);
  }

 private:
  template <class Use>
  void attempt(std::string_view name, const Use& use) {
    if (!directory_.has(name)) return;
    where_ = directory_.file(name).string();
    try {
      use(directory_.read(name));
    } catch (const Error& e) {
      record_.faults.emplace_back(e.what());
    } catch (const nlohmann::json::exception& e) {
      record_.faults.push_back("[" + where_ + "] " + e.what());
    }
  }

  Json parse(const std::string& text) const {
    Json json = parse_json(text, where_);
    return json;
  }

  void configuration(const std::string& text) {
    record_.yaml = text;
    const Configuration c = Configuration::parse(text, where_);
    for (const auto& key : c.keys()) record_.settings.emplace_back(key, *c.get(key));
    record_.data = record_.setting("data");
    record_.space = record_.setting("space.name");
    record_.strategy = record_.setting("search.strategy");
    record_.objective = record_.setting("objective");
    record_.seed = record_.setting("seed");
    record_.limits = parse_limits(c.section("limits"), "limits");
  }

  // The last line of a run that is under way, or was killed, may be cut off.
  template <class Use>
  void lines(const std::string& text, const Use& use) {
    std::size_t begin = 0;
    for (std::size_t number = 1; begin < text.size(); ++number) {
      const std::size_t end = text.find('\n', begin);
      if (end == std::string::npos) return;
      const std::string line = text.substr(begin, end - begin);
      begin = end + 1;
      if (trim(line).empty()) continue;
      const Json json = parse_json(line, where_ + ":" + std::to_string(number));
      if (json.is_object()) use(json, line);
    }
  }

  void metrics(const std::string& text) {
    lines(text, [&](const Json& json, const std::string& line) {
      const std::string phase = text_at(json, "phase");
      if (phase == "search") return record_.search.push_back(search_epoch(json));
      if (phase != "retrain") return;
      const std::string arm = text_at(json, "arm");
      if (!record_.training(arm)) record_.trainings.push_back({arm, {}});
      for (auto& training : record_.trainings)
        if (training.arm == arm) training.epochs.push_back(epoch_metrics_from_json(line, where_));
    });
  }

  static SearchEpochRecord search_epoch(const Json& json) {
    SearchEpochRecord e;
    e.figures.epoch = whole(json, "epoch");
    e.figures.seconds = number_of(json, "seconds", 0);
    e.figures.train_loss = number_of(json, "train_loss", kNaN);
    e.figures.train_accuracy = number_of(json, "train_accuracy", kNaN);
    e.figures.validation_loss = number_of(json, "validation_loss", kNaN);
    e.figures.validation_accuracy = number_of(json, "validation_accuracy", kNaN);
    // Epochs of warm-up have no architecture steps: 0 stands for "not measured".
    if (e.figures.validation_loss == 0)
      e.figures.validation_loss = e.figures.validation_accuracy = kNaN;
    e.figures.entropy = number_of(json, "entropy", kNaN);
    e.figures.temperature = number_of(json, "temperature", kNaN);
    e.figures.learning_rate = number_of(json, "learning_rate", kNaN);
    for (const auto& [key, value] : json.items())
      if (key.starts_with("expected_") && value.is_number())
        e.figures.expected_costs.emplace_back(key.substr(9), value.get<double>());
    e.skip_share = number_of(json, "skip_share", kNaN);
    e.changed_leaders = whole(json, "changed_leaders");
    if (json.contains("warnings")) e.warnings = json["warnings"].get<std::vector<std::string>>();
    if (json.contains("probabilities"))
      e.probabilities = json["probabilities"].get<OptionWeights>();
    return e;
  }

  void result(const Json& json) {
    const auto replace = [&](std::string& member, const char* key) {
      if (json.contains(key)) member = text_at(json, key);
    };
    replace(record_.version, "version");
    replace(record_.data, "data");
    replace(record_.space, "space");
    replace(record_.strategy, "strategy");
    replace(record_.seed, "seed");
    if (!json.contains("arms")) {  // the run of `train`
      record_.arms.push_back(arm(json));
      record_.strategy.clear();
      return;
    }
    for (const auto& one : json["arms"]) record_.arms.push_back(arm(one));
    for (const auto& one : json.value("comparisons", Json::array()))
      record_.comparisons.push_back({text_at(one, "control"), text_at(one, "result"),
                                     number_of(one, "p_value", 1), whole(one, "only_search_right"),
                                     whole(one, "only_control_right")});
    if (json.contains("decisions"))
      record_.decisions = json["decisions"].get<std::vector<std::string>>();
    if (json.contains("derivation")) derivation(json["derivation"]);
    if (json.contains("executor")) record_.executor = texts_of(json["executor"]);
  }

  static ArmRecord arm(const Json& json) {
    ArmRecord a;
    a.name = text_at(json, "name");
    if (json.contains("costs")) a.costs = numbers_of(json["costs"]);
    for (const auto& [key, value] : json.items())
      if (key.starts_with("test_") && key != "test_loss" && value.is_number())
        a.test_metrics.emplace_back(key.substr(5), value.get<double>());
    a.test_loss = number_of(json, "test_loss", kNaN);
    a.selection_accuracy = number_of(json, "selection_accuracy", kNaN);
    a.epochs = whole(json, "epochs");
    a.candidates = whole(json, "candidates");
    a.search_seconds = number_of(json, "search_seconds", 0);
    a.retrain_seconds = number_of(json, "retrain_seconds", 0);
    if (json.contains("confusion"))
      a.confusion = json["confusion"].get<std::vector<std::int64_t>>();
    return a;
  }

  void derivation(const Json& json) {
    DerivationRecord d;
    d.score = number_of(json, "score", kNaN);
    d.upper_bound = number_of(json, "upper_bound", kNaN);
    d.gap = number_of(json, "gap", kNaN);
    d.proven = json.value("proven", false);
    for (const auto& one : json.value("candidates", Json::array()))
      d.candidates.push_back({number_of(one, "score", kNaN), number_of(one, "validation", -1),
                              number_of(one, "short_training", -1), text_at(one, "architecture")});
    record_.derivation = std::move(d);
  }

  void predictions(const Json& json) {
    record_.labels = json_at<std::vector<std::int64_t>>(json, "labels", where_);
    for (auto& arm : record_.arms)
      if (json.contains("arms") && json["arms"].contains(arm.name))
        arm.predictions = json["arms"][arm.name].get<std::vector<int>>();
  }

  void choices(const Json& json) {
    if (!json.is_object()) return;
    for (const auto& [name, options] : json.items()) {
      ChoiceRecord choice;
      choice.name = name;
      std::vector<double> logits;
      for (const auto& [label, logit] : numbers_of(options)) {
        choice.labels.push_back(label);
        logits.push_back(logit);
      }
      if (logits.empty()) continue;
      choice.probabilities = softmax(logits);
      record_.choices.push_back(std::move(choice));
    }
  }

  void plan(const std::string& text) {
    lines(text, [&](const Json& json, const std::string&) {
      NamedNumbers numbers;
      std::string name;
      for (const auto& [key, value] : json.items()) {
        if (value.is_string() && name.empty()) name = value.get<std::string>();
        if (value.is_number()) numbers.emplace_back(key, value.get<double>());
        if (value.is_object())
          for (auto& number : numbers_of(value)) numbers.push_back(std::move(number));
      }
      record_.plan.emplace_back(name, std::move(numbers));
    });
  }

  // What the files say together: a report never reads past the end of one by the other.
  void check() {
    const std::size_t n = record_.classes.size();
    for (auto& arm : record_.arms) {
      if (!arm.confusion.empty() && n > 0 && arm.confusion.size() != n * n) {
        record_.faults.push_back("the confusion matrix of '" + arm.name + "' does not fit the " +
                                 std::to_string(n) + " classes");
        arm.confusion.clear();
      }
      if (arm.predictions.size() != record_.labels.size()) arm.predictions.clear();
    }
    bool fit = true;
    for (const auto& epoch : record_.search) {
      if (epoch.probabilities.empty()) continue;
      fit = fit && epoch.probabilities.size() == record_.choices.size();
      for (std::size_t c = 0; fit && c < record_.choices.size(); ++c)
        fit = epoch.probabilities[c].size() == record_.choices[c].labels.size();
    }
    if (fit) return;
    record_.faults.emplace_back("the choice probabilities of metrics.jsonl do not fit " +
                                std::string(RunDirectory::kLogits));
    for (auto& epoch : record_.search) epoch.probabilities.clear();
  }

  const RunDirectory& directory_;
  RunRecord record_;
  std::string where_;
};

}  // namespace

double ArmRecord::metric(std::string_view name) const { return find(test_metrics, name); }

double ArmRecord::cost(std::string_view resource) const { return find(costs, resource); }

std::int64_t ArmRecord::test_images() const {
  return std::accumulate(confusion.begin(), confusion.end(), std::int64_t{0});
}

bool RunRecord::finished() const {
  if (arms.empty()) return false;
  const std::string controls = strategy.empty() ? "" : setting("controls");
  for (const char* control : {"random", "hand_made"}) {
    const bool wanted = controls.find(control) != std::string::npos;
    const bool there = std::any_of(arms.begin(), arms.end(),
                                   [&](const ArmRecord& arm) { return arm.name == control; });
    const bool impossible =
        std::any_of(decisions.begin(), decisions.end(),
                    [](const std::string& d) { return d.starts_with("no hand-made network"); });
    if (wanted && !there && !(impossible && std::string_view(control) == "hand_made")) return false;
  }
  return true;
}

std::string RunRecord::setting(std::string_view key) const {
  for (const auto& [name, value] : settings)
    if (name == key) return value;
  return {};
}

const TrainingRecord* RunRecord::training(std::string_view arm) const {
  for (const auto& training : trainings)
    if (training.arm == arm) return &training;
  return nullptr;
}

RunRecord read_run(const RunDirectory& directory) { return Reader(directory).read(); }

}  // namespace nasmyth
