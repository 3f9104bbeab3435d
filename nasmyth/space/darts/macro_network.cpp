#include "nasmyth/space/darts/macro_network.h"

#include <algorithm>

namespace nasmyth {
namespace {

// The network under construction: nodes so far and the spatial size where the head needs it.
class MacroBuilder {
 public:
  explicit MacroBuilder(const MacroOptions& options) : options_(options) {}

  NetworkGraph build(const CellBuilder& cell) {
    const int image =
        b_.image("image", options_.input.channels, options_.input.height, options_.input.width);
    const auto& [channels_in, height, width] = options_.input;
    size_ = height == 1 ? width : std::min(height, width);  // of a signal its length
    options_.imagenet_stem ? imagenet_stem(image) : cifar_stem(image);
    int channels = options_.channels;
    for (int layer = 0; layer < options_.layers; ++layer) {
      const bool reduction = layer == options_.layers / 3 || layer == 2 * options_.layers / 3;
      if (reduction) channels *= 2;
      add_cell(cell, layer, reduction, channels);
      if (options_.auxiliary && layer == 2 * options_.layers / 3) auxiliary_head(s1_);
    }
    const int pooled = b_.add("global_pool", "classifier/pool", {s1_});
    b_.output("logits",
              b_.add("linear", "classifier/linear", {pooled}, {{"features", options_.classes}}));
    return b_.build();
  }

 private:
  int conv(const std::string& scope, int x, int kernel, int stride, int channels) {
    return b_.add("conv2d", scope, {x},
                  {{"kernel", kernel}, {"stride", stride}, {"channels", channels}});
  }
  int conv_bn(const std::string& scope, int x, int kernel, int stride, int channels) {
    return b_.add("batch_norm", scope + "/bn",
                  {conv(scope + "/conv", x, kernel, stride, channels)});
  }

  void cifar_stem(int image) { s0_ = s1_ = conv_bn("stem", image, 3, 1, 3 * options_.channels); }

  void imagenet_stem(int image) {
    int x = conv_bn("stem0/a", image, 3, 2, options_.channels / 2);
    x = b_.add("relu", "stem0/relu", {x});
    s0_ = conv_bn("stem0/b", x, 3, 2, options_.channels);
    s1_ = conv_bn("stem1", b_.add("relu", "stem1/relu", {s0_}), 3, 2, options_.channels);
    size_ = ((size_ + 1) / 2 + 1) / 2;
    size_ = (size_ + 1) / 2;
    reduced_ = true;
  }

  void add_cell(const CellBuilder& cell, int layer, bool reduction, int channels) {
    CellPlace place;
    place.scope = "cell" + std::to_string(layer);
    place.kind = reduction ? "reduce" : "normal";
    place.reduction = reduction;
    place.channels = channels;
    const Attributes attributes{{"channels", channels}, {"affine", options_.affine ? 1 : 0}};
    place.state0 = b_.add(reduced_ ? "factorized_reduce" : "relu_conv_bn",
                          place.scope + "/preprocess0", {s0_}, attributes);
    place.state1 = b_.add("relu_conv_bn", place.scope + "/preprocess1", {s1_}, attributes);
    const std::vector<int> states = cell(b_, place);
    s0_ = s1_;
    s1_ = b_.add("concat", place.scope + "/output", states);
    reduced_ = reduction;
    if (reduction) size_ = (size_ + 1) / 2;
  }

  void auxiliary_head(int x) {
    const int stride = options_.imagenet_stem ? 2 : 3;
    x = b_.add("relu", "auxiliary/relu", {x});
    const int window = std::min(5, size_);
    x = b_.add("avg_pool", "auxiliary/pool", {x},
               {{"kernel", window}, {"stride", stride}, {"padding", 0}});
    x = b_.add("relu", "auxiliary/relu1", {conv_bn("auxiliary/a", x, 1, 1, 128)});
    const int kernel = std::min(2, (size_ - window) / stride + 1);
    x = b_.add("conv2d", "auxiliary/b/conv", {x},
               {{"kernel", kernel}, {"padding", 0}, {"channels", 768}});
    // The reference leaves this normalisation out of the ImageNet head.
    if (!options_.imagenet_stem) x = b_.add("batch_norm", "auxiliary/b/bn", {x});
    x = b_.add("global_pool", "auxiliary/flatten", {b_.add("relu", "auxiliary/relu2", {x})});
    b_.output("auxiliary",
              b_.add("linear", "auxiliary/linear", {x}, {{"features", options_.classes}}), true);
  }

  const MacroOptions& options_;
  GraphBuilder b_;
  int s0_ = -1, s1_ = -1;
  int size_ = 0;
  bool reduced_ = false;
};

}  // namespace

NetworkGraph macro_network(const MacroOptions& options, const CellBuilder& cell) {
  return MacroBuilder(options).build(cell);
}

}  // namespace nasmyth
