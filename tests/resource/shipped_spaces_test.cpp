// Selection and expected cost on the spaces of the program. Times are printed, node counts bounded.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/expected_cost.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/space/search_space.h"
#include "tests/resource/random_space.h"
#include "tests/resource/trellis.h"

namespace nasmyth::test {
namespace {

class Stopwatch {
 public:
  double milliseconds() const {
    const auto passed = std::chrono::steady_clock::now() - begin_;
    return std::chrono::duration<double, std::milli>(passed).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

NetworkGraph target(const std::string& space, const OptionMap& options = {}, ImageSpec image = {}) {
  Form form;
  form.input = image;
  return make_space(space, options)->graph(form)->deployed();
}

std::vector<Limit> limits_at(const SelectionProblem& free, double share) {
  auto limits = free.limits();
  const auto low = free.least(), high = free.greatest();
  for (std::size_t l = 0; l < limits.size(); ++l)
    limits[l].at_most = std::floor(low[l] + share * (high[l] - low[l]));
  return limits;
}

std::vector<Limit> unlimited() { return {{"params", 1e15}, {"macs", 1e15}}; }

void study(const char* name, const NetworkGraph& graph, std::int64_t most_nodes) {
  Stopwatch built;
  const SelectionProblem free(graph, builtin_operations(), unlimited());
  std::printf("%s: built in %.0f ms, params %.0f..%.0f, macs %.0f..%.0f\n", name,
              built.milliseconds(), free.least()[0], free.greatest()[0], free.least()[1],
              free.greatest()[1]);
  RandomStream random(7);
  for (double share : {0.05, 0.2, 0.35, 0.6}) {
    const SelectionProblem problem(graph, builtin_operations(), limits_at(free, share));
    double slowest = 0;
    std::int64_t nodes = 0;
    for (int seed = 0; seed < 5; ++seed) {
      auto scores = random_scores(*graph.choices(), random, 0, 1);
      if (seed == 4)  // what costs more scores more: the hard case
        for (auto& row : scores)
          for (std::size_t o = 0; o < row.size(); ++o) row[o] = 0.2 * row[o] + double(o);
      Stopwatch watch;
      const Selection s = problem.select(scores);
      slowest = std::max(slowest, watch.milliseconds());
      nodes = std::max(nodes, s.nodes);
      EXPECT_TRUE(s.proven);
      EXPECT_GE(s.upper_bound, s.score);
      for (std::size_t l = 0; l < s.costs.size(); ++l) {
        EXPECT_TRUE(within(s.costs[l], problem.limits()[l]));
        EXPECT_EQ(problem.cost(l, s.architecture), s.costs[l]);
      }
    }
    Stopwatch watch;
    const Feasibility f = problem.feasibility();
    EXPECT_TRUE(f.feasible);
    EXPECT_TRUE(f.proven);
    std::printf(
        "  limits at %2.0f %%: slowest of 5 %.1f ms, most nodes %lld; feasibility %.1f ms, "
        "%lld nodes\n",
        100 * share, slowest, static_cast<long long>(nodes), watch.milliseconds(),
        static_cast<long long>(f.nodes));
    EXPECT_LE(nodes, most_nodes);
    EXPECT_LE(f.nodes, most_nodes);
  }
}

TEST(ShippedSpaces, Compact) { study("compact", target("compact", {}, {1, 28, 28}), 200'000); }
TEST(ShippedSpaces, Darts) { study("darts C36 L20", target("darts"), 20'000); }
TEST(ShippedSpaces, NasBench201) { study("nasbench201", target("nasbench201"), 20'000); }
TEST(ShippedSpaces, Trellis) { study("trellis 12x4", trellis(12, 4), 200'000); }
TEST(ShippedSpaces, LargeCompact) {
  study("compact 5 stages of 4",
        target("compact", {{"widths",
                            "[16:20:24:32, 24:28:32:40, 40:48:56:64, 64:80:96:112, "
                            "112:128:160:192]"},
                           {"strides", "[1, 2, 2, 1, 2]"},
                           {"layers", "4"}}),
        2'000'000);
}

void expect_exact_costs(const NetworkGraph& graph, int samples) {
  std::vector<Limit> limits;
  for (const char* name : {"params", "conv_macs", "macs", "weight_bytes"})
    limits.push_back({name, 1e15});
  const SelectionProblem problem(graph, builtin_operations(), limits);
  RandomStream random(5);
  for (int i = 0; i < samples; ++i) {
    const Architecture a = random_architecture(graph.choices(), random);
    const NetworkGraph closed = graph.bind(a);
    for (std::size_t l = 0; l < limits.size(); ++l)
      EXPECT_EQ(problem.cost(l, a),
                make_resource_model(limits[l].resource)->cost(closed, builtin_operations()));
  }
}

TEST(ShippedSpaces, TermsEqualTheCountOfTheBoundNetwork) {
  expect_exact_costs(target("compact"), 20);
  expect_exact_costs(target("darts"), 4);
  expect_exact_costs(target("nasbench201"), 6);
}

// The derivative along a line equals the difference quotient of a function that is linear in each
// row, and the value is the cost where the probabilities are 0 and 1.
TEST(ShippedSpaces, ExpectedCost) {
  for (const char* name : {"compact", "darts", "nasbench201"}) {
    const NetworkGraph graph = target(name);
    RandomStream random(3);
    auto p = random_probabilities(*graph.choices(), random);
    for (const char* resource : {"params", "macs"}) {
      const ExpectedCost expected(graph, builtin_operations(), *make_resource_model(resource));
      std::vector<std::vector<double>> gradient;
      expected.value_and_gradient(p, gradient);
      Stopwatch watch;
      const double value = expected.value_and_gradient(p, gradient);
      std::printf("%s: expected %s %.0f, value and gradient in %.2f ms\n", name, resource, value,
                  watch.milliseconds());
      for (std::size_t c = 0; c < p.size(); c += 5) {
        if (p[c].size() < 2) continue;
        auto moved = p;
        moved[c][0] += 0.5;
        moved[c][1] -= 0.5;
        EXPECT_NEAR(expected.value(moved) - value, 0.5 * (gradient[c][0] - gradient[c][1]),
                    1e-9 * value);
      }
      auto hard = p;
      const Architecture a = random_architecture(graph.choices(), random);
      for (std::size_t c = 0; c < hard.size(); ++c) {
        hard[c].assign(hard[c].size(), 0);
        hard[c][static_cast<std::size_t>(a.options()[c])] = 1;
      }
      EXPECT_EQ(expected.value(hard),
                make_resource_model(resource)->cost(graph.bind(a), builtin_operations()));
    }
  }
}

TEST(ShippedSpaces, UnlimitedSelectionIsTheDartsRule) {
  const NetworkGraph graph = target("darts", {{"channels", "4"}, {"layers", "3"}});
  const SelectionProblem problem(graph, builtin_operations(), {});
  RandomStream random(9);
  for (int k = 0; k < 10; ++k) {
    auto scores = random_scores(*graph.choices(), random, 0, 1);
    const ChoiceSet& choices = *graph.choices();
    for (int c = 0; c < choices.size(); ++c)
      if (choices[c].name.ends_with("/inputs"))
        scores[static_cast<std::size_t>(c)].assign(choices[c].options.size(), 0);
    const Selection s = problem.select(scores);
    for (int c = 0; c < choices.size(); ++c) {
      const auto& row = scores[static_cast<std::size_t>(c)];
      if (choices[c].name.ends_with("/inputs")) {
        std::vector<std::pair<double, int>> edges;
        const std::string node = choices[c].name.substr(0, choices[c].name.find("/inputs"));
        const std::string kind = node.substr(0, node.find('/'));
        const std::string number = node.substr(node.size() - 1);
        for (int source = 0; source < std::stoi(number); ++source) {
          const auto& edge = scores[static_cast<std::size_t>(
              choices.index(kind + "/edge" + std::to_string(source) + "_" + number))];
          edges.emplace_back(-*std::max_element(edge.begin() + 1, edge.end()), source);
        }
        std::sort(edges.begin(), edges.end());
        const int low = std::min(edges[0].second, edges[1].second);
        const int high = std::max(edges[0].second, edges[1].second);
        EXPECT_EQ(s.architecture.label(c), std::to_string(low) + "+" + std::to_string(high));
      } else {
        EXPECT_EQ(s.architecture.option(c),
                  std::max_element(row.begin() + 1, row.end()) - row.begin());
      }
    }
  }
}

}  // namespace
}  // namespace nasmyth::test
