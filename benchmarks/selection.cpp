// Exact selection under limits, and the expected cost that a search asks for at each architecture
// step.
#include <benchmark/benchmark.h>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/expected_cost.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {
namespace {

NetworkGraph open_target(const char* space) {
  Form form;
  form.input = {1, 28, 28};
  return *make_space(space)->graph(form);
}

std::vector<std::vector<double>> random_scores(const ChoiceSet& choices, RandomStream random) {
  std::vector<std::vector<double>> scores;
  for (const auto& choice : choices) {
    auto& row = scores.emplace_back();
    for (int o = 0; o < choice.size(); ++o) row.push_back(random.normal());
  }
  return scores;
}

void select(benchmark::State& state, const char* space) {
  const NetworkGraph graph = open_target(space);
  const SelectionProblem wide(graph, builtin_operations(), {{"params", 1e18}, {"macs", 1e18}});
  const auto least = wide.least(), greatest = wide.greatest();
  const SelectionProblem problem(graph, builtin_operations(),
                                 {{"params", least[0] + 0.2 * (greatest[0] - least[0])},
                                  {"macs", least[1] + 0.2 * (greatest[1] - least[1])}});
  std::uint64_t seed = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        problem.select(random_scores(*graph.choices(), RandomStream(++seed % 16))));
}
BENCHMARK_CAPTURE(select, compact, "compact")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(select, darts, "darts")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(select, nasbench201, "nasbench201")->Unit(benchmark::kMillisecond);

void expected_cost(benchmark::State& state, const char* space) {
  const NetworkGraph graph = open_target(space);
  const ExpectedCost cost(graph, builtin_operations(), *make_resource_model("macs"));
  std::vector<std::vector<double>> probabilities, slope;
  for (const auto& choice : *graph.choices())
    probabilities.emplace_back(choice.options.size(), 1.0 / static_cast<double>(choice.size()));
  for (auto _ : state) benchmark::DoNotOptimize(cost.value_and_gradient(probabilities, slope));
}
BENCHMARK_CAPTURE(expected_cost, compact, "compact")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(expected_cost, darts, "darts")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace nasmyth
