// Texts that people write, and those that a run leaves.
#include <memory>
#include <optional>

#include "nasmyth/core/configuration.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/derive.h"
#include "nasmyth/search/first_steps.h"
#include "nasmyth/search/predict.h"
#include "nasmyth/search/search_configuration.h"
#include "nasmyth/space/darts/genotype.h"
#include "nasmyth/space/file/file_space.h"
#include "nasmyth/space/search_space.h"
#include "nasmyth/train/epoch_metrics.h"
#include "tests/fuzz/target_support.h"
#include "tests/fuzz/targets.h"

namespace nasmyth::test {
namespace {

const std::vector<std::unique_ptr<SearchSpace>>& spaces() {
  static const auto& all = *[] {
    auto* made = new std::vector<std::unique_ptr<SearchSpace>>;  // never destroyed
    made->push_back(make_space("compact", {{"layers", "2"}}));
    made->push_back(make_space("darts", {{"channels", "4"}, {"layers", "3"}}));
    made->push_back(make_space("nasbench201", {{"cells", "1"}}));
    return made;
  }();
  return all;
}

Form small_form() { return {FormRole::kTarget, {3, 16, 16}, 4}; }

NetworkGraph small_network(std::size_t space, std::uint64_t seed) {
  RandomStream random(seed);
  const auto& s = *spaces()[space];
  return s.network(random_architecture(s.choices(), random), small_form());
}

}  // namespace

void run_configuration(std::span<const std::byte> input) {
  std::optional<Configuration> read;
  if (!accepts([&] { read = Configuration::parse(as_text(input), "fuzz.yaml"); })) return;
  const std::string text = read->to_yaml();
  require(Configuration::parse(text, "again.yaml").to_yaml() == text,
          "a configuration reads back from its text");
  accepts([&] { SearchConfiguration::read(*read).to_yaml(); });
}

std::vector<std::string> configuration_seeds() {
  return {SearchConfiguration{}.to_yaml(),
          "data: folder:pictures\nlimits: {params: 20k, macs: 1M}\nspace: {name: darts}\n",
          "search:\n  strategy: darts\n  epochs: 3\ncontrols: [random, hand_made]\n",
          "a: [1, \"b, c\", ~]\nb: {c: {d: null}}\n# comment\n? x\n: y\n"};
}

void run_architecture(std::span<const std::byte> input) {
  for (const auto& space : spaces()) {
    std::optional<Architecture> read;
    if (!accepts([&] { read = space->architecture(as_text(input)); })) continue;
    require(space->architecture(read->to_text()) == *read, "an architecture reads back from text");
    require(space->architecture(read->to_json()) == *read, "an architecture reads back from JSON");
    accepts([&] { space->genotype(*read); });
    accepts([&] { space->network(*read, small_form()); });
  }
}

std::vector<std::string> architecture_seeds() {
  std::vector<std::string> seeds{"|nor_conv_3x3~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|"};
  RandomStream random(1);
  for (const auto& space : spaces()) {
    const Architecture a = random_architecture(space->choices(), random);
    for (const std::string& text : {a.to_text(), a.to_json(), space->genotype(a)})
      seeds.push_back(text);
  }
  return seeds;
}

void run_space_file(std::span<const std::byte> input) {
  std::unique_ptr<FileSpace> space;
  if (!accepts(
          [&] { space = std::make_unique<FileSpace>(as_text(input), "fuzz.yaml", OptionMap{}); }))
    return;
  accepts([&] {
    const NetworkGraph graph = *space->graph(small_form());
    require(graph.choices()->hash() == space->choices()->hash(), "all forms have the same choices");
  });
  accepts([&] {
    RandomStream random(1);
    const Architecture a = random_architecture(space->choices(), random);
    require(space->architecture(a.to_text()) == a, "an architecture reads back from text");
    require(space->network(a, space->example()).closed(), "an architecture closes the network");
  });
}

// The spaces of examples/ are in the corpus.
std::vector<std::string> space_file_seeds() {
  return {
      "network: {nodes: {a: {choose: [relu, identity], repeat: [1, 2]}, p: global_pool,\n"
      "  l: {op: linear, features: classes}}}\n",
      "choices: {w: [4, 8]}\nconstraints: [w > 4 or w == 4]\nnetwork:\n  nodes:\n"
      "    a: {op: conv_bn, channels: \"max(4, w)\", kernel: {choose: [1, 3]}, from: image}\n"
      "    b: {select: [a, a], pick: [1, 2]}\n    p: global_pool\n"
      "    l: {op: linear, features: classes}\n"};
}

void run_genotype(std::span<const std::byte> input) {
  std::optional<Genotype> read;
  if (!accepts([&] { read = parse_genotype(as_text(input)); })) return;
  require(parse_genotype(print_genotype(*read)) == *read, "a genotype reads back from its text");
  accepts([&] { spaces()[1]->network_from_text(as_text(input), small_form()); });
}

std::vector<std::string> genotype_seeds() {
  std::vector<std::string> seeds;
  for (const auto& name : published_genotypes())
    seeds.push_back(print_genotype(*find_genotype(name)));
  seeds.push_back(
      "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 1)], normal_concat=range(2, 3), "
      "reduce=[('max_pool_3x3', 0), ('none', 1)], reduce_concat=range(2, 3))");
  return seeds;
}

void run_graph(std::span<const std::byte> input) {
  std::optional<NetworkGraph> read;
  if (!accepts([&] { read = NetworkGraph::from_json(as_text(input), "network.json"); })) return;
  const std::string text = read->to_json();
  require(NetworkGraph::from_json(text, "again.json").to_json() == text,
          "a graph reads back from its text");
  accepts([&] { expand(*read, builtin_operations()); });
  accepts([&] { read->to_dot(); });
  accepts([&] { read->deployed().structural_hash(); });
}

std::vector<std::string> graph_seeds() {
  std::vector<std::string> seeds;
  for (std::size_t s = 0; s < spaces().size(); ++s) seeds.push_back(small_network(s, 1).to_json());
  seeds.push_back(spaces()[0]->graph(small_form())->to_json());
  GraphBuilder b;
  const int x = b.image("image", b.value("c", {1, 3}), 4, 4);
  b.output("y", b.add("relu", "relu", {x}));
  seeds.push_back(b.build().to_json());
  return seeds;
}

void run_run_files(std::span<const std::byte> input) {
  const std::string_view text = as_text(input);
  std::optional<NetworkData> data;
  if (accepts([&] { data = network_data_from_json(text, "data.json"); }))
    require(to_json(network_data_from_json(to_json(*data), "again.json")) == to_json(*data),
            "data.json reads back from its text");
  accepts([&] { to_json(first_steps_from_json(text, "first_steps.json")); });
  accepts([&] { to_json(epoch_metrics_from_json(text, "metrics.jsonl")); });
  const auto& choices = *spaces()[2]->choices();
  accepts([&] { logits_to_json(choices, logits_from_json(choices, text, "logits.json")); });
}

std::vector<std::string> run_files_seeds() {
  NetworkData data{2, 1, 8, {0, 1}, {1, 2}, {"a", "b"}, 1, "ncl"};
  FirstSteps first{{{"weights", 0, 0.5}, {"architecture", 0, 0.25}}, {{"machine", "x"}}};
  const auto& choices = *spaces()[2]->choices();
  OptionWeights logits;
  for (const auto& choice : choices.choices()) logits.emplace_back(choice.options.size(), 0.5);
  return {to_json(data), to_json(first), to_json(EpochMetrics{}), logits_to_json(choices, logits)};
}

}  // namespace nasmyth::test
