// The NAS-Bench-201 topology space (Dong and Yang, arXiv 2001.00326): one cell of 4 nodes and 6
// edges, each edge one of 5 operations; 15,625 architectures.
#include <algorithm>

#include "nasmyth/space/search_space.h"

namespace nasmyth {
namespace {

constexpr int kNodes = 4;

struct NasBench201Options {
  int channels = 16;
  int cells = 5;
};

void describe(OptionFields<NasBench201Options>& f) {
  f.add("channels", &NasBench201Options::channels,
        {"channels of the first stage", "channels", 1, 1024})
      .add("cells", &NasBench201Options::cells,
           {"cells in each of the three stages", "cells", 1, 50});
}

const std::vector<std::string>& operation_names() {
  static const std::vector<std::string> kNames{"none", "skip_connect", "nor_conv_1x1",
                                               "nor_conv_3x3", "avg_pool_3x3"};
  return kNames;
}

std::string edge_name(int node, int source) {
  return "edge" + std::to_string(source) + "_" + std::to_string(node);
}

class NasBench201Space : public SearchSpace {
 public:
  explicit NasBench201Space(const NasBench201Options& options) : options_(options) {
    GraphBuilder builder;
    declare_choices(builder);
    choices_ = std::make_shared<ChoiceSet>(builder.choices());
  }

  const ChoiceSetPtr& choices() const override { return choices_; }

  std::optional<NetworkGraph> graph(const Form& form) const override {
    const int affine = form.role == FormRole::kSearch ? 0 : 1;
    GraphBuilder b;
    const auto edges = declare_choices(b);
    int channels = options_.channels;
    int x = b.image("image", form.input.channels, form.input.height, form.input.width);
    x = b.add("conv2d", "stem/conv", {x}, {{"kernel", 3}, {"channels", channels}});
    x = b.add("batch_norm", "stem/bn", {x});
    for (int stage = 0; stage < 3; ++stage) {
      if (stage > 0)
        x = reduction(b, "stage" + std::to_string(stage) + "/reduce", x, channels *= 2);
      for (int cell = 0; cell < options_.cells; ++cell)
        x = open_cell(b, "stage" + std::to_string(stage) + "/cell" + std::to_string(cell), x, edges,
                      affine);
    }
    x = b.add("relu", "head/relu", {b.add("batch_norm", "head/bn", {x})});
    x = b.add("global_pool", "head/pool", {x});
    b.output("logits", b.add("linear", "head/linear", {x}, {{"features", form.classes}}));
    return b.build();
  }

  Architecture architecture(std::string_view text) const override {
    return text.starts_with("|") ? from_string(text) : SearchSpace::architecture(text);
  }

  /// The published text: |op~0|+|op~0|op~1|+|op~0|op~1|op~2|.
  std::string genotype(const Architecture& a) const override {
    std::string text;
    for (int node = 1; node < kNodes; ++node) {
      text += node > 1 ? "+|" : "|";
      for (int source = 0; source < node; ++source)
        text += operation(a, node, source) + "~" + std::to_string(source) + "|";
    }
    return text;
  }

  /// Networks that differ only by the order of a sum, by wires, or by what only zeros reach are one
  /// class: 6,466 of them.
  std::string equivalence_key(const Architecture& a) const override {
    std::vector<std::string> value{"0"};
    for (int node = 1; node < kNodes; ++node) {
      std::vector<std::string> terms;
      for (int source = 0; source < node; ++source) {
        const std::string name = operation(a, node, source);
        const std::string& from = value[static_cast<std::size_t>(source)];
        if (name == "none" || from == "#") {
          terms.emplace_back("#");
        } else {
          terms.push_back(name == "skip_connect" ? from : "(" + from + ")@" + name);
        }
      }
      std::sort(terms.begin(), terms.end());
      std::string sum;
      for (const auto& t : terms) sum += (sum.empty() ? "" : "+") + t;
      value.push_back(sum);
    }
    return value.back();
  }

 private:
  static std::vector<int> declare_choices(GraphBuilder& b) {
    std::vector<int> edges;
    for (int node = 1; node < kNodes; ++node)
      for (int source = 0; source < node; ++source)
        edges.push_back(b.choice(one_of(edge_name(node, source), operation_names())));
    return edges;
  }

  static int open_cell(GraphBuilder& b, const std::string& scope, int x,
                       const std::vector<int>& edges, int affine) {
    std::vector<int> value{x};
    std::size_t edge = 0;
    for (int node = 1; node < kNodes; ++node) {
      std::vector<int> terms;
      for (int source = 0; source < node; ++source, ++edge) {
        const std::string at = scope + "/" + edge_name(node, source);
        std::vector<int> branches;
        for (const auto& name : operation_names())
          branches.push_back(b.add(name, at + "/" + name, {value[static_cast<std::size_t>(source)]},
                                   name == "none" || name == "avg_pool_3x3"
                                       ? Attributes{}
                                       : Attributes{{"affine", affine}}));
        terms.push_back(b.select(at, branches, edges[edge]));
      }
      value.push_back(terms.size() == 1
                          ? terms[0]
                          : b.add("sum", scope + "/node" + std::to_string(node), terms));
    }
    return value.back();
  }

  static int reduction(GraphBuilder& b, const std::string& scope, int x, int channels) {
    int y = b.add("relu_conv_bn", scope + "/a", {x},
                  {{"kernel", 3}, {"stride", 2}, {"channels", channels}});
    y = b.add("relu_conv_bn", scope + "/b", {y}, {{"kernel", 3}, {"channels", channels}});
    int s = b.add("avg_pool", scope + "/pool", {x}, {{"kernel", 2}, {"stride", 2}, {"padding", 0}});
    s = b.add("conv2d", scope + "/shortcut", {s}, {{"channels", channels}});
    return b.add("sum", scope, {y, s});
  }

  const std::string& operation(const Architecture& a, int node, int source) const {
    return a.label(choices_->index(edge_name(node, source)));
  }

  Architecture from_string(std::string_view text) const {
    Architecture a(choices_);
    std::size_t at = 0;
    auto fail = [&](const std::string& what) {
      return Error(ErrorKind::kInvalidData, "genotype:" + std::to_string(at + 1), what,
                   "write |op~0|+|op~0|op~1|+|op~0|op~1|op~2|");
    };
    for (int node = 1; node < kNodes; ++node) {
      const std::string_view open = node > 1 ? "+|" : "|";
      if (text.substr(at, open.size()) != open) throw fail("expected '" + std::string(open) + "'");
      at += open.size();
      for (int source = 0; source < node; ++source) {
        const std::size_t end = text.find('|', at);
        if (end == std::string_view::npos) throw fail("expected '|'");
        const std::string_view term = text.substr(at, end - at);
        const std::string suffix = "~" + std::to_string(source);
        if (!term.ends_with(suffix)) throw fail("expected an operation and '" + suffix + "'");
        a = a.with(edge_name(node, source), term.substr(0, term.size() - suffix.size()));
        at = end + 1;
      }
    }
    if (at != text.size()) throw fail("text follows the last '|'");
    return a;
  }

  NasBench201Options options_;
  ChoiceSetPtr choices_;
};

}  // namespace

SpaceEntry nasbench201_space() {
  return {"one cell of four nodes and five operations, 15,625 networks (arXiv 2001.00326)",
          [] { return option_infos<NasBench201Options>(); },
          [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
            return std::make_unique<NasBench201Space>(
                parse_options<NasBench201Options>(options, "space nasbench201"));
          }};
}

}  // namespace nasmyth
