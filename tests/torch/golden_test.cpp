// Numbers of the DARTS search network (arXiv 1806.09055), C=4, L=3, batch 2, 16x16, float64, that
// an independent implementation computed from the same deterministic fill (LinearCongruence).
#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "nasmyth/graph/graph_edit.h"
#include "nasmyth/space/search_space.h"
#include "nasmyth/supernet/discretizer.h"
#include "nasmyth/supernet/relaxation.h"
#include "nasmyth/supernet/site_weights.h"
#include "tests/torch/network_runner.h"

namespace nasmyth::test {
namespace {

constexpr double kTolerance = 1e-10;
constexpr int kEdges = 14, kOperations = 8;

NetworkGraph search_network(const SearchSpace& space) {
  Form form;
  form.role = FormRole::kSearch;
  form.input = {3, 16, 16};
  return *space.graph(form);
}

// Softplus for every ReLU, average pools for max pools.
NetworkGraph smooth(const NetworkGraph& expanded) {
  std::vector<Node> nodes = expanded.nodes();
  for (auto& node : nodes) {
    if (node.operation == "relu") node.operation = "softplus";
    if (node.operation == "max_pool") node.operation = "avg_pool";
  }
  return GraphBuilder::assemble(expanded.choices(), nodes, expanded.outputs(), {});
}

// The image as a sum of two inputs: batches are float32, the numbers were computed in float64.
NetworkGraph with_exact_image(const NetworkGraph& graph) {
  const NetworkGraph expanded = expand(graph, builtin_operations()).graph;
  GraphCopy copy(expanded);
  for (int i = 0; i < expanded.size(); ++i) {
    const int kept = copy.keep(i, copy.rewired(i));
    if (expanded.node(i).operation != "input") continue;
    Node low = expanded.node(i), sum;
    low.scope = "image_low";
    sum.operation = "sum";
    sum.scope = "image_sum";
    sum.inputs = {kept, copy.add(low)};
    copy.replace(i, copy.add(sum));
  }
  return copy.finish(graph.choices());
}

// Every convolution and linear weight from a generator seeded with its element count, times
// 2 sqrt(6 / fan in); biases zero.
void fill(ParameterStore& store) {
  for (std::size_t i = 0; i < store.entries().size(); ++i) {
    const auto& e = store.entries()[i];
    if (e.shape.size() < 2) continue;
    LinearCongruence random(static_cast<std::uint64_t>(e.size));
    const double fan_in = static_cast<double>(e.size) / static_cast<double>(e.shape[0]);
    for (double& v : store.entry<double>(static_cast<int>(i)))
      v = random.next() * (2 * std::sqrt(6 / fan_in));
  }
}

OwnedBatch batch(std::uint64_t seed, std::vector<std::int64_t> targets) {
  OwnedBatch b;
  b.shape = {2, 3, 16, 16};
  b.targets = std::move(targets);
  LinearCongruence random(seed);
  for (int i = 0; i < 2 * 3 * 16 * 16; ++i) {
    const double value = 2 * random.next();
    b.pixels.push_back(static_cast<float>(value));
    b.low.push_back(static_cast<float>(value - static_cast<double>(b.pixels.back())));
  }
  return b;
}

// The 14 rows of one kind of cell.
std::vector<int> edge_choices(const ChoiceSet& choices, const std::string& kind) {
  std::vector<int> edges;
  for (int c = 0; c < choices.size(); ++c)
    if (choices[c].name.starts_with(kind + "/edge")) edges.push_back(c);
  return edges;
}

class Golden : public testing::Test {
 protected:
  explicit Golden(bool is_smooth = false)
      : space_(make_space("darts", {{"search_channels", "4"}, {"search_layers", "3"}})),
        runner_(is_smooth ? smooth(with_exact_image(search_network(*space_)))
                          : with_exact_image(search_network(*space_))),
        choices_(*space_->choices()),
        relaxation_(make_relaxation("softmax")),
        sites_(find_sites(runner_.expanded), space_->choices(), SubsetRule::kAllInputs),
        train_(batch(1, {0, 1})),
        validation_(batch(2, {2, 3})) {
    fill(runner_.store);
    for (const auto& choice : choices_)
      logits_.emplace_back(static_cast<std::size_t>(choice.size()), 0.0);
    set_alphas("normal", 0);
    set_alphas("reduce", 1);
  }

  void set_alphas(const std::string& kind, double phase) {
    const auto edges = edge_choices(choices_, kind);
    ASSERT_EQ(edges.size(), static_cast<std::size_t>(kEdges));
    double i = 0;
    for (int c : edges)
      for (double& a : logits_[static_cast<std::size_t>(c)]) a = 0.1 * std::sin(phase + i++);
  }

  StepResult run(const OwnedBatch& b, Gradients gradients) {
    RandomStream unused;
    relaxed_ = relaxation_->relax(logits_, 1, unused);
    return runner_.run(double_spec(gradients), b, sites_.broadcast(relaxed_));
  }

  // d validation loss / d logits.
  OptionWeights slope() {
    const StepResult result = run(validation_, Gradients::kChoiceWeights);
    return relaxation_->gradients(relaxed_, sites_.reduce(result.site_gradients));
  }

  double norm(const OptionWeights& rows, const std::string& kind) const {
    double sum = 0;
    for (int c : edge_choices(choices_, kind))
      for (double v : rows[static_cast<std::size_t>(c)]) sum += v * v;
    return std::sqrt(sum);
  }

  std::unique_ptr<SearchSpace> space_;
  NetworkRunner runner_;
  const ChoiceSet& choices_;
  std::unique_ptr<Relaxation> relaxation_;
  SiteWeights sites_;
  OwnedBatch train_, validation_;
  OptionWeights logits_;
  RelaxedChoices relaxed_;
};

class SmoothGolden : public Golden {
 protected:
  SmoothGolden() : Golden(true) {}
};

TEST_F(Golden, LogitsAndLosses) {
  const StepResult train = run(train_, Gradients::kNone);
  EXPECT_NEAR(train.loss, 2.055473149658152, kTolerance);
  EXPECT_NEAR(run(validation_, Gradients::kNone).loss, 3.0759628443321665, kTolerance);
  const double expected[] = {0.4409105279393452,   -0.1323093884487046,  0.22854344211959055,
                             -0.6463957708290003,  0.06155502183261287,  0.22676114988096863,
                             -0.11625848353615548, -0.06274980522512348, 0.03461679790245084,
                             -0.1859000503389759};
  const auto& logits = train.outputs.at("logits");
  for (std::size_t c = 0; c < 10; ++c) EXPECT_NEAR(logits[c], expected[c], kTolerance);
}

// The last nodes are sums of normalised values, so the mean of the logits is the bias.
TEST_F(Golden, MeanOfLogitsIsTheBias) {
  const auto logits = run(train_, Gradients::kNone).outputs.at("logits");
  for (std::size_t c = 0; c < 10; ++c) EXPECT_NEAR(logits[c] + logits[10 + c], 0, 1e-14);
}

TEST_F(Golden, ArchitectureGradients) {
  const OptionWeights g = slope();
  EXPECT_NEAR(norm(g, "normal"), 0.33196488949997754, kTolerance);
  EXPECT_NEAR(norm(g, "reduce"), 0.3012799878120223, kTolerance);
  const double expected[] = {-4.675234266e-4, -3.328321707e-2, -1.247025609e-2, 8.703862665e-3,
                             4.003714773e-2,  -5.410360752e-2, 3.227326678e-2,  1.931032693e-2};
  const auto& row = g[static_cast<std::size_t>(edge_choices(choices_, "normal")[0])];
  for (std::size_t o = 0; o < kOperations; ++o) EXPECT_NEAR(row[o], expected[o], 1e-11);
}

// Softmax does not see a constant: each row of the gradient sums to zero at every point, so the
// Hessian's rows vanish along it (one zero eigenvalue an edge).
TEST_F(Golden, NullSpaceOfSoftmax) {
  const OptionWeights g = slope();
  for (const auto& row : g) {
    double sum = 0;
    for (double v : row) sum += v;
    EXPECT_NEAR(sum, 0, 1e-14);
  }
  for (const char* kind : {"normal", "reduce"})
    for (int edge : {0, 6, 13}) {
      const auto c = static_cast<std::size_t>(edge_choices(choices_, kind)[edge]);
      for (double& a : logits_[c]) a += 0.25;
      const OptionWeights moved = slope();
      for (double& a : logits_[c]) a -= 0.25;
      for (std::size_t k = 0; k < g.size(); ++k)
        for (std::size_t o = 0; o < g[k].size(); ++o) EXPECT_NEAR(moved[k][o], g[k][o], 1e-12);
    }
}

// Index of the greatest number among the options that a derived network may use.
int best_option(const Choice& choice, const std::vector<double>& row) {
  int best = -1;
  for (int o = 0; o < choice.size(); ++o)
    if (!choice.options[static_cast<std::size_t>(o)].search_only &&
        (best < 0 || row[static_cast<std::size_t>(o)] > row[static_cast<std::size_t>(best)]))
      best = o;
  return best;
}

// The unconstrained selection: an operation counts where its edge is kept.
Architecture derive(const ChoiceSetPtr& set, const OptionWeights& scores) {
  const ChoiceSet& choices = *set;
  Architecture derived(set);
  std::vector<double> edges;  // of the node at hand, the score of each source
  for (int c = 0; c < choices.size(); ++c) {
    const auto& row = scores[static_cast<std::size_t>(c)];
    if (!choices[c].name.ends_with("/inputs")) {
      const int best = best_option(choices[c], row);
      derived = derived.with(c, best);
      edges.push_back(row[static_cast<std::size_t>(best)]);
      continue;
    }
    std::vector<double> sums;
    for (const auto& option : choices[c].options) {
      sums.push_back(0);
      for (std::size_t j = 0; j < edges.size(); ++j)
        if (option.picks >> j & 1) sums.back() += edges[j];
    }
    derived = derived.with(c, best_option(choices[c], sums));
    edges.clear();
  }
  return derived;
}

TEST_F(Golden, Genotype) {
  RandomStream unused;
  const Architecture derived =
      derive(space_->choices(), make_discretizer("darts_top2")->scores(choices_, logits_, unused));
  const std::vector<std::pair<std::string, std::string>> expected{
      {"normal/edge0_2", "avg_pool_3x3"}, {"normal/edge1_2", "dil_conv_3x3"},
      {"normal/edge1_3", "skip_connect"}, {"normal/edge0_3", "sep_conv_3x3"},
      {"normal/edge1_4", "sep_conv_3x3"}, {"normal/edge2_4", "avg_pool_3x3"},
      {"normal/edge1_5", "skip_connect"}, {"normal/edge4_5", "sep_conv_3x3"},
      {"reduce/edge1_2", "sep_conv_5x5"}, {"reduce/edge0_2", "dil_conv_5x5"},
      {"reduce/edge0_3", "skip_connect"}, {"reduce/edge1_3", "avg_pool_3x3"},
      {"reduce/edge1_4", "skip_connect"}, {"reduce/edge0_4", "sep_conv_5x5"},
      {"reduce/edge0_5", "sep_conv_3x3"}, {"reduce/edge4_5", "skip_connect"},
      {"normal/node2/inputs", "0+1"},     {"normal/node3/inputs", "0+1"},
      {"normal/node4/inputs", "1+2"},     {"normal/node5/inputs", "1+4"},
      {"reduce/node2/inputs", "0+1"},     {"reduce/node3/inputs", "0+1"},
      {"reduce/node4/inputs", "0+1"},     {"reduce/node5/inputs", "0+4"}};
  for (const auto& [choice, label] : expected)
    EXPECT_EQ(derived.label(choices_.index(choice)), label) << choice;
}

TEST_F(SmoothGolden, LossesAndGradients) {
  EXPECT_NEAR(run(train_, Gradients::kNone).loss, 2.3123683400493116, kTolerance);
  EXPECT_NEAR(run(validation_, Gradients::kNone).loss, 2.990935379775278, kTolerance);
  const OptionWeights g = slope();
  EXPECT_NEAR(norm(g, "normal"), 0.1264467329174398, kTolerance);
  EXPECT_NEAR(norm(g, "reduce"), 0.2323136861040023, kTolerance);
}

}  // namespace
}  // namespace nasmyth::test
