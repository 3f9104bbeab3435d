// The compiled executor against the reference one: primitives and sites are compared where their
// gradients are tested (expect_gradients), whole spaces here.
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/engine/compiled/lowering.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/space/search_space.h"
#include "tests/torch/network_runner.h"

namespace nasmyth::test {
namespace {

constexpr int kClasses = 5;

struct Case {
  std::string space;
  OptionMap options;
  ImageSpec input;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.space; }

// Dropping paths, running statistics that move, label smoothing, an optimiser that clips.
StepSpec training(ElementType type = ElementType::kFloat64) {
  StepSpec spec;
  spec.gradients = Gradients::kBoth;
  spec.batch_norm = BatchNormMode::kBatchAndUpdate;
  spec.training = true;
  spec.type = type;
  spec.objective.label_smoothing = 0.1;
  spec.objective.auxiliary_weight = 0.4;
  spec.objective.class_weights = {1, 2, 0.5, 1, 3};
  spec.optimizer = OptimizerSpec{};
  spec.optimizer->clip_norm = 0.5;
  return spec;
}

class CompiledSpace : public testing::TestWithParam<Case> {
 protected:
  NetworkGraph open() const {
    return space_->graph({FormRole::kSearch, GetParam().input, kClasses}).value();
  }
  NetworkGraph closed(std::uint64_t seed) const {
    RandomStream random(seed);
    return space_->network(random_architecture(space_->choices(), random),
                           {FormRole::kTarget, GetParam().input, kClasses});
  }
  OwnedBatch batch(int size = 3) const {
    const ImageSpec& i = GetParam().input;
    return random_batch({size, i.channels, i.height, i.width}, kClasses, 6);
  }

  std::unique_ptr<SearchSpace> space_ = make_space(GetParam().space, GetParam().options);
};

INSTANTIATE_TEST_SUITE_P(
    Spaces, CompiledSpace,
    testing::Values(Case{"compact",
                         {{"layers", "2"}, {"widths", "8:12,16:24"}, {"strides", "1,2"}},
                         {1, 11, 11}},
                    Case{
                        "darts",
                        {{"channels", "4"}, {"layers", "3"}, {"nodes", "2"}, {"auxiliary", "true"}},
                        {3, 32, 32}},
                    Case{"nasbench201", {{"cells", "1"}, {"channels", "4"}}, {3, 8, 8}}),
    [](const auto& info) { return info.param.space; });

TEST_P(CompiledSpace, DenseSteps) {
  const NetworkRunner runner(open());
  const ChoiceWeights weights = soft(find_sites(runner.expanded), 9);
  expect_compiled_alike(runner, training(), batch(), weights, {0.1, 0.3});
  StepSpec evaluation;
  evaluation.type = ElementType::kFloat64;
  expect_compiled_alike(runner, evaluation, batch(), weights);
  const NetworkRunner single(runner.graph, ElementType::kFloat32);
  expect_compiled_as_exact(single, training(ElementType::kFloat32), batch(), weights, {0.1, 0.3});
}

TEST_P(CompiledSpace, SampledSteps) {
  const NetworkRunner runner(open());
  const auto sites = find_sites(runner.expanded);
  for (std::uint64_t seed : {1, 2, 3}) {
    RandomStream random(seed);
    const ChoiceWeights weights = one_hot(sites, random_architecture(space_->choices(), random));
    StepSpec spec = training();
    spec.execution = Execution::kSampled;
    expect_compiled_alike(runner, spec, batch(), weights, {0.1, 0.3});
  }
}

TEST_P(CompiledSpace, ClosedNetworks) {
  for (std::uint64_t seed : {1, 2, 3, 4}) {
    const NetworkRunner runner(closed(seed));
    expect_compiled_alike(runner, training(), batch(), {}, {0.1, 0.3});
    const NetworkRunner single(runner.graph, ElementType::kFloat32);
    StepSpec evaluation;
    expect_compiled_alike(single, evaluation, batch(), {}, {}, 1e-4);
    expect_compiled_as_exact(single, training(ElementType::kFloat32), batch(), {}, {0.1, 0.3});
  }
}

// Chunks of the batch are fixed, and their sums are added in order.
TEST_P(CompiledSpace, SameBitsForAnyNumberOfThreads) {
  std::vector<std::vector<double>> gradients;
  for (int threads : {1, 2, 4}) {
    NetworkRunner runner(open(), ElementType::kFloat32, 7, threads, "compiled");
    StepSpec spec = training(ElementType::kFloat32);
    runner.optimizer = runner.zeros(*spec.optimizer);
    const ChoiceWeights weights = soft(find_sites(runner.expanded), 9);
    for (int i = 0; i < 2; ++i) {
      const StepResult result = runner.run(spec, batch(), weights, {0.1, 0.2});
      gradients.push_back(result.parameter_gradients);
      for (const auto& row : result.site_gradients)
        gradients.back().insert(gradients.back().end(), row.begin(), row.end());
    }
  }
  for (std::size_t i = 2; i < gradients.size(); ++i) EXPECT_EQ(gradients[i], gradients[i - 2]);
}

TEST(Compiled, EachPrimitiveHasALowering) {
  for (const auto& name : builtin_operations().names())
    if (builtin_operations().primitive(name)) {
      EXPECT_NE(compiled::find_lowering<float>(name), nullptr) << name;
    }
}

TEST(Compiled, SeveralStoresAndBatchSizes) {
  const auto space = make_space("nasbench201", {{"cells", "1"}, {"channels", "4"}});
  RandomStream random(2);
  const NetworkGraph graph = space->network(random_architecture(space->choices(), random),
                                            {FormRole::kTarget, {3, 8, 8}, kClasses});
  NetworkRunner runner(graph, ElementType::kFloat64, 7, 1, "compiled");
  NetworkRunner other(graph, ElementType::kFloat64, 8, 1, "compiled");
  const auto step = runner.prepare(double_spec(Gradients::kParameters));
  for (int size : {4, 20, 2}) {
    const OwnedBatch b = random_batch({size, 3, 8, 8}, kClasses, 6);
    for (NetworkRunner* r : {&runner, &other}) {
      const StepResult again = step->run(b.view(), {}, {&r->store, nullptr}, {}, RandomStream(1));
      EXPECT_EQ(again.loss, r->run(double_spec(Gradients::kParameters), b).loss) << size;
    }
  }
}

TEST(Compiled, WhatItDoesNotRunIsSaid) {
  const auto space = make_space("compact", {});
  NetworkRunner runner(space->graph({FormRole::kSearch, {1, 28, 28}, 10}).value(),
                       ElementType::kFloat32, 7, 1, "compiled");
  StepSpec spec;
  spec.execution = Execution::kSampled;
  try {
    runner.prepare(spec);
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUnsupported);
    EXPECT_NE(std::string(e.what()).find("--executor reference"), std::string::npos) << e.what();
  }
  EXPECT_THROW(make_executor("compiled", builtin_operations(), {"cuda", 1}), Error);
}

}  // namespace
}  // namespace nasmyth::test
