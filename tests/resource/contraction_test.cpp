#include "nasmyth/resource/contraction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "nasmyth/core/random.h"

namespace nasmyth::test {
namespace {

using Rows = std::vector<std::vector<double>>;

ChoiceFunction random_function(RandomStream& random, const std::vector<int>& dims,
                               std::set<int> scope, int levels) {
  std::vector<int> sizes;
  std::size_t n = 1;
  for (int v : scope) {
    sizes.push_back(dims[static_cast<std::size_t>(v)]);
    n *= static_cast<std::size_t>(sizes.back());
  }
  std::vector<double> values(n);
  for (double& v : values)
    v = static_cast<double>(random.below(static_cast<std::uint64_t>(levels)));
  return ChoiceFunction::from_table({scope.begin(), scope.end()}, sizes, values);
}

// Six choices, named functions of choices and of each other, and a function that reads both.
struct RandomNames {
  std::vector<int> dims{2, 3, 2, 3, 2, 2};
  std::vector<NamedFunction> named;
  ChoiceFunction function = 0;

  explicit RandomNames(RandomStream& random) {
    for (int k = 0; k < 5; ++k) {
      std::set<int> scope;
      while (scope.size() < 3) scope.insert(static_cast<int>(random.below(dims.size())));
      NamedFunction n{random_function(random, dims, scope, 3), {}};
      const std::set<double> distinct(n.function.values().begin(), n.function.values().end());
      n.values.assign(distinct.begin(), distinct.end());
      dims.push_back(static_cast<int>(n.values.size()));
      named.push_back(std::move(n));
    }
    function = random_function(random, dims, {1, 7, 8, 9, 10}, 100);
  }
};

TEST(Contraction, EqualsBruteForceThroughNamedFunctions) {
  RandomStream random(41);
  for (int k = 0; k < 100; ++k) {
    const RandomNames names(random);
    Rows p, brute;
    for (int c = 0; c < 6; ++c) {
      auto& row = p.emplace_back();
      for (int o = 0; o < names.dims[static_cast<std::size_t>(c)]; ++o)
        row.push_back(random.uniform(0.1, 1));
      const double sum = std::accumulate(row.begin(), row.end(), 0.0);
      for (double& x : row) x /= sum;
      brute.emplace_back(row.size(), 0);
    }
    double mean = 0;
    for (int code = 0; code < 144; ++code) {
      std::vector<int> x;
      int rest = code;
      double weight = 1;
      for (std::size_t c = 0; c < 6; ++c) {
        x.push_back(rest % names.dims[c]);
        rest /= names.dims[c];
        weight *= p[c][static_cast<std::size_t>(x[c])];
      }
      const double value = names.function.at(complete_variables(x, names.named));
      mean += weight * value;
      for (std::size_t c = 0; c < 6; ++c) {
        const auto o = static_cast<std::size_t>(x[c]);
        brute[c][o] += weight / p[c][o] * value;
      }
    }
    const Contraction contraction(names.function, names.named, names.dims, 6);
    Rows gradient = p;
    for (auto& row : gradient) std::fill(row.begin(), row.end(), 0);
    EXPECT_NEAR(contraction.value(p), mean, 1e-9);
    EXPECT_NEAR(contraction.value_and_gradient(p, gradient), mean, 1e-9);
    for (std::size_t c = 0; c < 6; ++c)
      for (std::size_t o = 1; o < p[c].size(); ++o)
        EXPECT_NEAR(gradient[c][o] - gradient[c][0], brute[c][o] - brute[c][0], 1e-9);
  }
}

}  // namespace
}  // namespace nasmyth::test
