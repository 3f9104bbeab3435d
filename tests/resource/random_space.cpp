#include "tests/resource/random_space.h"

#include <algorithm>
#include <set>
#include <string>

#include "nasmyth/core/error.h"

namespace nasmyth::test {
namespace {

class SpaceBuilder {
 public:
  SpaceBuilder(RandomStream& random, const SpaceShape& shape) : random_(random), shape_(shape) {}

  NetworkGraph build() {
    int x = b_.image("image", 3, 8, 8);
    for (int s = 0; s < 2; ++s)
      widths_.push_back(b_.value("width" + std::to_string(s), random_.below(2)
                                                                  ? std::vector<double>{4, 8}
                                                                  : std::vector<double>{4, 6, 10}));
    x = b_.add("conv2d", "stem", {x}, {{"channels", widths_[0]}});
    ChoiceFunction in = widths_[0];
    std::vector<int> prefixes;
    for (int l = 0; l < shape_.layers; ++l) {
      const ChoiceFunction out = widths_[random_.below(2)];
      x = layer("layer" + std::to_string(l), x, in, out, shape_.nested ? 2 : 1);
      in = out;
      prefixes.push_back(x);
    }
    x = join_prefixes(prefixes);
    b_.output("logits", b_.add("conv2d", "head", {x}, {{"channels", 5}}));
    b_.output("aux", b_.add("conv2d", "aux", {prefixes[0]}, {{"channels", 50}, {"kernel", 5}}),
              true);
    b_.choice(value_of("rate", {0.1, 0.2}));  // of the recipe: no node reads it
    if (shape_.constraints) constrain();
    return b_.build();
  }

 private:
  // The last layers share a width, so that their prefixes have one shape.
  int join_prefixes(const std::vector<int>& prefixes) {
    std::vector<int> same;
    for (std::size_t i = 0; i < prefixes.size(); ++i)
      same.push_back(
          b_.add("conv2d", "project" + std::to_string(i), {prefixes[i]}, {{"channels", 6}}));
    if (random_.below(2)) return b_.add("concat", "join", same);
    Choice depth = one_of("depth", labels(same.size()));
    return b_.select("join", same, b_.choice(depth));
  }

  static std::vector<std::string> labels(std::size_t n) {
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < n; ++i) labels.push_back("o" + std::to_string(i));
    return labels;
  }

  int layer(const std::string& scope, int x, const ChoiceFunction& in, const ChoiceFunction& out,
            int depth) {
    const std::size_t n = 2 + random_.below(2);
    std::vector<int> branches;
    for (std::size_t i = 0; i < n; ++i)
      branches.push_back(branch(scope + "/b" + std::to_string(i), x, in, out, depth));
    return b_.select(scope, branches, select_choice(scope, n));
  }

  int select_choice(const std::string& scope, std::size_t n) {
    if (auto known = shared_.find(n); known != shared_.end() && random_.below(3) == 0)
      return known->second;  // one choice drives several selects
    const bool subset = n == 3 && random_.below(2);
    Choice choice = subset ? subset_of(scope + "/inputs", static_cast<int>(n), 2)
                           : one_of(scope + "/op", labels(n));
    if (choice.size() > 2 && random_.below(3) == 0) choice.options[0].search_only = true;
    const int index = b_.choice(std::move(choice));
    shared_[n] = index;
    return index;
  }

  int branch(const std::string& scope, int x, const ChoiceFunction& in, const ChoiceFunction& out,
             int depth) {
    if (depth > 1 && random_.below(2)) return layer(scope, x, in, out, depth - 1);
    const std::uint64_t kind = random_.below(4);
    if (kind == 0 && in == out) return b_.add("identity", scope, {x});
    Node node;
    node.operation = kind == 1 ? "conv_bn" : "conv2d";
    node.scope = scope;
    node.inputs = {x};
    node.attributes = {{"channels", out}, {"kernel", kernel(scope)}};
    if (kind == 2) node.keys[""] = "shared" + std::to_string(random_.below(2));
    if (kind != 3) return b_.add(std::move(node));
    node.attributes["channels"] = max(2, floordiv(in * expansion(scope), 2));
    node.scope += "/up";
    const int up = b_.add(node);
    return b_.add("conv2d", scope, {up}, {{"channels", out}});
  }

  ChoiceFunction kernel(const std::string& scope) {
    switch (random_.below(3)) {
      case 0:
        return b_.value("kernel", {1, 3});  // shared by all
      case 1:
        return budget(2) ? b_.value(scope + "/kernel", {1, 3}) : ChoiceFunction(3);
      default:
        return 3;
    }
  }

  ChoiceFunction expansion(const std::string& scope) {
    return budget(3) ? b_.value(scope + "/expansion", {1, 2, 3}) : ChoiceFunction(2);
  }

  bool budget(int options) const {
    double n = options;
    for (const auto& choice : b_.choices()) n *= choice.size();
    return n * 16 < shape_.greatest_assignments;
  }

  void constrain() {
    const auto& choices = b_.choices();
    const std::size_t a = random_.below(choices.size()), c = random_.below(choices.size());
    if (a == c || random_.below(2)) return;
    const int low = static_cast<int>(std::min(a, c)), high = static_cast<int>(std::max(a, c));
    const int m = choices[std::min(a, c)].size(), n = choices[std::max(a, c)].size();
    std::vector<double> values(static_cast<std::size_t>(m * n), 0);
    values[random_.below(values.size())] = kInfinity;
    values[random_.below(values.size())] = kInfinity;
    b_.constraint(ChoiceFunction::from_table({low, high}, {m, n}, std::move(values)));
  }

  RandomStream& random_;
  const SpaceShape shape_;
  GraphBuilder b_;
  std::vector<ChoiceFunction> widths_;
  std::map<std::size_t, int> shared_;
};

}  // namespace

NetworkGraph random_space(RandomStream& random, const SpaceShape& shape) {
  for (;;) {
    NetworkGraph graph = SpaceBuilder(random, shape).build();
    if (assignments(*graph.choices()) <= shape.greatest_assignments) return graph;
  }
}

double assignments(const ChoiceSet& choices) {
  double n = 1;
  for (const auto& choice : choices) n *= choice.size();
  return n;
}

void for_each_architecture(const ChoiceSetPtr& choices, bool all,
                           const std::function<void(const Architecture&)>& visit) {
  std::vector<int> x(static_cast<std::size_t>(choices->size()), 0);
  for (bool more = true; more;) {
    const Architecture a(choices, x);
    if (all || allowed(a)) visit(a);
    more = false;
    for (std::size_t c = 0; c < x.size() && !more; ++c) {
      more = ++x[c] < (*choices)[static_cast<int>(c)].size();
      if (!more) x[c] = 0;
    }
  }
}

std::vector<char> acting_choices(const NetworkGraph& graph, const Architecture& a) {
  std::vector<char> live(static_cast<std::size_t>(graph.size()), 0);
  std::vector<char> acting(static_cast<std::size_t>(graph.choices()->size()), 0), read = acting;
  for (const auto& output : graph.outputs()) live[static_cast<std::size_t>(output.node)] = 1;
  for (int i = graph.size(); i-- > 0;) {
    const Node& node = graph.node(i);
    std::set<int> reads;
    if (node.choice >= 0) reads.insert(node.choice);
    for (const auto& [name, attribute] : node.attributes)
      if (const auto* f = std::get_if<ChoiceFunction>(&attribute)) {
        const ChoiceFunction simple = simplify(*f);
        reads.insert(simple.scope().begin(), simple.scope().end());
      }
    for (int c : reads) read[static_cast<std::size_t>(c)] = 1;
    if (!live[static_cast<std::size_t>(i)]) continue;
    for (int c : reads) acting[static_cast<std::size_t>(c)] = 1;
    std::uint64_t picks = ~std::uint64_t{0};
    if (node.choice >= 0)
      picks = (*graph.choices())[node.choice]
                  .options[static_cast<std::size_t>(a.option(node.choice))]
                  .picks;
    for (std::size_t j = 0; j < node.inputs.size(); ++j)
      if (picks >> j & 1) live[static_cast<std::size_t>(node.inputs[j])] = 1;
  }
  for (std::size_t c = 0; c < acting.size(); ++c) acting[c] = acting[c] || !read[c];
  return acting;
}

std::vector<std::vector<double>> random_scores(const ChoiceSet& choices, RandomStream& random,
                                               double low, double high) {
  std::vector<std::vector<double>> scores;
  for (const auto& choice : choices) {
    auto& row = scores.emplace_back();
    for (int o = 0; o < choice.size(); ++o) row.push_back(random.uniform(low, high));
  }
  return scores;
}

std::vector<std::vector<double>> random_probabilities(const ChoiceSet& choices,
                                                      RandomStream& random) {
  auto p = random_scores(choices, random, 0.1, 1);
  for (auto& row : p) {
    double sum = 0;
    for (double x : row) sum += x;
    for (double& x : row) x /= sum;
  }
  return p;
}

}  // namespace nasmyth::test
