// Separable, dilated and factorised convolutions of the DARTS cells.
#include "nasmyth/operation/darts/candidate.h"

namespace nasmyth {
namespace {

// ReLU, depthwise convolution, 1x1 convolution, batch normalisation.
int separable_half(Expansion& e, const Node& node, const std::string& leaf, int x, int kernel,
                   const ChoiceFunction& stride, int dilation) {
  const std::string prefix = leaf.empty() ? "" : leaf + "/";
  x = e.add("relu", prefix + "relu", {x});
  x = e.add("conv2d", prefix + "depthwise", {x},
            {{"kernel", kernel},
             {"stride", stride},
             {"dilation", dilation},
             {"groups", std::string("depthwise")}});
  x = e.add("conv2d", prefix + "pointwise", {x});
  x = e.add("batch_norm", prefix + "bn", {x}, {take(node, "affine", 1)});
  return mask_if_open(e, prefix + "mask", x);
}

class SeparableConv : public DartsCandidate {
 public:
  explicit SeparableConv(int kernel)
      : DartsCandidate("twice: ReLU, depthwise " + std::to_string(kernel) + "x" +
                       std::to_string(kernel) + ", 1x1, batch normalisation"),
        kernel_(kernel) {}
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    expect_image_input(e, node, inputs[0]);
    const int x = separable_half(e, node, "first", inputs[0], kernel_, node.number("stride", 1), 1);
    return separable_half(e, node, "second", x, kernel_, 1, 1);
  }

 private:
  int kernel_;
};

class DilatedConv : public DartsCandidate {
 public:
  explicit DilatedConv(int kernel)
      : DartsCandidate("ReLU, depthwise " + std::to_string(kernel) + "x" + std::to_string(kernel) +
                       " of dilation 2, 1x1, batch normalisation"),
        kernel_(kernel) {}
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    expect_image_input(e, node, inputs[0]);
    return separable_half(e, node, "", inputs[0], kernel_, node.number("stride", 1), 2);
  }

 private:
  int kernel_;
};

class Conv7x1x7 : public DartsCandidate {
 public:
  Conv7x1x7() : DartsCandidate("ReLU, 1x7 and 7x1 convolution, batch normalisation") {}
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    expect_image_input(e, node, inputs[0]);
    const ChoiceFunction stride = node.number("stride", 1);
    int x = e.add("relu", "relu", {inputs[0]});
    x = e.add("conv2d", "conv1x7", {x},
              {{"kernel_height", 1}, {"kernel_width", 7}, {"stride_width", stride}});
    // Not normalised in between, so an open width must be masked here already.
    x = mask_if_open(e, "mask0", x);
    x = e.add("conv2d", "conv7x1", {x},
              {{"kernel_height", 7}, {"kernel_width", 1}, {"stride_height", stride}});
    return mask_if_open(e, "mask", e.add("batch_norm", "bn", {x}, {take(node, "affine", 1)}));
  }
};

}  // namespace

std::unique_ptr<Operation> sep_conv_3x3_operation() { return std::make_unique<SeparableConv>(3); }
std::unique_ptr<Operation> sep_conv_5x5_operation() { return std::make_unique<SeparableConv>(5); }
std::unique_ptr<Operation> sep_conv_7x7_operation() { return std::make_unique<SeparableConv>(7); }
std::unique_ptr<Operation> dil_conv_3x3_operation() { return std::make_unique<DilatedConv>(3); }
std::unique_ptr<Operation> dil_conv_5x5_operation() { return std::make_unique<DilatedConv>(5); }
std::unique_ptr<Operation> conv_7x1_1x7_operation() { return std::make_unique<Conv7x1x7>(); }

}  // namespace nasmyth
