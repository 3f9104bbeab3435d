#include "nasmyth/graph/choice_function.h"

#include <gtest/gtest.h>

#include <numeric>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"

namespace nasmyth {
namespace {

ChoiceFunction width() { return ChoiceFunction::of(0, {8, 16, 24}, "width"); }
ChoiceFunction expand() { return ChoiceFunction::of(2, {1.5, 3}, "expand"); }

// A random function over some of the choices, whose option counts are `dims`.
ChoiceFunction random_function(const std::vector<int>& dims, RandomStream& random) {
  std::vector<int> scope, sizes;
  std::size_t entries = 1;
  for (std::size_t c = 0; c < dims.size(); ++c) {
    if (random.below(2) == 0) continue;
    scope.push_back(static_cast<int>(c));
    sizes.push_back(dims[c]);
    entries *= static_cast<std::size_t>(dims[c]);
  }
  std::vector<double> values(entries);
  for (double& v : values) v = static_cast<double>(random.below(9)) - 2;
  return ChoiceFunction::from_table(scope, sizes, values);
}

// Calls `visit(options)` for every assignment.
template <class Visit>
void each_assignment(const std::vector<int>& dims, Visit visit) {
  std::vector<int> options(dims.size(), 0);
  while (true) {
    visit(options);
    std::size_t k = dims.size();
    while (k > 0 && ++options[k - 1] == dims[k - 1]) options[--k] = 0;
    if (k == 0) return;
  }
}

TEST(ChoiceFunction, ConstantsAreNumbers) {
  const ChoiceFunction f = 7;
  EXPECT_TRUE(f.is_constant());
  EXPECT_EQ(f.constant(), 7);
  EXPECT_EQ(f.source(), "7");
  EXPECT_EQ((f + 1).constant(), 8);
  EXPECT_EQ((f - 10).constant(), -3);
  EXPECT_EQ((f * 3).constant(), 21);
  EXPECT_EQ(floordiv(f, 2).constant(), 3);
  EXPECT_EQ(floordiv(-7, 2).constant(), -4);
  EXPECT_EQ(max(f, 9).constant(), 9);
}

TEST(ChoiceFunction, OpenFunctionsHaveNoNumber) {
  try {
    width().constant();
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInvalidArgument);
    EXPECT_NE(std::string(e.what()).find("width"), std::string::npos) << e.what();
  }
}

TEST(ChoiceFunction, AlgebraKeepsSourceAndScope) {
  const ChoiceFunction f = round8(width() * expand());
  EXPECT_EQ(f.scope(), (std::vector<int>{0, 2}));
  EXPECT_EQ(f.dims(), (std::vector<int>{3, 2}));
  EXPECT_EQ(f.source(), "round8((width * expand))");
  EXPECT_EQ(f.values(), (std::vector<double>{16, 24, 24, 48, 40, 72}));
  EXPECT_EQ(f.minimum(), 16);
  EXPECT_EQ(f.maximum(), 72);
  EXPECT_TRUE(f.depends_on(2));
  EXPECT_FALSE(f.depends_on(1));
}

TEST(ChoiceFunction, RoundsAsMobileNetworksDo) {
  // max(8, 8 * floor((v + 4) / 8)), and 8 more where that loses more than a tenth.
  const std::vector<std::pair<double, double>> pairs{{1, 8},   {8, 8},   {11, 16},  {12, 16},
                                                     {18, 24}, {20, 24}, {28, 32},  {36, 40},
                                                     {43, 40}, {44, 48}, {100, 104}};
  for (const auto& [value, rounded] : pairs) EXPECT_EQ(round8(value).constant(), rounded) << value;
}

TEST(ChoiceFunction, ZeroTimesInfinityIsZero) {
  EXPECT_EQ((ChoiceFunction(0) * kInfinity).constant(), 0);
  const ChoiceFunction alive = ChoiceFunction::of(0, {0, 1});
  EXPECT_EQ((alive * kInfinity).values(), (std::vector<double>{0, kInfinity}));
}

TEST(ChoiceFunction, RejectsTablesThatDoNotFit) {
  EXPECT_THROW(ChoiceFunction::from_table({0}, {2}, {1, 2, 3}), Error);
  EXPECT_THROW(ChoiceFunction::from_table({1, 0}, {1, 1}, {1}), Error);
  EXPECT_THROW(ChoiceFunction::from_table({0, 0}, {1, 1}, {1}), Error);
  EXPECT_THROW(ChoiceFunction::from_table({0}, {0}, {}), Error);
  EXPECT_THROW(ChoiceFunction::from_table({0}, {-1}, {}), Error);
  EXPECT_THROW(ChoiceFunction::from_table({0, 1}, {1 << 30, 1 << 30}, {1}), Error);
}

TEST(ChoiceFunction, RefusesTablesThatAreTooLarge) {
  ChoiceFunction f = 0;
  const std::vector<double> values(200, 1);
  f = ChoiceFunction::of(0, values) + ChoiceFunction::of(1, values);
  try {
    f + ChoiceFunction::of(2, values);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kOutOfRange);
  }
}

TEST(ChoiceFunction, RefusesDifferentOptionCountsOfOneChoice) {
  const ChoiceFunction two = ChoiceFunction::of(0, {1, 2});
  const ChoiceFunction three = ChoiceFunction::of(0, {1, 2, 3}) + ChoiceFunction::of(1, {1, 2});
  EXPECT_THROW(two + three, Error);
  EXPECT_THROW(three + two, Error);
}

TEST(ChoiceFunction, CombinesPointwise) {
  const std::vector<int> dims{2, 3, 1, 4};
  RandomStream random(1);
  for (int round = 0; round < 50; ++round) {
    const auto a = random_function(dims, random), b = random_function(dims, random);
    const auto sum = a + b, product = a * b, greatest = max(a, b);
    each_assignment(dims, [&](const std::vector<int>& x) {
      EXPECT_EQ(sum.at(x), a.at(x) + b.at(x));
      EXPECT_EQ(product.at(x), a.at(x) * b.at(x));
      EXPECT_EQ(greatest.at(x), std::max(a.at(x), b.at(x)));
    });
  }
}

TEST(ChoiceFunction, FixesOneChoice) {
  const std::vector<int> dims{2, 3, 4};
  RandomStream random(2);
  for (int round = 0; round < 30; ++round) {
    const auto f = random_function(dims, random);
    for (int choice = 0; choice < 3; ++choice)
      for (int option = 0; option < dims[static_cast<std::size_t>(choice)]; ++option) {
        const auto fixed = fix(f, choice, option);
        EXPECT_FALSE(fixed.depends_on(choice));
        each_assignment(dims, [&](std::vector<int> x) {
          const double there = fixed.at(x);
          x[static_cast<std::size_t>(choice)] = option;
          EXPECT_EQ(there, f.at(x));
        });
      }
  }
  EXPECT_THROW(fix(width(), 0, 3), Error);
  EXPECT_THROW(fix(width(), 0, -1), Error);
  EXPECT_EQ(fix(width(), 1, 99), width());
}

TEST(ChoiceFunction, SimplifyDropsWhatHasNoEffect) {
  const ChoiceFunction f = width() + ChoiceFunction::of(1, {5, 5}) + expand() * 0;
  EXPECT_EQ(f.scope().size(), 3u);
  const ChoiceFunction simple = simplify(f);
  EXPECT_EQ(simple.scope(), std::vector<int>{0});
  EXPECT_EQ(simple, f);
  EXPECT_EQ(simple.values(), (std::vector<double>{13, 21, 29}));
  const ChoiceFunction constant = simplify(ChoiceFunction::of(4, {3, 3, 3}));
  EXPECT_TRUE(constant.is_constant());
  EXPECT_EQ(constant.source(), "3");
}

TEST(ChoiceFunction, EqualityIgnoresChoicesWithoutEffect) {
  EXPECT_EQ(width(), width() + ChoiceFunction::of(1, {0, 0}));
  EXPECT_EQ(ChoiceFunction(4), ChoiceFunction::of(3, {4, 4}));
  EXPECT_FALSE(width() == expand());
  EXPECT_FALSE(width() == ChoiceFunction::of(1, {8, 16, 24}));
}

TEST(ChoiceFunction, KeepsSomeOptions) {
  const ChoiceFunction f = width() * expand();
  const ChoiceFunction kept = keep_options(f, 0, std::vector<int>{0, 2});
  EXPECT_EQ(kept.dims(), (std::vector<int>{2, 2}));
  EXPECT_EQ(kept.values(), (std::vector<double>{12, 24, 36, 72}));
  EXPECT_EQ(keep_options(f, 2, std::vector<int>{1}).values(), (std::vector<double>{24, 48, 72}));
  EXPECT_EQ(keep_options(f, 7, std::vector<int>{0}), f);
}

TEST(ChoiceFunction, RenumbersInAnyOrder) {
  const std::vector<int> dims{2, 3, 4};
  const std::vector<int> to{5, 0, 3};
  RandomStream random(3);
  for (int round = 0; round < 30; ++round) {
    const auto f = random_function(dims, random);
    const auto moved = renumber(f, to);
    EXPECT_TRUE(std::is_sorted(moved.scope().begin(), moved.scope().end()));
    each_assignment(dims, [&](const std::vector<int>& x) {
      const std::vector<int> y{x[1], 0, 0, x[2], 0, x[0]};
      EXPECT_EQ(moved.at(y), f.at(x));
    });
  }
}

TEST(ChoiceFunction, ReducesOneChoice) {
  const ChoiceFunction f = width() * expand();
  EXPECT_EQ(minimum_over(f, 2).values(), (std::vector<double>{12, 24, 36}));
  EXPECT_EQ(minimum_over(f, 0).values(), (std::vector<double>{12, 24}));
  EXPECT_EQ(minimum_over(f, 1), f);
  const auto sum = reduce(f, 0, 0, [](double s, double x, int) { return s + x; });
  EXPECT_EQ(sum.values(), (std::vector<double>{72, 144}));
  const auto weighted = reduce(f, 2, 0, [](double s, double x, int o) { return s + x * o; });
  EXPECT_EQ(weighted.values(), (std::vector<double>{24, 48, 72}));
}

TEST(ChoiceFunction, ExpectationEqualsBruteForce) {
  const std::vector<int> dims{2, 3, 4};
  RandomStream random(4);
  for (int round = 0; round < 30; ++round) {
    const auto f = random_function(dims, random);
    std::vector<std::vector<double>> p;
    for (int d : dims) {
      std::vector<double> row(static_cast<std::size_t>(d));
      for (double& v : row) v = random.uniform() + 0.01;
      const double total = std::accumulate(row.begin(), row.end(), 0.0);
      for (double& v : row) v /= total;
      p.push_back(row);
    }
    double expected = 0;
    each_assignment(dims, [&](const std::vector<int>& x) {
      double weight = 1;
      for (std::size_t c = 0; c < x.size(); ++c) weight *= p[c][static_cast<std::size_t>(x[c])];
      expected += weight * f.at(x);
    });
    EXPECT_NEAR(expectation(f, p), expected, 1e-12);
  }
  EXPECT_EQ(expectation(5, std::vector<std::vector<double>>{}), 5);
}

}  // namespace
}  // namespace nasmyth
