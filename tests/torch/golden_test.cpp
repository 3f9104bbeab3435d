// Numbers of the DARTS search network (arXiv 1806.09055), C=4, L=3, batch 2, 16x16, float64, that
// an independent implementation computed from the same deterministic fill (LinearCongruence).
#include <gtest/gtest.h>

#include <algorithm>
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
  explicit Golden(bool is_smooth = false, std::string_view executor = "reference")
      : space_(make_space("darts", {{"search_channels", "4"}, {"search_layers", "3"}})),
        runner_(is_smooth ? smooth(with_exact_image(search_network(*space_)))
                          : with_exact_image(search_network(*space_)),
                ElementType::kFloat64, 7, 1, executor),
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

  // The softmax's Jacobian times `direction`.
  OptionWeights pushed(const OptionWeights& direction) const {
    OptionWeights result = direction;
    for (std::size_t c = 0; c < direction.size(); ++c) {
      const auto& p = relaxed_.soft[c];
      double mean = 0;
      for (std::size_t o = 0; o < p.size(); ++o) mean += p[o] * direction[c][o];
      for (std::size_t o = 0; o < p.size(); ++o) result[c][o] = p[o] * (direction[c][o] - mean);
    }
    return result;
  }

  // The Hessian of the validation loss by the logits, times `direction`: that by the weights
  // between two Jacobians, and the curvature of the softmax itself.
  OptionWeights hessian_product(const OptionWeights& direction) {
    RandomStream unused;
    if (!hessian_step_) {
      hessian_step_ = runner_.prepare(double_spec(Gradients::kChoiceWeights));
      relaxed_ = relaxation_->relax(logits_, 1, unused);
      weight_slope_ = sites_.reduce(run(validation_, Gradients::kChoiceWeights).site_gradients);
    }
    const OptionWeights moved = pushed(direction);
    RelaxedChoices along = relaxed_;
    along.weights = moved;
    Direction sites;
    // Nodes take all their edges with weight 1, whatever the choices: no direction there.
    sites.sites = sites_.broadcast(along).weights;
    for (std::size_t s = 0; s < sites.sites.size(); ++s)
      if (sites_.sites()[s].size != kOperations) sites.sites[s].assign(sites.sites[s].size(), 0.0);
    const StepResult second =
        hessian_step_->hessian_product(validation_.view(), sites_.broadcast(relaxed_),
                                       {&runner_.store, nullptr}, {}, unused, sites);
    OptionWeights result = pushed(sites_.reduce(second.site_gradients));
    for (std::size_t c = 0; c < result.size(); ++c) {
      const auto &p = relaxed_.soft[c], &g = weight_slope_[c], &d = moved[c];
      double mean = 0, change = 0;
      for (std::size_t o = 0; o < p.size(); ++o) mean += p[o] * g[o], change += d[o] * g[o];
      for (std::size_t o = 0; o < p.size(); ++o)
        result[c][o] += d[o] * (g[o] - mean) - p[o] * change;
    }
    return result;
  }

  // The 224 x 224 matrix of both tables, the normal cell first.
  std::vector<std::vector<double>> hessian() {
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const char* kind : {"normal", "reduce"})
      for (int c : edge_choices(choices_, kind))
        for (std::size_t o = 0; o < kOperations; ++o)
          places.emplace_back(static_cast<std::size_t>(c), o);
    std::vector<std::vector<double>> rows;
    for (const auto& [choice, option] : places) {
      OptionWeights unit = logits_;
      for (auto& row : unit) row.assign(row.size(), 0.0);
      unit[choice][option] = 1;
      const OptionWeights product = hessian_product(unit);
      auto& row = rows.emplace_back();
      for (const auto& [c, o] : places) row.push_back(product[c][o]);
    }
    return rows;
  }

  void expect_logits_and_losses(), expect_architecture_gradients();
  void expect_smooth_losses_and_gradients();

  struct UnrolledNorms {
    double first[2], product[2], total[2];  // of the normal cell, of the reduction cell
  };

  UnrolledNorms unrolled_norms() {
    constexpr double kRate = 0.025, kDecay = 3e-4;
    const std::vector<double> train = run(train_, Gradients::kParameters).parameter_gradients;
    const std::span<double> w = runner_.store.values<double>().first(
        static_cast<std::size_t>(runner_.store.trainable_size()));
    const std::vector<double> start(w.begin(), w.end());
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= kRate * (train[i] + kDecay * w[i]);
    const StepResult there = run(validation_, Gradients::kBoth);
    const OptionWeights first =
        relaxation_->gradients(relaxed_, sites_.reduce(there.site_gradients));
    std::copy(start.begin(), start.end(), w.begin());
    const auto step = runner_.prepare(double_spec(Gradients::kBoth));
    const StepResult mixed =
        step->hessian_product(train_.view(), sites_.broadcast(relaxed_), {&runner_.store, nullptr},
                              {}, RandomStream(), {{}, there.parameter_gradients});
    const OptionWeights product =
        relaxation_->gradients(relaxed_, sites_.reduce(mixed.site_gradients));
    OptionWeights total = first;
    for (std::size_t c = 0; c < total.size(); ++c)
      for (std::size_t o = 0; o < total[c].size(); ++o) total[c][o] -= kRate * product[c][o];
    UnrolledNorms n{};
    for (int k : {0, 1}) {
      const std::string kind = k == 0 ? "normal" : "reduce";
      n.first[k] = norm(first, kind);
      n.product[k] = norm(product, kind);
      n.total[k] = norm(total, kind);
    }
    return n;
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
  std::unique_ptr<Step> hessian_step_;
  OptionWeights weight_slope_;
};

class SmoothGolden : public Golden {
 protected:
  SmoothGolden() : Golden(true) {}
};

class CompiledGolden : public Golden {
 protected:
  CompiledGolden() : Golden(false, "compiled") {}
};

class CompiledSmoothGolden : public Golden {
 protected:
  CompiledSmoothGolden() : Golden(true, "compiled") {}
};

void Golden::expect_logits_and_losses() {
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

TEST_F(Golden, LogitsAndLosses) { expect_logits_and_losses(); }
TEST_F(CompiledGolden, LogitsAndLosses) { expect_logits_and_losses(); }

// The last nodes are sums of normalised values, so the mean of the logits is the bias.
TEST_F(Golden, MeanOfLogitsIsTheBias) {
  const auto logits = run(train_, Gradients::kNone).outputs.at("logits");
  for (std::size_t c = 0; c < 10; ++c) EXPECT_NEAR(logits[c] + logits[10 + c], 0, 1e-14);
}

void Golden::expect_architecture_gradients() {
  const OptionWeights g = slope();
  EXPECT_NEAR(norm(g, "normal"), 0.33196488949997754, kTolerance);
  EXPECT_NEAR(norm(g, "reduce"), 0.3012799878120223, kTolerance);
  const double expected[] = {-4.675234266e-4, -3.328321707e-2, -1.247025609e-2, 8.703862665e-3,
                             4.003714773e-2,  -5.410360752e-2, 3.227326678e-2,  1.931032693e-2};
  const auto& row = g[static_cast<std::size_t>(edge_choices(choices_, "normal")[0])];
  for (std::size_t o = 0; o < kOperations; ++o) EXPECT_NEAR(row[o], expected[o], 1e-11);
}

TEST_F(Golden, ArchitectureGradients) { expect_architecture_gradients(); }
TEST_F(CompiledGolden, ArchitectureGradients) { expect_architecture_gradients(); }

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

// Eigenvalues of a symmetric matrix in ascending order, by Jacobi's rotations.
std::vector<double> eigenvalues(std::vector<std::vector<double>> a) {
  const std::size_t n = a.size();
  for (int sweep = 0; sweep < 30; ++sweep) {
    double rest = 0;
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) {
        rest += a[p][q] * a[p][q];
        if (a[p][q] == 0) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = std::copysign(1 / (std::abs(theta) + std::hypot(theta, 1)), theta);
        const double c = 1 / std::hypot(t, 1), s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double kp = a[k][p], kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double pk = a[p][k], qk = a[q][k];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
        }
      }
    if (rest < 1e-30) break;
  }
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(a[i][i]);
  std::sort(values.begin(), values.end());
  return values;
}

double trace(const std::vector<std::vector<double>>& a) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i][i];
  return sum;
}

// Every block row of an edge sums to zero, so there is a zero eigenvalue for each of 28 edges.
void expect_null_space(const std::vector<std::vector<double>>& h,
                       const std::vector<double>& values) {
  for (const auto& row : h)
    for (std::size_t edge = 0; edge < row.size(); edge += kOperations) {
      double sum = 0;
      for (std::size_t o = 0; o < kOperations; ++o) sum += row[edge + o];
      EXPECT_NEAR(sum, 0, 1e-13);
    }
  EXPECT_EQ(
      std::count_if(values.begin(), values.end(), [](double v) { return std::abs(v) < 1e-12; }),
      2 * kEdges);
}

TEST_F(Golden, Hessian) {
  const auto h = hessian();
  const std::vector<double> values = eigenvalues(h);
  EXPECT_NEAR(values.back(), 0.1475445691172998, kTolerance);
  EXPECT_NEAR(values.front(), -0.26149824079432005, kTolerance);
  EXPECT_NEAR(trace(h), -1.3232389278888095, kTolerance);
  expect_null_space(h, values);
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

void Golden::expect_smooth_losses_and_gradients() {
  EXPECT_NEAR(run(train_, Gradients::kNone).loss, 2.3123683400493116, kTolerance);
  EXPECT_NEAR(run(validation_, Gradients::kNone).loss, 2.990935379775278, kTolerance);
  const OptionWeights g = slope();
  EXPECT_NEAR(norm(g, "normal"), 0.1264467329174398, kTolerance);
  EXPECT_NEAR(norm(g, "reduce"), 0.2323136861040023, kTolerance);
}

TEST_F(SmoothGolden, LossesAndGradients) { expect_smooth_losses_and_gradients(); }
TEST_F(CompiledSmoothGolden, LossesAndGradients) { expect_smooth_losses_and_gradients(); }

TEST_F(SmoothGolden, Hessian) {
  const auto h = hessian();
  const std::vector<double> values = eigenvalues(h);
  EXPECT_NEAR(values.back(), 0.09691958770205186, kTolerance);
  EXPECT_NEAR(values.front(), -0.08810470102068438, kTolerance);
  EXPECT_NEAR(trace(h), -0.20198964095491265, kTolerance);
  expect_null_space(h, values);
}

// One unrolled step of the weights (rate 0.025, weight decay 3e-4, no momentum): the slope of the
// validation loss there, less the rate times the mixed second derivative of the training loss.
// The norms of both parts and of the whole, of the normal cell and the reduction cell.
TEST_F(Golden, UnrolledStep) {
  const UnrolledNorms n = unrolled_norms();
  EXPECT_NEAR(n.first[0], 0.36074126500912723, kTolerance);
  EXPECT_NEAR(n.first[1], 0.2978291377195259, kTolerance);
  EXPECT_NEAR(n.product[0], 1.0111028415396477, kTolerance);
  EXPECT_NEAR(n.product[1], 1.7477195986270466, kTolerance);
  EXPECT_NEAR(n.total[0], 0.3515621262996712, kTolerance);
  EXPECT_NEAR(n.total[1], 0.30652954069648125, kTolerance);
}

TEST_F(SmoothGolden, UnrolledStep) {
  const UnrolledNorms n = unrolled_norms();
  EXPECT_NEAR(n.product[0], 0.2384580707958565, kTolerance);
  EXPECT_NEAR(n.product[1], 0.2769607171592021, kTolerance);
  EXPECT_NEAR(n.total[0], 0.1306179624370549, kTolerance);
  EXPECT_NEAR(n.total[1], 0.23000887692953834, kTolerance);
}

// Sums do not know the order of their terms: with the candidates of every edge reversed, and their
// weights with them, nothing changes but rounding.
TEST_F(Golden, OrderOfOptionsDoesNotMatter) {
  const StepResult before = run(validation_, Gradients::kBoth);
  std::vector<Node> nodes = runner_.graph.nodes();
  for (auto& node : nodes)
    if (node.operation == "select") std::reverse(node.inputs.begin(), node.inputs.end());
  NetworkRunner reversed(GraphBuilder::assemble(runner_.graph.choices(), std::move(nodes),
                                                runner_.graph.outputs(), {}));
  fill(reversed.store);
  ChoiceWeights weights = sites_.broadcast(relaxed_);
  for (auto& row : weights.weights) std::reverse(row.begin(), row.end());
  const auto step = reversed.prepare(double_spec(Gradients::kBoth));
  step->keep_gradients(true);
  StepResult after =
      step->run(validation_.view(), weights, {&reversed.store, nullptr}, {}, RandomStream());
  for (auto& row : after.site_gradients) std::reverse(row.begin(), row.end());
  EXPECT_NEAR(after.loss, before.loss, 1e-14);
  for (std::size_t s = 0; s < after.site_gradients.size(); ++s)
    for (std::size_t o = 0; o < after.site_gradients[s].size(); ++o)
      EXPECT_NEAR(after.site_gradients[s][o], before.site_gradients[s][o], 1e-13);
  ASSERT_EQ(after.parameter_gradients.size(), before.parameter_gradients.size());
  for (std::size_t i = 0; i < after.parameter_gradients.size(); ++i)
    EXPECT_NEAR(after.parameter_gradients[i], before.parameter_gradients[i], 1e-13);
}

}  // namespace
}  // namespace nasmyth::test
