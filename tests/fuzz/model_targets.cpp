// Models, weights and the states of runs.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <numeric>
#include <optional>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/progress.h"
#include "nasmyth/core/state_bytes.h"
#include "nasmyth/onnx/from_graph.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/monitor.h"
#include "nasmyth/search/plan_log.h"
#include "nasmyth/search/run_journal.h"
#include "nasmyth/space/search_space.h"
#include "nasmyth/strategy/gradient_search.h"
#include "nasmyth/train/trainer.h"
#include "tests/fuzz/target_support.h"
#include "tests/fuzz/targets.h"

namespace nasmyth::test {
namespace {

// Prepares steps that never run: states can be saved and loaded without them.
class IdleExecutor : public Executor {
 public:
  std::unique_ptr<Step> prepare(const NetworkGraph& graph, const StepSpec&) override {
    return std::make_unique<IdleStep>(graph);
  }
  std::string description() const override { return "idle"; }

 private:
  class IdleStep : public Step {
   public:
    explicit IdleStep(const NetworkGraph& graph)
        : sites_(find_sites(expand(graph, builtin_operations()))) {}
    StepResult run(const Batch&, const ChoiceWeights&, State, const Scalars&,
                   RandomStream) override {
      throw Error(ErrorKind::kUnsupported, "idle", "it runs nothing");
    }
    const std::vector<Site>& sites() const override { return sites_; }
    void keep_gradients(bool) override {}

   private:
    std::vector<Site> sites_;
  };
};

Dataset small_data() {
  Dataset data;
  data.name = "small";
  data.count = 16;
  data.channels = 1;
  data.height = data.width = 8;
  data.pixels.assign(16 * 64, 7);
  for (std::int64_t i = 0; i < 16; ++i) data.labels.push_back(i % 2);
  data.classes = {"a", "b"};
  data.mean = {0};
  data.deviation = {1};
  return data;
}

std::unique_ptr<SearchSpace> small_space() {
  return make_space("compact", {{"layers", "1"},
                                {"widths", "[4:8]"},
                                {"strides", "[1]"},
                                {"stem", "4"},
                                {"operations", "[mbconv, depthwise_separable]"}});
}

// All that can load a state, made once: a state that is refused leaves it as it was, and one that
// is accepted is as good as another.
struct Loaders {
  Loaders() {
    const auto space = small_space();
    RandomStream random(1);
    search_form = *space->graph({FormRole::kSearch, {1, 8, 8}, 2});
    closed = space->network(random_architecture(space->choices(), random),
                            {FormRole::kTarget, {1, 8, 8}, 2});
    std::vector<std::int64_t> all(16);
    std::iota(all.begin(), all.end(), 0);
    RecipeOptions recipe;
    recipe.batch_size = 4;
    trainer.emplace(closed, builtin_operations(), executor, data, all, recipe, RandomStream(1));
    search.emplace(search_form, builtin_operations(), executor, SearchData{&data, all, all},
                   std::vector<CostPenalty>{},
                   make_gradient_search("sampled", {{"batch_size", "4"}}, "search"),
                   RandomStream(1));
    monitor.emplace(search_form.choices(), std::vector<Limit>{}, 2, EarlyStopOptions{});
    cycling.emplace(data, all, 4, AugmentationOptions{}, RandomStream(1));
    architecture.emplace(search_form.choices(), 1e-3, RandomStream(1));
    directory.emplace(RunDirectory::create(scratch_folder() / "run"));
    directory->write(RunDirectory::kConfiguration, "seed: 1\n");
  }

  Dataset data = small_data();
  IdleExecutor executor;
  NetworkGraph search_form, closed;
  std::optional<Trainer> trainer;
  std::optional<GradientSearch> search;
  std::optional<SearchMonitor> monitor;
  std::optional<CyclingLoader> cycling;
  std::optional<ArchitectureParameters> architecture;
  std::optional<RunDirectory> directory;
  ProgressSink sink;
};

Loaders& loaders() {
  static Loaders& all = *new Loaders;
  return all;
}

void put_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A state ends with a hash of what comes before it, which a mutation would always break.
std::string with_checksum(std::string_view body, int shift = 0) {
  std::string bytes(body);
  const std::uint64_t sum = hash64(bytes) >> shift;
  return bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
}
std::string_view without_checksum(std::string_view bytes) {
  return bytes.substr(0, bytes.size() - std::min<std::size_t>(8, bytes.size()));
}

enum StateKind {
  kJournal,
  kTrainer,
  kSearch,
  kMonitor,
  kPosition,
  kParameters,
  kOptimizer,
  kArchitectureParameters,
  kPlanLog,
  kStates
};

std::string seed(StateKind kind, std::string_view bytes) {
  std::string text{static_cast<char>(kind)};
  return text += without_checksum(bytes);
}

void load_journal(const std::string& bytes) {
  Loaders& l = loaders();
  put_file(l.directory->file(RunJournal::kFile), bytes);
  put_file(l.directory->file(RunDirectory::kMetrics), "{}\n");
  RunJournal journal(*l.directory, l.sink, {}, 1e9);
  journal.load();
}

}  // namespace

void run_onnx(std::span<const std::byte> input) {
  OnnxModel model;
  if (!accepts([&] { model = read_onnx(as_text(input), "fuzz.onnx"); })) return;
  const std::string bytes = write_onnx(model);
  require(write_onnx(read_onnx(bytes, "again.onnx")) == bytes, "a model reads back from its bytes");
}

std::vector<std::string> onnx_seeds() {
  std::vector<std::string> seeds;
  for (const char* name : {"compact", "nasbench201"}) {
    const auto space = std::string_view(name) == "compact"
                           ? small_space()
                           : make_space(name, {{"cells", "1"}, {"channels", "2"}});
    RandomStream random(1);
    const NetworkGraph graph = space->network(random_architecture(space->choices(), random),
                                              {FormRole::kTarget, {1, 8, 8}, 2});
    ParameterStore parameters(expand(graph, builtin_operations()), builtin_operations(),
                              ElementType::kFloat32);
    parameters.initialize(RandomStream(1));
    OnnxDescription description;
    description.preprocessing = {1, {0.5}, {2}};
    description.classes = {"a", "b"};
    seeds.push_back(
        write_onnx(onnx_from_graph(graph, parameters, builtin_operations(), description)));
  }
  return seeds;
}

void run_checkpoint(std::span<const std::byte> input) {
  Loaders& l = loaders();
  const auto kind = static_cast<StateKind>(take_choice(input, kStates));
  const std::string bytes = with_checksum(as_text(input), kind == kParameters ? 1 : 0);
  const bool accepted = accepts([&] {
    switch (kind) {
      case kJournal:
        return load_journal(bytes);
      case kTrainer:
        return l.trainer->load_state(bytes, "checkpoint");
      case kSearch:
        return l.search->load_state(bytes, "checkpoint");
      case kMonitor:
        return l.monitor->load(bytes, "checkpoint");
      case kPosition:
        return l.cycling->load_position(bytes, "checkpoint");
      case kParameters:
        ParameterStore::deserialize(bytes, "weights.bin");
        return;
      case kOptimizer:
        OptimizerState::deserialize(bytes, "checkpoint");
        return;
      case kPlanLog:
        put_file(l.directory->file(RunDirectory::kDecisions), as_text(input));
        PlanLog(*l.directory).has("x");
        return;
      default:
        return l.architecture->restore(bytes, "checkpoint");
    }
  });
  if (!accepted) return;
  // What was accepted can be written and read again.
  if (kind == kTrainer) l.trainer->load_state(l.trainer->save_state(), "again");
  if (kind == kSearch) l.search->load_state(l.search->save_state(), "again");
  if (kind == kMonitor) l.monitor->load(l.monitor->save(), "again");
  if (kind == kPosition) l.cycling->load_position(l.cycling->save_position(), "again");
}

std::vector<std::string> checkpoint_seeds() {
  Loaders& l = loaders();
  RunJournal journal(*l.directory, l.sink, {}, 1e9);
  journal.put("search", "a state");
  journal.put("number", "12345678");
  journal.save();
  PlanLog(*l.directory).decide_number("epochs", [] { return 3; });
  const std::string plan = l.directory->read(RunDirectory::kDecisions);
  return {seed(kPlanLog, plan + "checksum"),
          seed(kJournal, l.directory->read(RunJournal::kFile)),
          seed(kTrainer, l.trainer->save_state()),
          seed(kSearch, l.search->save_state()),
          seed(kMonitor, l.monitor->save()),
          seed(kPosition, l.cycling->save_position()),
          seed(kParameters, l.search->parameters().serialize()),
          seed(kOptimizer, OptimizerState::zeros({}, 4, 2).serialize()),
          seed(kArchitectureParameters, l.architecture->serialize())};
}

}  // namespace nasmyth::test
