// The `compact` space: stages of mobile layers for small images and small budgets. In every layer
// the operation, its kernel and its expansion are choices; in every stage the width and the depth.
#include <algorithm>

#include "nasmyth/space/search_space.h"

namespace nasmyth {
namespace {

struct CompactOptions {
  int stem = 16;
  int stem_stride = 2;
  std::vector<std::string> widths{"8:12:16:20", "16:24:32:40", "32:48:64"};
  std::vector<int> strides{1, 2, 2};
  int layers = 3;
  std::vector<int> kernels{3, 5, 7};
  std::vector<double> expansions{1.5, 2, 3};
  std::vector<std::string> operations{
      "mbconv", "mbconv_se", "depthwise_separable", "bottleneck", "residual", "attention", "skip"};
  std::string activation = "relu";
};

void describe(OptionFields<CompactOptions>& f) {
  f.add("stem", &CompactOptions::stem, {"channels of the first convolution", "channels", 1, 1024})
      .add("stem_stride", &CompactOptions::stem_stride,
           {"stride of the first convolution", "", 1, 4})
      .add("widths", &CompactOptions::widths,
           {"widths to choose from, one colon-separated list a stage: [8:12:16, 16:24:32]"})
      .add("strides", &CompactOptions::strides, {"stride of each stage's first layer", "", 1, 4})
      .add("layers", &CompactOptions::layers, {"greatest depth of a stage", "layers", 1, 12})
      .add("kernels", &CompactOptions::kernels, {"kernel sizes to choose from (odd)", "", 1, 15})
      .add("expansions", &CompactOptions::expansions,
           {"ratios of hidden to input width to choose from", "", 0.25, 16})
      .add("operations", &CompactOptions::operations,
           {"candidate operations of a layer; the first layer of a stage takes those that can "
            "change "
            "width and size",
            "",
            {},
            {},
            {"mbconv", "mbconv_se", "depthwise_separable", "bottleneck", "residual", "attention",
             "skip"}})
      .add("activation", &CompactOptions::activation,
           {"activation", "", {}, {}, {"relu", "h_swish", "swish"}});
}

std::vector<double> width_list(const std::string& text, const std::string& where) {
  std::vector<double> widths;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(':', at), text.size());
    const double w = parse_number(std::string_view(text).substr(at, end - at), where);
    if (w < 1 || w > 4096 || w != static_cast<int>(w) || (!widths.empty() && w <= widths.back()))
      throw Error(ErrorKind::kOutOfRange, where, "'" + text + "' is no ascending list of widths",
                  "write for instance 8:12:16");
    widths.push_back(w);
    at = end + 1;
  }
  return widths;
}

class CompactSpace : public SearchSpace {
 public:
  explicit CompactSpace(CompactOptions options) : options_(std::move(options)) {
    for (std::size_t s = 0; s < options_.widths.size(); ++s)
      widths_.push_back(
          width_list(options_.widths[s], "space compact.widths[" + std::to_string(s) + "]"));
    check();
    choices_ = build(Form{}).choices();
  }

  const ChoiceSetPtr& choices() const override { return choices_; }
  std::optional<NetworkGraph> graph(const Form& form) const override { return build(form); }

 private:
  void check() const {
    if (widths_.empty() || options_.strides.size() != widths_.size())
      throw Error(ErrorKind::kInvalidArgument, "space compact.strides",
                  std::to_string(options_.strides.size()) + " strides for " +
                      std::to_string(widths_.size()) + " stages",
                  "give one stride for each list of widths");
    for (int k : options_.kernels)
      if (k % 2 == 0)
        throw Error(ErrorKind::kOutOfRange, "space compact.kernels",
                    "got the even kernel " + std::to_string(k), "use odd kernels");
    if (options_.kernels.empty() || options_.expansions.empty() || candidates(true).empty())
      throw Error(ErrorKind::kInvalidArgument, "space compact",
                  "kernels, expansions and operations must not be empty",
                  "keep at least one operation that can change width and size, such as mbconv");
  }

  // The first layer of a stage changes width and size, so it needs an operation that can.
  std::vector<std::string> candidates(bool first) const {
    std::vector<std::string> names;
    for (const auto& name : options_.operations)
      if (!first || (name != "attention" && name != "skip")) names.push_back(name);
    return names;
  }

  NetworkGraph build(const Form& form) const {
    GraphBuilder b;
    int x = b.image("image", form.input.channels, form.input.height, form.input.width);
    x = b.add("conv_bn", "stem", {x},
              {{"kernel", 3},
               {"stride", options_.stem_stride},
               {"channels", options_.stem},
               {"activation", options_.activation}});
    ChoiceFunction width = options_.stem;
    for (std::size_t s = 0; s < widths_.size(); ++s) x = stage(b, s, x, width);
    x = b.add(options_.activation, "head/activation", {x});
    x = b.add("global_pool", "head/pool", {x});
    b.output("logits", b.add("linear", "head/linear", {x}, {{"features", form.classes}}));
    return b.build();
  }

  int stage(GraphBuilder& b, std::size_t index, int x, ChoiceFunction& width) const {
    const std::string scope = "stage" + std::to_string(index);
    const ChoiceFunction out = value(b, scope + "/width", widths_[index]);
    std::vector<int> prefixes;
    std::vector<std::string> depths;
    for (int l = 0; l < options_.layers; ++l) {
      x = layer(b, scope + "/layer" + std::to_string(l), x, width, out,
                l == 0 ? options_.strides[index] : 1, l == 0);
      prefixes.push_back(x);
      depths.push_back(std::to_string(l + 1));
      width = out;
    }
    if (prefixes.size() == 1) return x;
    Choice depth = one_of(scope + "/depth", depths);
    depth.ordered = true;
    return b.select(scope, prefixes, b.choice(std::move(depth)));
  }

  int layer(GraphBuilder& b, const std::string& scope, int x, const ChoiceFunction& in,
            const ChoiceFunction& out, int stride, bool first) const {
    const auto names = candidates(first);
    const ChoiceFunction kernel =
        value(b, scope + "/kernel", {options_.kernels.begin(), options_.kernels.end()});
    const ChoiceFunction expansion = value(b, scope + "/expansion", options_.expansions);
    std::vector<int> branches;
    for (const auto& name : names)
      branches.push_back(
          candidate(b, name, scope + "/" + name, x, in, out, kernel, expansion, stride, first));
    const int chosen =
        branches.size() == 1
            ? branches.front()
            : b.select(scope, branches, b.choice(one_of(scope + "/operation", names)));
    if (!first) return chosen;
    // A shortcut of all candidates keeps their results alike, so that later weights can be shared.
    const int shortcut = b.add("conv_bn", scope + "/shortcut", {x},
                               {{"kernel", 1}, {"stride", stride}, {"channels", out}});
    return b.add("sum", scope + "/sum", {chosen, shortcut});
  }

  int candidate(GraphBuilder& b, const std::string& name, const std::string& scope, int x,
                const ChoiceFunction& in, const ChoiceFunction& out, const ChoiceFunction& kernel,
                const ChoiceFunction& expansion, int stride, bool first) const {
    // Between layers there are sums of linear results (MobileNetV2): weights after a layer can only
    // be shared by candidates whose results are alike.
    Attributes common{{"channels", out}, {"stride", stride}, {"activation", options_.activation}};
    if (name == "skip") return b.add("identity", scope, {x});
    if (name == "attention") return b.add("self_attention", scope, {x});
    if (name == "residual") return residual(b, scope, x, common, first);
    common["residual"] = first ? 0 : 1;
    if (name == "depthwise_separable") {
      common["kernel"] = kernel;
      common["final"] = std::string("none");
      return b.add(name, scope, {x}, common);
    }
    // Hidden widths are multiples of 4: vector-friendly, finer than 8 at these sizes.
    const ChoiceFunction hidden = max(4, ChoiceFunction(4) * floordiv(in * expansion + 2, 4))
                                      .with_source("round4(in * expansion)");
    if (name == "bottleneck") {
      common["hidden"] = max(4, ChoiceFunction(4) * floordiv(floordiv(out, 2) + 2, 4));
      common["kernel"] = 3;
      common["final"] = std::string("none");
      return b.add("bottleneck", scope, {x}, common);
    }
    common["hidden"] = hidden;
    common["kernel"] = kernel;
    common["squeeze_excitation"] = name == "mbconv_se" ? 1 : 0;
    return b.add("mbconv", scope, {x}, common);
  }

  // Two convolutions; in a first layer the shortcut of all candidates closes the block.
  static int residual(GraphBuilder& b, const std::string& scope, int x, Attributes attributes,
                      bool first) {
    attributes["kernel"] = 3;
    if (!first) {
      attributes["projection"] = 0;
      attributes["final"] = std::string("none");
      return b.add("residual", scope, {x}, attributes);
    }
    x = b.add("conv_bn", scope + "/first", {x}, attributes);
    return b.add("conv_bn", scope + "/second", {x},
                 {{"kernel", 3}, {"channels", attributes["channels"]}});
  }

  // One value is no choice.
  static ChoiceFunction value(GraphBuilder& b, const std::string& name,
                              std::vector<double> values) {
    if (values.size() == 1) return values.front();
    return b.value(name, std::move(values));
  }

  CompactOptions options_;
  std::vector<std::vector<double>> widths_;
  ChoiceSetPtr choices_;
};

}  // namespace

SpaceEntry compact_space() {
  return {"stages of mobile layers with operation, width, depth, kernel and expansion as choices",
          [] { return option_infos<CompactOptions>(); },
          [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
            return std::make_unique<CompactSpace>(
                parse_options<CompactOptions>(options, "space compact"));
          }};
}

}  // namespace nasmyth
