#include "tests/torch/network_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nasmyth/engine/executors.h"

namespace nasmyth::test {

Batch OwnedBatch::view() const {
  Batch batch;
  batch.inputs["image"] = {pixels.data(), shape};
  if (!low.empty()) batch.inputs["image_low"] = {low.data(), shape};
  batch.targets = targets;
  batch.size = shape[0];
  return batch;
}

OwnedBatch random_batch(std::vector<std::int64_t> shape, std::int64_t classes, std::uint64_t seed) {
  OwnedBatch batch;
  RandomStream random(seed);
  std::int64_t count = 1;
  for (std::int64_t d : shape) count *= d;
  for (std::int64_t i = 0; i < count; ++i)
    batch.pixels.push_back(static_cast<float>(random.normal()));
  for (std::int64_t i = 0; i < shape[0]; ++i)
    batch.targets.push_back(
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(classes))));
  batch.shape = std::move(shape);
  return batch;
}

double LinearCongruence::next() {
  x_ = (1103515245 * x_ + 12345) % (std::uint64_t{1} << 31);
  return static_cast<double>(x_) / static_cast<double>(std::uint64_t{1} << 31) - 0.5;
}

NetworkRunner::NetworkRunner(NetworkGraph g, ElementType type, std::uint64_t seed, int threads,
                             std::string_view name)
    : graph(std::move(g)),
      expanded(expand(graph, builtin_operations())),
      store(expanded, builtin_operations(), type),
      executor(name == "reference" ? make_reference_executor(builtin_operations(), {"cpu", threads})
                                   : make_executor(name, builtin_operations(), {"cpu", threads})) {
  store.initialize(RandomStream(seed));
}

StepResult NetworkRunner::run(const StepSpec& spec, const OwnedBatch& batch,
                              const ChoiceWeights& weights, const Scalars& scalars,
                              std::uint64_t seed) {
  const auto step = prepare(spec);
  step->keep_gradients(true);
  return step->run(batch.view(), weights, {&store, &optimizer}, scalars, RandomStream(seed));
}

OptimizerState NetworkRunner::zeros(const OptimizerSpec& spec) const {
  return OptimizerState::zeros(spec, store.trainable_size(),
                               static_cast<std::int64_t>(store.entries().size()));
}

StepSpec double_spec(Gradients gradients, Execution execution) {
  StepSpec spec;
  spec.gradients = gradients;
  spec.batch_norm = BatchNormMode::kBatch;
  spec.execution = execution;
  spec.type = ElementType::kFloat64;
  return spec;
}

ChoiceWeights one_hot(const std::vector<Site>& sites, const Architecture& architecture) {
  ChoiceWeights result;
  for (const auto& site : sites) {
    const int option = architecture.option(site.choice);
    const auto picks =
        (*architecture.choices())[site.choice].options[static_cast<std::size_t>(option)].picks;
    auto& weights = result.weights.emplace_back();
    auto& active = result.active.emplace_back();
    for (int j = 0; j < site.size; ++j) {
      const bool on = site.kind == Site::Kind::kValue ? j == option : (picks >> j & 1) != 0;
      weights.push_back(on ? 1 : 0);
      active.push_back(on ? 1 : 0);
    }
  }
  return result;
}

ChoiceWeights soft(const std::vector<Site>& sites, std::uint64_t seed) {
  ChoiceWeights result;
  RandomStream random(seed);
  for (const auto& site : sites) {
    auto& weights = result.weights.emplace_back();
    for (int j = 0; j < site.size; ++j) weights.push_back(random.uniform(0.2, 1.0));
    result.active.emplace_back(static_cast<std::size_t>(site.size), 1);
  }
  return result;
}

namespace {

struct Left {
  StepResult result;
  std::vector<double> values;  // parameters and buffers
};

template <class T>
std::vector<double> all_values(const ParameterStore& store) {
  const auto values = store.values<T>();
  return {values.begin(), values.end()};
}

Left leave(const NetworkRunner& runner, Executor& executor, const StepSpec& spec,
           const OwnedBatch& batch, const ChoiceWeights& weights, const Scalars& scalars) {
  ParameterStore store(runner.expanded, builtin_operations(), spec.type);
  store.assign(runner.store);
  OptimizerState optimizer = runner.zeros(spec.optimizer.value_or(OptimizerSpec{}));
  const auto step = executor.prepare(runner.graph, spec);
  step->keep_gradients(true);
  Left left;
  left.result = step->run(batch.view(), weights, {&store, &optimizer}, scalars, RandomStream(3));
  left.values =
      spec.type == ElementType::kFloat32 ? all_values<float>(store) : all_values<double>(store);
  return left;
}

void expect_close(const std::vector<double>& a, const std::vector<double>& b, double tolerance,
                  const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  double greatest = 1, difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    greatest = std::max({greatest, std::abs(a[i]), std::abs(b[i])});
    difference = std::max(difference, std::abs(a[i] - b[i]));
  }
  EXPECT_LE(difference, tolerance * greatest) << what;
}

bool compiled_runs(const NetworkRunner& runner, const StepSpec& spec) {
  const auto sites = find_sites(runner.expanded);
  return spec.execution == Execution::kDense ||
         std::none_of(sites.begin(), sites.end(),
                      [](const Site& site) { return site.kind == Site::Kind::kValue; });
}

}  // namespace

void expect_compiled_alike(const NetworkRunner& runner, const StepSpec& spec,
                           const OwnedBatch& batch, const ChoiceWeights& weights,
                           const Scalars& scalars, double tolerance) {
  if (!compiled_runs(runner, spec)) return;
  const auto compiled = make_executor("compiled", builtin_operations(), {"cpu", 2});
  const Left a = leave(runner, *runner.executor, spec, batch, weights, scalars);
  const Left b = leave(runner, *compiled, spec, batch, weights, scalars);
  expect_close({a.result.loss}, {b.result.loss}, tolerance, "loss");
  for (const auto& [name, values] : a.result.outputs)
    expect_close(values, b.result.outputs.at(name), tolerance, "output " + name);
  ASSERT_EQ(a.result.site_gradients.size(), b.result.site_gradients.size());
  for (std::size_t s = 0; s < a.result.site_gradients.size(); ++s)
    expect_close(a.result.site_gradients[s], b.result.site_gradients[s], tolerance,
                 "site " + std::to_string(s));
  for (const auto& e : runner.store.entries()) {
    const auto part = [&](const std::vector<double>& all) {
      return all.empty()
                 ? all
                 : std::vector<double>(all.begin() + e.offset, all.begin() + e.offset + e.size);
    };
    if (e.trainable)
      expect_close(part(a.result.parameter_gradients), part(b.result.parameter_gradients),
                   tolerance, "gradient of " + e.key);
    expect_close(part(a.values), part(b.values), tolerance, "value of " + e.key);
  }
  expect_close({a.result.gradient_norm}, {b.result.gradient_norm}, tolerance, "gradient norm");
}

namespace {

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

std::vector<double> flat(const std::vector<std::vector<double>>& rows) {
  std::vector<double> all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

}  // namespace

void expect_compiled_as_exact(const NetworkRunner& runner, const StepSpec& spec,
                              const OwnedBatch& batch, const ChoiceWeights& weights,
                              const Scalars& scalars) {
  NetworkRunner exact(runner.graph);
  const auto from = runner.store.values<float>();
  std::copy(from.begin(), from.end(), exact.store.values<double>().begin());
  StepSpec in_double = spec;
  in_double.type = ElementType::kFloat64;
  const auto compiled = make_executor("compiled", builtin_operations(), {"cpu", 2});
  const StepResult e = leave(exact, *exact.executor, in_double, batch, weights, scalars).result;
  const StepResult r = leave(runner, *runner.executor, spec, batch, weights, scalars).result;
  const StepResult c = leave(runner, *compiled, spec, batch, weights, scalars).result;
  const auto compare = [](const std::vector<double>& exactly, const std::vector<double>& reference,
                          const std::vector<double>& ours, const std::string& what) {
    const double scale = distance(exactly, std::vector<double>(exactly.size(), 0.0));
    EXPECT_LE(distance(exactly, ours), 2 * distance(exactly, reference) + 1e-6 * scale) << what;
  };
  for (const auto& [name, values] : e.outputs)
    compare(values, r.outputs.at(name), c.outputs.at(name), "output " + name);
  compare(e.parameter_gradients, r.parameter_gradients, c.parameter_gradients, "parameters");
  compare(flat(e.site_gradients), flat(r.site_gradients), flat(c.site_gradients), "sites");
}

namespace {

constexpr double kDelta = 1e-5;

// d loss / d x by central differences; `x` is put back.
double slope(NetworkRunner& runner, const OwnedBatch& batch, const ChoiceWeights& weights,
             const StepSpec& spec, double& x) {
  const double old = x;
  x = old + kDelta;
  const double high = runner.loss(spec, batch, weights);
  x = old - kDelta;
  const double low = runner.loss(spec, batch, weights);
  x = old;
  return (high - low) / (2 * kDelta);
}

}  // namespace

void expect_gradients(NetworkRunner& runner, const OwnedBatch& batch, const ChoiceWeights& weights,
                      Execution execution, double tolerance) {
  const StepResult result = runner.run(double_spec(Gradients::kBoth, execution), batch, weights);
  expect_compiled_alike(runner, double_spec(Gradients::kBoth, execution), batch, weights);
  const StepSpec plain = double_spec(Gradients::kNone, execution);
  const auto allowed = [&](double value) { return tolerance * std::max(1.0, std::abs(value)); };
  for (std::size_t i = 0; i < runner.store.entries().size(); ++i) {
    const auto& e = runner.store.entries()[i];
    if (!e.trainable) continue;
    const auto values = runner.store.entry<double>(static_cast<int>(i));
    for (std::size_t k = 0; k < values.size(); k += 1 + values.size() / 5) {
      const double expected = slope(runner, batch, weights, plain, values[k]);
      EXPECT_NEAR(result.parameter_gradients[static_cast<std::size_t>(e.offset) + k], expected,
                  allowed(expected))
          << e.key << " " << k;
    }
  }
  ChoiceWeights moved = weights;
  const auto sites = find_sites(runner.expanded);
  for (std::size_t s = 0; s < moved.weights.size(); ++s)
    for (std::size_t j = 0; j < moved.weights[s].size(); ++j) {
      const bool select = sites[s].kind == Site::Kind::kSelect;
      if (execution == Execution::kSampled && select && !weights.active[s][j]) {
        EXPECT_EQ(result.site_gradients[s][j], 0) << sites[s].scope;
        continue;
      }
      const double expected = slope(runner, batch, moved, plain, moved.weights[s][j]);
      EXPECT_NEAR(result.site_gradients[s][j], expected, allowed(expected))
          << sites[s].scope << " " << j;
    }
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << i;
}

}  // namespace nasmyth::test
