// What a selection promises beside being the best: refusals, incumbents, ties, unusual models.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/additive_model.h"
#include "nasmyth/resource/expected_cost.h"
#include "nasmyth/resource/selection.h"
#include "nasmyth/space/search_space.h"
#include "tests/resource/random_space.h"

namespace nasmyth::test {
namespace {

// Convolutions of width 4, 8 or 16 and kernel 1 or 3; `skip` leaves the second out.
NetworkGraph small_space(bool constrained = false) {
  GraphBuilder b;
  int x = b.image("image", 3, 4, 4);
  const ChoiceFunction width = b.value("width", {4, 8, 16});
  x = b.add("conv2d", "a", {x}, {{"kernel", 1}, {"channels", width}});
  const ChoiceFunction kernel = b.value("kernel", {1, 3});
  const int conv = b.add("conv2d", "b", {x}, {{"kernel", kernel}, {"channels", width}});
  const int skip = b.add("identity", "skip", {x});
  x = b.select("layer", {conv, skip}, b.choice(one_of("layer", {"conv", "skip"})));
  b.output("y", x);
  b.choice(value_of("rate", {0.1, 0.2, 0.3}));
  if (constrained) {
    b.constraint(ChoiceFunction::from_table({0}, {3}, {kInfinity, kInfinity, 0}));
    b.constraint(ChoiceFunction::from_table({0, 2}, {3, 2}, {0, 0, 0, 0, kInfinity, 0}));
  }
  return b.build();
}

using Scores = std::vector<std::vector<double>>;

// params: width * 3 + (conv: width^2 * kernel^2); macs: 16 times as many.
TEST(SelectionRules, RefusesImpossibleLimitsWithThreeFigures) {
  const SelectionProblem problem(small_space(true), builtin_operations(),
                                 {{"params", 40}, {"macs", 1000}});
  const Feasibility f = problem.feasibility();
  EXPECT_FALSE(f.feasible);
  EXPECT_FALSE(f.incumbent);
  EXPECT_TRUE(f.proven);
  EXPECT_EQ(f.least_alone, (std::vector<double>{48, 768}));
  EXPECT_EQ(f.least_under_others, (std::vector<double>{48, kInfinity}));
  EXPECT_EQ(f.nearest_costs, (std::vector<double>{48, 768}));
  EXPECT_EQ(f.nearest.label(2), "skip");
  const std::string text = f.to_text();
  EXPECT_NE(text.find("No architecture meets all limits"), std::string::npos);
  EXPECT_NE(text.find("impossible"), std::string::npos);
  EXPECT_NE(text.find("+20 %"), std::string::npos) << text;
  try {
    problem.select({{0, 0, 0}, {0, 0}, {0, 0}, {0, 0, 0}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInfeasible);
    const std::string what = e.what();
    EXPECT_NE(what.find("params at most 40 (least alone 48, least under the other limits 48, "
                        "nearest network 48)"),
              std::string::npos)
        << what;
    EXPECT_NE(what.find("raise params to 48"), std::string::npos);
  }
}

TEST(SelectionRules, RefusesConstraintsThatAllowNothing) {
  GraphBuilder b;
  const ChoiceFunction width = b.value("width", {4, 8});
  b.output("y", b.add("conv2d", "a", {b.image("image", 3, 4, 4)}, {{"channels", width}}));
  b.constraint(ChoiceFunction::of(0, {kInfinity, kInfinity}));
  const SelectionProblem problem(b.build(), builtin_operations(), {{"params", 1000}});
  const Feasibility f = problem.feasibility();
  EXPECT_FALSE(f.feasible);
  EXPECT_EQ(f.least_alone[0], kInfinity);
  EXPECT_NE(f.to_text().find("constraints"), std::string::npos);
  EXPECT_THROW(problem.select({{0, 0}}), Error);
  RandomStream random(1);
  EXPECT_FALSE(random_feasible(problem, random, 2));
}

TEST(SelectionRules, InactiveChoicesTakeTheirBestOption) {
  const SelectionProblem problem(small_space(), builtin_operations(), {{"params", 48}});
  const Selection s = problem.select({{0, 0, 5}, {1, 2}, {0, 0}, {3, 1, 3}});
  EXPECT_EQ(s.architecture.to_text(), "width=16;kernel=3;layer=skip;rate=0.1");
  EXPECT_EQ(s.score, 8) << "width and rate act, kernel does not";
  EXPECT_EQ(s.costs, (std::vector<double>{48}));
  EXPECT_TRUE(s.proven);
}

TEST(SelectionRules, EqualScoresTakeLowOptions) {
  const SelectionProblem free(small_space(), builtin_operations(), {});
  EXPECT_EQ(free.select({{0, 0, 0}, {0, 0}, {0, 0}, {0, 0, 0}}).architecture.options(),
            (std::vector<int>{0, 0, 0, 0}));
  const SelectionProblem limited(small_space(), builtin_operations(), {{"params", 400}});
  EXPECT_EQ(limited.select({{0, 1, 1}, {0, 0}, {0, 0}, {0, 0, 0}}).architecture.options(),
            (std::vector<int>{1, 0, 0, 0}));
}

TEST(SelectionRules, ConstraintsHold) {
  const SelectionProblem problem(small_space(true), builtin_operations(), {{"params", 1e6}});
  const Selection s = problem.select({{9, 9, 0}, {1, 0}, {9, 0}, {0, 0, 0}});
  EXPECT_EQ(s.architecture.to_text(), "width=16;kernel=1;layer=skip;rate=0.1");
}

TEST(SelectionRules, ChecksScores) {
  const double inf = std::numeric_limits<double>::infinity();
  const SelectionProblem problem(small_space(), builtin_operations(), {{"params", 1e6}});
  EXPECT_THROW(problem.select({{0, 0}}), Error);
  EXPECT_THROW(problem.select({{0, 0}, {0, 0}, {0, 0}, {0, 0, 0}}), Error);
  EXPECT_THROW(problem.select({{0, std::nan(""), 0}, {0, 0}, {0, 0}, {0, 0, 0}}), Error);
  EXPECT_THROW(problem.select({{0, inf, 0}, {0, 0}, {0, 0}, {0, 0, 0}}), Error);
  const Selection s = problem.select({{-inf, -4, -inf}, {0, 0}, {-inf, 0}, {0, 0, 0}});
  EXPECT_EQ(s.architecture.to_text(), "width=8;kernel=1;layer=skip;rate=0.1");
}

TEST(SelectionRules, LittleEffortStillGivesANetworkWithinTheLimits) {
  const NetworkGraph graph = *make_space("compact")->graph(Form{});
  const SelectionProblem problem(graph, builtin_operations(), {{"params", 20000}, {"macs", 1e6}});
  RandomStream random(3);
  for (int k = 0; k < 5; ++k) {
    auto scores = random_scores(*graph.choices(), random, 0, 1);
    for (auto& row : scores)
      for (std::size_t o = 0; o < row.size(); ++o) row[o] += 3 * static_cast<double>(o);
    const Selection hasty = problem.select(scores, {1});
    const Selection best = problem.select(scores);
    EXPECT_TRUE(best.proven);
    EXPECT_LE(hasty.costs[0], 20000);
    EXPECT_LE(hasty.costs[1], 1e6);
    EXPECT_LE(hasty.score, best.score + 1e-9);
    EXPECT_GE(hasty.upper_bound, best.score - 1e-9);
    EXPECT_DOUBLE_EQ(hasty.gap, hasty.upper_bound - hasty.score);
  }
}

TEST(SelectionRules, RandomArchitecturesStayWithinTheLimits) {
  const NetworkGraph graph = *make_space("compact")->graph(Form{});
  const SelectionProblem tight(graph, builtin_operations(), {{"params", 5000}, {"macs", 5e5}});
  RandomStream random(3), again(3);
  std::set<std::string> drawn;
  for (int k = 0; k < 20; ++k) {
    const auto a = random_feasible(tight, random, 3);
    ASSERT_TRUE(a);
    EXPECT_TRUE(tight.within_limits(*a));
    EXPECT_EQ(*a, *random_feasible(tight, again, 3));
    drawn.insert(a->to_text());
  }
  EXPECT_EQ(drawn.size(), 20u);
}

// The widest activation: the greatest over nodes, one part each.
class WidestActivation : public ResourceModel {
 public:
  std::string unit() const override { return "elements"; }
  double cost(const NetworkGraph& closed, const OperationSet& operations) const override {
    OpenNetwork network(closed, operations, Naming::kWide);
    double most = 0;
    const auto counted = terms(network);
    for (const auto& part : counted->parts) most = std::max(most, part[0].constant());
    return most;
  }
  std::optional<CostTerms> terms(OpenNetwork& open) const override {
    CostTerms terms{unit(), {}};
    for (int i = 0; i < open.expanded().graph.size(); ++i)
      terms.parts.push_back(
          {times(open.live(i), open.expanded().shapes[static_cast<std::size_t>(i)].elements())});
    return terms;
  }
};

class BlackBox : public ResourceModel {
 public:
  std::string unit() const override { return "guesses"; }
  double cost(const NetworkGraph&, const OperationSet&) const override { return 1; }
};

void register_test_models() {
  if (resource_models().find("test_widest")) return;
  resource_models().add("test_widest", {"for tests", []() -> std::unique_ptr<ResourceModel> {
                                          return std::make_unique<WidestActivation>();
                                        }});
  resource_models().add("test_black_box", {"for tests", []() -> std::unique_ptr<ResourceModel> {
                                             return std::make_unique<BlackBox>();
                                           }});
}

TEST(SelectionRules, AGreatestOverPartsIsLimitedPartByPart) {
  register_test_models();
  RandomStream random(31);
  for (int k = 0; k < 10; ++k) {
    const NetworkGraph graph = random_space(random, {3, false, true, 500});
    const WidestActivation model;
    const auto scores = random_scores(*graph.choices(), random, 0, 1);
    const SelectionProblem problem(graph, builtin_operations(),
                                   {{"test_widest", 400}, {"params", 300}});
    double least = kInfinity, under = kInfinity, greatest = 0;
    for_each_architecture(graph.choices(), false, [&](const Architecture& a) {
      const double cost = model.cost(graph.bind(a), builtin_operations());
      EXPECT_EQ(problem.cost(0, a), cost);
      least = std::min(least, cost);
      greatest = std::max(greatest, cost);
      if (problem.cost(1, a) <= 300) under = std::min(under, cost);
    });
    EXPECT_EQ(problem.least()[0], least);
    EXPECT_EQ(problem.greatest()[0], greatest);
    const Feasibility f = problem.feasibility();
    EXPECT_EQ(f.least_under_others[0], under);
    if (f.feasible) {
      EXPECT_LE(problem.select(scores).costs[0], 400);
    }
  }
  EXPECT_THROW(ExpectedCost(small_space(), builtin_operations(), WidestActivation()), Error);
}

TEST(SelectionRules, BlackBoxesAreRefused) {
  register_test_models();
  EXPECT_THROW(SelectionProblem(small_space(), builtin_operations(), {{"test_black_box", 3}}),
               Error);
  EXPECT_THROW(ExpectedCost(small_space(), builtin_operations(), BlackBox()), Error);
}

}  // namespace
}  // namespace nasmyth::test
