// What a step does around the network: statistics, loss, randomness, optimiser, errors.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "nasmyth/engine/executors.h"
#include "nasmyth/torch/reference_step.h"
#include "tests/torch/network_runner.h"

namespace nasmyth::test {
namespace {

constexpr int kClasses = 3;

NetworkGraph plain_network(bool auxiliary = false) {
  GraphBuilder b;
  int x = b.add("conv_bn", "a", {b.image("image", 2, 8, 8)},
                {{"kernel", 3}, {"channels", 6}, {"activation", std::string("relu")}});
  x = b.add("mbconv", "b", {x}, {{"channels", 8}, {"hidden", 12}, {"stride", 2}});
  const int pooled = b.add("global_pool", "pool", {x});
  b.output("logits", b.add("linear", "head", {pooled}, {{"features", kClasses}}));
  if (auxiliary)
    b.output("auxiliary", b.add("linear", "side", {pooled}, {{"features", kClasses}}), true);
  return b.build();
}

NetworkGraph one_operation(const std::string& operation, Attributes attributes, int channels = 2,
                           int size = 4) {
  GraphBuilder b;
  const int image = b.image("image", channels, size, size);
  b.output("result", b.add(operation, "tested", {image}, std::move(attributes)));
  return b.build();
}

StepSpec outputs_only(ElementType type = ElementType::kFloat64) {
  StepSpec spec;
  spec.loss = false;
  spec.type = type;
  return spec;
}

StepSpec weight_step(ElementType type, OptimizerSpec optimizer = {}) {
  StepSpec spec;
  spec.gradients = Gradients::kParameters;
  spec.batch_norm = BatchNormMode::kBatchAndUpdate;
  spec.type = type;
  spec.training = true;
  spec.optimizer = optimizer;
  return spec;
}

OwnedBatch batch_of(std::int64_t size, std::uint64_t seed = 21) {
  return random_batch({size, 2, 8, 8}, kClasses, seed);
}

// running <- 0.9 running + 0.1 statistic, the variance with n - 1.
TEST(BatchNorm, RunningStatistics) {
  NetworkRunner runner(one_operation("batch_norm", {{"momentum", 0.3}}));
  const OwnedBatch batch = random_batch({3, 2, 4, 4}, kClasses, 2);
  StepSpec spec = outputs_only();
  spec.batch_norm = BatchNormMode::kBatchAndUpdate;
  runner.run(spec, batch);
  for (std::size_t c = 0; c < 2; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t n = 0; n < 3; ++n)
      for (std::size_t p = 0; p < 16; ++p) sum += batch.pixels[(2 * n + c) * 16 + p];
    const double mean = sum / 48;
    for (std::size_t n = 0; n < 3; ++n)
      for (std::size_t p = 0; p < 16; ++p)
        squares += std::pow(batch.pixels[(2 * n + c) * 16 + p] - mean, 2);
    EXPECT_NEAR(runner.store.entry<double>(runner.store.find("tested/running_mean"))[c], 0.3 * mean,
                1e-14);
    EXPECT_NEAR(runner.store.entry<double>(runner.store.find("tested/running_variance"))[c],
                0.7 + 0.3 * squares / 47, 1e-14);
  }
}

TEST(BatchNorm, Modes) {
  NetworkRunner runner(one_operation("batch_norm", {}));
  const OwnedBatch batch = random_batch({3, 2, 4, 4}, kClasses, 2);
  StepSpec spec = outputs_only();
  const auto fresh = runner.run(spec, batch).outputs.at("result");  // mean 0, variance 1
  expect_near(fresh, std::vector<double>(batch.pixels.begin(), batch.pixels.end()), 1e-4);
  spec.batch_norm = BatchNormMode::kBatch;
  const auto before = runner.store.serialize();
  const auto normalised = runner.run(spec, batch).outputs.at("result");
  EXPECT_EQ(runner.store.serialize(), before);
  double sum = 0;
  for (double v : normalised) sum += v;
  EXPECT_NEAR(sum, 0, 1e-5);
}

TEST(BatchNorm, OneValueIsAnError) {
  NetworkRunner runner(one_operation("batch_norm", {}, 2, 1));
  StepSpec spec = outputs_only();
  spec.batch_norm = BatchNormMode::kBatch;
  EXPECT_THROW(runner.run(spec, random_batch({1, 2, 1, 1}, 2, 1)), Error);
}

double cross_entropy(const std::vector<double>& logits, std::span<const std::int64_t> targets,
                     double smoothing) {
  double loss = 0;
  for (std::size_t n = 0; n < targets.size(); ++n) {
    double sum = 0;
    for (std::size_t c = 0; c < kClasses; ++c) sum += std::exp(logits[n * kClasses + c]);
    for (std::size_t c = 0; c < kClasses; ++c) {
      const double hit = targets[n] == static_cast<std::int64_t>(c) ? 1 - smoothing : 0;
      loss -= (hit + smoothing / kClasses) * (logits[n * kClasses + c] - std::log(sum));
    }
  }
  return loss / static_cast<double>(targets.size());
}

TEST(Loss, SmoothingAndAuxiliaryHead) {
  NetworkRunner runner(plain_network(true));
  const OwnedBatch batch = batch_of(5);
  StepSpec spec = double_spec();
  spec.objective = {0.1, 0.4};
  const auto result = runner.run(spec, batch);
  EXPECT_NEAR(result.loss,
              cross_entropy(result.outputs.at("logits"), batch.targets, 0.1) +
                  0.4 * cross_entropy(result.outputs.at("auxiliary"), batch.targets, 0.1),
              1e-6);
  spec.objective.auxiliary_weight = 0;
  EXPECT_NEAR(runner.run(spec, batch).loss,
              cross_entropy(result.outputs.at("logits"), batch.targets, 0.1), 1e-6);
}

// The mean is weighted by the weights of the samples' classes.
TEST(Loss, ClassWeights) {
  NetworkRunner runner(plain_network());
  const OwnedBatch batch = batch_of(5);
  StepSpec spec = double_spec();
  const auto logits = runner.run(spec, batch).outputs.at("logits");
  spec.objective.class_weights = {0.5, 2, 1};
  double loss = 0, total = 0;
  for (std::size_t i = 0; i < batch.targets.size(); ++i) {
    const double weight = spec.objective.class_weights[static_cast<std::size_t>(batch.targets[i])];
    const std::vector<double> row(logits.begin() + static_cast<std::ptrdiff_t>(3 * i),
                                  logits.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
    loss += weight * cross_entropy(row, std::vector<std::int64_t>{batch.targets[i]}, 0);
    total += weight;
  }
  EXPECT_NEAR(runner.run(spec, batch).loss, loss / total, 1e-6);
  spec.objective.class_weights = {1, 1};
  EXPECT_THROW(runner.run(spec, batch), Error);
}

TEST(Loss, NotFiniteIsReturnedAndChangesNothing) {
  NetworkRunner runner(plain_network(), ElementType::kFloat32);
  runner.optimizer = runner.zeros({});
  const int bias = runner.store.find("head/bias");
  runner.store.entry<float>(bias)[0] = std::numeric_limits<float>::quiet_NaN();
  StepSpec spec = weight_step(ElementType::kFloat32);
  spec.batch_norm = BatchNormMode::kBatch;
  const auto before = runner.store.serialize();
  EXPECT_TRUE(std::isnan(runner.run(spec, batch_of(4), {}, {0.1, 0}).loss));
  EXPECT_EQ(runner.store.serialize(), before);
}

TEST(Random, DropPath) {
  NetworkRunner runner(one_operation("drop_path", {}, 1, 2));
  const OwnedBatch batch = random_batch({4000, 1, 2, 2}, 2, 3);
  StepSpec spec = outputs_only();
  spec.training = true;
  const auto y = runner.run(spec, batch, {}, {0, 0.25}).outputs.at("result");
  int kept = 0;
  for (std::size_t n = 0; n < 4000; ++n) {
    const bool keeps = y[4 * n] != 0;
    kept += keeps;
    for (std::size_t p = 0; p < 4; ++p)
      EXPECT_FLOAT_EQ(y[4 * n + p], keeps ? batch.pixels[4 * n + p] / 0.75f : 0);
  }
  EXPECT_NEAR(kept, 3000, 6 * std::sqrt(4000 * 0.25 * 0.75));
  EXPECT_EQ(runner.run(spec, batch, {}, {0, 0}).outputs.at("result"),
            std::vector<double>(batch.pixels.begin(), batch.pixels.end()));
  spec.training = false;
  EXPECT_EQ(runner.run(spec, batch, {}, {0, 0.25}).outputs.at("result"),
            std::vector<double>(batch.pixels.begin(), batch.pixels.end()));
}

TEST(Random, Dropout) {
  NetworkRunner runner(one_operation("dropout", {{"rate", 0.4}}, 3, 4));
  OwnedBatch batch = random_batch({501, 3, 4, 4}, 2, 3);
  batch.pixels.assign(batch.pixels.size(), 1);
  StepSpec spec = outputs_only();
  spec.training = true;
  const auto y = runner.run(spec, batch).outputs.at("result");
  const double n = static_cast<double>(y.size());
  double kept = 0;
  for (double v : y) {
    EXPECT_TRUE(v == 0 || std::abs(v - 1 / 0.6) < 1e-6);
    kept += v != 0;
  }
  EXPECT_NEAR(kept, 0.6 * n, 6 * std::sqrt(n * 0.24));
  EXPECT_NE(runner.run(spec, batch, {}, {}, 2).outputs.at("result"), y);
  EXPECT_EQ(runner.run(spec, batch).outputs.at("result"), y);
}

TEST(Random, Noise) {
  NetworkRunner runner(one_operation("gaussian_noise", {{"stride", 2}}, 3, 4));
  const OwnedBatch batch = random_batch({501, 3, 4, 4}, 2, 3);
  StepSpec spec = outputs_only();
  spec.training = true;
  const auto y = runner.run(spec, batch).outputs.at("result");
  const double n = static_cast<double>(y.size());
  ASSERT_EQ(n, 501 * 3 * 2 * 2);
  double sum = 0, squares = 0;
  for (double v : y) {
    sum += v;
    squares += v * v;
  }
  EXPECT_NEAR(sum / n, 0, 6 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 6 * std::sqrt(2 / n));
  EXPECT_NE(runner.run(spec, batch, {}, {}, 2).outputs.at("result"), y);
  EXPECT_EQ(runner.run(spec, batch).outputs.at("result"), y);
  spec.training = false;
  EXPECT_EQ(runner.run(spec, batch).outputs.at("result"), std::vector<double>(y.size(), 0.0));
}

// The same seed gives the same bits, for each number of threads.
TEST(Random, SameSeedSameBits) {
  for (int threads : {1, 2, 3}) {
    std::vector<std::string> bytes;
    for (int repeat = 0; repeat < 2; ++repeat) {
      NetworkRunner runner(plain_network(), ElementType::kFloat32, 7, threads);
      runner.optimizer = runner.zeros({});
      const auto step = runner.prepare(weight_step(ElementType::kFloat32));
      for (std::uint64_t i = 0; i < 5; ++i)
        step->run(batch_of(33, i).view(), {}, {&runner.store, &runner.optimizer}, {0.1, 0.2},
                  RandomStream(i));
      bytes.push_back(runner.store.serialize());
    }
    EXPECT_EQ(bytes[0], bytes[1]) << threads << " threads";
  }
}

template <class T>
void expect_same_update(ElementType type, const OptimizerSpec& optimizer) {
  NetworkRunner inside(plain_network(), type), outside(plain_network(), type);
  inside.optimizer = inside.zeros(optimizer);
  outside.optimizer = outside.zeros(optimizer);
  StepSpec without = weight_step(type);
  without.optimizer.reset();
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto a = inside.run(weight_step(type, optimizer), batch_of(6, i), {}, {0.05, 0});
    const auto b = outside.run(without, batch_of(6, i));
    std::vector<T> gradients(b.parameter_gradients.begin(), b.parameter_gradients.end());
    std::vector<OptimizerSegment<T>> segments;
    for (std::size_t e = 0; e < outside.store.entries().size(); ++e) {
      const auto& entry = outside.store.entries()[e];
      if (!entry.trainable) continue;
      const auto at = static_cast<std::size_t>(entry.offset);
      const auto n = static_cast<std::size_t>(entry.size);
      OptimizerState& state = outside.optimizer;
      OptimizerSegment<T> s{outside.store.entry<T>(static_cast<int>(e)),
                            std::span<const T>(gradients).subspan(at, n),
                            std::span(state.first).subspan(at, n),
                            {},
                            &state.steps[e],
                            entry.decay};
      if (!state.second.empty()) s.second = std::span(state.second).subspan(at, n);
      segments.push_back(s);
    }
    const double norm = update<T>(optimizer, 0.05, segments);
    EXPECT_EQ(a.gradient_norm, norm);
    EXPECT_NEAR(b.gradient_norm, norm, 1e-9 * norm);
    EXPECT_EQ(inside.store.serialize(), outside.store.serialize());
    EXPECT_EQ(inside.optimizer.serialize(), outside.optimizer.serialize());
  }
}

TEST(Optimizer, InsideTheStepIsTheSameAsOutside) {
  OptimizerSpec sgd;
  sgd.weight_decay = 1e-3;
  sgd.clip_norm = 0.5;
  sgd.decay_all = false;
  OptimizerSpec adam;
  adam.kind = OptimizerKind::kAdamW;
  adam.weight_decay = 1e-2;
  for (const auto& spec : {sgd, adam}) {
    expect_same_update<float>(ElementType::kFloat32, spec);
    expect_same_update<double>(ElementType::kFloat64, spec);
  }
}

TEST(Optimizer, Learns) {
  NetworkRunner runner(plain_network(), ElementType::kFloat32);
  runner.optimizer = runner.zeros({});
  const auto step = runner.prepare(weight_step(ElementType::kFloat32));
  const OwnedBatch batch = batch_of(16);
  double first = 0, last = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    last =
        step->run(batch.view(), {}, {&runner.store, &runner.optimizer}, {0.1, 0}, RandomStream(i))
            .loss;
    if (i == 0) first = last;
  }
  EXPECT_LT(last, 0.2 * first);  // usually 0.02
}

// A copy on the device (as on a GPU) gives the bits of the parameters used where they lie.
TEST(Step, MirroredParameters) {
  std::vector<std::string> bytes;
  for (bool mirror : {false, true}) {
    NetworkRunner runner(plain_network(), ElementType::kFloat32);
    runner.optimizer = runner.zeros({});
    ReferencePlace place;
    place.mirror = mirror;
    ReferenceStep step(runner.graph, builtin_operations(), weight_step(ElementType::kFloat32),
                       place);
    for (std::uint64_t i = 0; i < 3; ++i)
      step.run(batch_of(8, i).view(), {}, {&runner.store, &runner.optimizer}, {0.1, 0.2},
               RandomStream(i));
    bytes.push_back(runner.store.serialize());
  }
  EXPECT_EQ(bytes[0], bytes[1]);
}

// A step follows the store that it is given, whatever came before.
TEST(Step, SeveralStoresAndBatchSizes) {
  NetworkRunner a(plain_network()), b(plain_network(), ElementType::kFloat64, 8);
  const auto step = a.prepare(double_spec());
  const auto run = [&](NetworkRunner& runner, std::int64_t size) {
    return step->run(batch_of(size).view(), {}, {&runner.store, nullptr}, {}, RandomStream()).loss;
  };
  const double first = run(a, 4), second = run(b, 7);
  EXPECT_NE(first, second);
  EXPECT_EQ(run(a, 4), first);
  EXPECT_EQ(run(b, 7), second);
  auto moved = std::make_unique<ParameterStore>(std::move(a.store));
  a.store = ParameterStore(a.expanded, builtin_operations(), ElementType::kFloat64);
  EXPECT_NE(run(a, 4), first);
}

ErrorKind kind_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::kInternal;
}

TEST(Step, ErrorsOfUse) {
  NetworkRunner runner(plain_network());
  const auto run = [&](StepSpec spec, const OwnedBatch& batch) {
    return [=, &runner] { runner.run(spec, batch); };
  };
  OwnedBatch batch = batch_of(4);
  batch.targets[1] = kClasses;
  EXPECT_EQ(kind_of(run(double_spec(), batch)), ErrorKind::kOutOfRange);
  batch.targets.pop_back();
  EXPECT_EQ(kind_of(run(double_spec(), batch)), ErrorKind::kShape);
  EXPECT_EQ(kind_of(run(double_spec(), random_batch({4, 3, 8, 8}, 3, 1))), ErrorKind::kShape);
  EXPECT_EQ(kind_of(run(outputs_only(ElementType::kFloat32), batch_of(4))),
            ErrorKind::kInvalidArgument);
  StepSpec spec = double_spec();
  spec.optimizer = OptimizerSpec{};
  EXPECT_EQ(kind_of(run(spec, batch_of(4))), ErrorKind::kInvalidArgument);
  spec.gradients = Gradients::kParameters;
  EXPECT_EQ(kind_of(run(spec, batch_of(4))), ErrorKind::kShape);  // no moments
  spec.optimizer.reset();
  spec.loss = false;
  EXPECT_EQ(kind_of(run(spec, batch_of(4))), ErrorKind::kInvalidArgument);
  NetworkRunner other(one_operation("conv2d", {{"channels", 3}}));
  const auto step = runner.prepare(double_spec());
  EXPECT_EQ(kind_of([&] {
              step->run(batch_of(4).view(), {}, {&other.store, nullptr}, {}, RandomStream());
            }),
            ErrorKind::kInvalidArgument);
}

TEST(Device, Names) {
  const auto make = [](const char* device, int threads = 1) {
    return [=] { make_reference_executor(builtin_operations(), {device, threads}); };
  };
  EXPECT_NO_THROW(make("cpu", 0)());
  EXPECT_EQ(kind_of(make("gpu")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind_of(make("cuda:x")), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind_of(make("cuda:99")), ErrorKind::kUnsupported);
  EXPECT_EQ(kind_of(make("cpu", -1)), ErrorKind::kOutOfRange);
}

TEST(Plugin, IsFoundAndLoadedOnDemand) {
  const auto executor = make_executor("reference", builtin_operations(), {"cpu", 1});
  ASSERT_NE(executor, nullptr);
  NetworkRunner runner(plain_network());
  const auto step = executor->prepare(runner.graph, double_spec());
  const auto result =
      step->run(batch_of(4).view(), {}, {&runner.store, nullptr}, {}, RandomStream());
  EXPECT_EQ(result.loss, runner.loss(double_spec(), batch_of(4)));
}

}  // namespace
}  // namespace nasmyth::test
