// Open networks: gradients of the sites, and the same function in every way of running it.
#include <gtest/gtest.h>

#include "nasmyth/space/search_space.h"
#include "tests/torch/network_runner.h"

namespace nasmyth::test {
namespace {

constexpr int kClasses = 3;

// Selects, widths, kernels and depth; smooth, so that differences of the loss are exact.
NetworkGraph small_open_network() {
  GraphBuilder b;
  int x = b.add("conv_bn", "stem", {b.image("image", 2, 6, 6)},
                {{"kernel", 3}, {"channels", 4}, {"activation", std::string("swish")}});
  const ChoiceFunction width = b.value("width", {3, 4, 6});
  const ChoiceFunction expansion = b.value("expansion", {1, 2});
  const ChoiceFunction kernel = b.value("kernel", {1, 3, 5});
  const Attributes common{{"kernel", kernel}, {"activation", std::string("swish")}};
  auto with = [&](Attributes more) {
    more.insert(common.begin(), common.end());
    return more;
  };
  x = b.add("mbconv", "first", {x},
            with({{"channels", width}, {"hidden", width * expansion}, {"squeeze_excitation", 0}}));
  const int depth1 = x;
  const int narrow = b.add("identity", "narrow", {x});
  const int wide = b.add("mbconv", "wide", {x}, with({{"channels", width}, {"hidden", 2 * width}}));
  const int flat = b.add("depthwise_separable", "flat", {x}, with({{"channels", width}}));
  x = b.select("operation", {narrow, wide, flat},
               b.choice(one_of("operation", {"narrow", "wide", "flat"})));
  x = b.select("depth", {depth1, x}, b.choice(one_of("depth", {"1", "2"})));
  x = b.add("global_pool", "pool", {x});
  b.output("logits", b.add("linear", "head", {x}, {{"features", kClasses}}));
  return b.build();
}

NetworkGraph compact_network() {
  const auto space = make_space(
      "compact", {{"widths", "8:12,16:24"}, {"strides", "1,2"}, {"layers", "2"}, {"stem", "8"}});
  Form form;
  form.role = FormRole::kSearch;
  form.input = {1, 12, 12};
  form.classes = kClasses;
  return *space->graph(form);
}

const OwnedBatch& small_batch() {
  static const OwnedBatch kBatch = random_batch({4, 2, 6, 6}, kClasses, 11);
  return kBatch;
}

TEST(Sites, DenseGradients) {
  NetworkRunner runner(small_open_network());
  const auto sites = find_sites(runner.expanded);
  EXPECT_GT(sites.size(), 10u);
  expect_gradients(runner, small_batch(), soft(sites, 3));
}

// One active input of each select, soft value weights: what a straight-through step sees.
TEST(Sites, SampledGradients) {
  NetworkRunner runner(small_open_network());
  const auto sites = find_sites(runner.expanded);
  RandomStream random(4);
  for (int i = 0; i < 3; ++i) {
    ChoiceWeights weights = one_hot(sites, random_architecture(runner.graph.choices(), random));
    const ChoiceWeights values = soft(sites, 5);
    for (std::size_t s = 0; s < sites.size(); ++s)
      if (sites[s].kind == Site::Kind::kValue) weights.weights[s] = values.weights[s];
    expect_gradients(runner, small_batch(), weights, Execution::kSampled);
  }
}

// One-hot weights: the straight-through gradient of every option of a value site, and of the active
// input of a select.
TEST(Sites, OneHotGradients) {
  NetworkRunner runner(small_open_network());
  RandomStream random(6);
  const auto architecture = random_architecture(runner.graph.choices(), random);
  expect_gradients(runner, small_batch(), one_hot(find_sites(runner.expanded), architecture),
                   Execution::kSampled);
}

// Sampled, dense and bound networks are one function, and so are their gradients; sampled without
// gradients of the choices runs at the sampled sizes, with them at the greatest with masks.
void expect_one_function(const NetworkGraph& graph, const OwnedBatch& batch, int samples) {
  NetworkRunner open(graph);
  RandomStream random(8);
  for (int i = 0; i < samples; ++i) {
    const auto architecture = random_architecture(open.graph.choices(), random);
    SCOPED_TRACE(architecture.to_text());
    const auto weights = one_hot(find_sites(open.expanded), architecture);
    const auto dense = open.run(double_spec(Gradients::kParameters), batch, weights);
    const auto sliced =
        open.run(double_spec(Gradients::kParameters, Execution::kSampled), batch, weights);
    const auto masked =
        open.run(double_spec(Gradients::kBoth, Execution::kSampled), batch, weights);
    NetworkRunner closed(open.graph.bind(architecture));
    std::vector<std::string> missing;
    closed.store = open.store.materialise(closed.expanded, builtin_operations(), &missing);
    EXPECT_TRUE(missing.empty());
    const auto bound = closed.run(double_spec(Gradients::kParameters), batch);
    for (const auto* other : {&dense, &sliced, &masked}) {
      EXPECT_NEAR(other->loss, bound.loss, 1e-12);
      EXPECT_NEAR(other->gradient_norm, bound.gradient_norm, 1e-10);
      expect_near(other->outputs.at("logits"), bound.outputs.at("logits"), 1e-6);
    }
    for (std::size_t k = 0; k < dense.parameter_gradients.size(); ++k) {
      EXPECT_NEAR(dense.parameter_gradients[k], sliced.parameter_gradients[k], 1e-11);
      EXPECT_NEAR(dense.parameter_gradients[k], masked.parameter_gradients[k], 1e-11);
    }
  }
}

TEST(Sites, OneFunctionInEveryForm) { expect_one_function(small_open_network(), small_batch(), 6); }

TEST(Sites, OneFunctionInCompact) {
  expect_one_function(compact_network(), random_batch({4, 1, 12, 12}, kClasses, 12), 6);
}

// With several inputs of a select active, and value sites that disagree, the step falls back to
// masks and still gives the dense result.
TEST(Sites, SampledFallsBackToMasks) {
  NetworkRunner runner(small_open_network());
  const auto sites = find_sites(runner.expanded);
  ChoiceWeights weights = soft(sites, 9);
  const auto dense = runner.run(double_spec(Gradients::kParameters), small_batch(), weights);
  const auto sampled =
      runner.run(double_spec(Gradients::kParameters, Execution::kSampled), small_batch(), weights);
  EXPECT_EQ(dense.loss, sampled.loss);
}

TEST(Sites, BranchesThatDoNotRunAreLeftAlone) {
  NetworkRunner runner(small_open_network());
  OptimizerSpec sgd;
  sgd.weight_decay = 0.1;
  runner.optimizer = runner.zeros(sgd);
  StepSpec spec = double_spec(Gradients::kParameters, Execution::kSampled);
  spec.optimizer = sgd;
  spec.batch_norm = BatchNormMode::kBatchAndUpdate;
  const auto before = runner.store.serialize();
  const auto untouched = ParameterStore::deserialize(before, "copy");
  RandomStream random(1);
  const auto architecture = random_architecture(runner.graph.choices(), random)
                                .with("operation", "flat")
                                .with("depth", "2");
  runner.run(spec, small_batch(), one_hot(find_sites(runner.expanded), architecture), {0.1, 0});
  for (std::size_t i = 0; i < runner.store.entries().size(); ++i) {
    const auto& e = runner.store.entries()[i];
    const bool ran = !e.key.starts_with("wide/");
    const auto now = runner.store.entry<double>(static_cast<int>(i));
    const auto then = untouched.entry<double>(static_cast<int>(i));
    const bool changed = !std::equal(now.begin(), now.end(), then.begin());
    EXPECT_EQ(changed, ran) << e.key;
    EXPECT_EQ(runner.optimizer.steps[i], e.trainable && ran ? 1 : 0) << e.key;
  }
}

TEST(Sites, WrongWeightsAreErrors) {
  NetworkRunner runner(small_open_network());
  EXPECT_THROW(runner.loss(double_spec(), small_batch()), Error);
  const auto sites = find_sites(runner.expanded);
  auto weights = soft(sites, 1);
  weights.active.clear();
  EXPECT_NO_THROW(runner.loss(double_spec(), small_batch(), weights));
  EXPECT_THROW(
      runner.loss(double_spec(Gradients::kNone, Execution::kSampled), small_batch(), weights),
      Error);
  weights = soft(sites, 1);
  for (std::size_t s = 0; s < sites.size(); ++s)
    if (sites[s].scope == "depth") weights.active[s].assign(2, 0);
  try {
    runner.loss(double_spec(Gradients::kNone, Execution::kSampled), small_batch(), weights);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), "depth");
  }
}

}  // namespace
}  // namespace nasmyth::test
