// nor_conv_1x1 and nor_conv_3x3 of NAS-Bench-201 (arXiv 2001.00326).
#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {
namespace {

class NorConv : public Composite {
 public:
  explicit NorConv(int kernel) : kernel_(kernel) {}
  std::string help() const override {
    const std::string k = std::to_string(kernel_);
    return "ReLU, " + k + "x" + k + " convolution of the input's width, batch normalisation";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {stride_attribute(), affine_attribute()};
  }
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    return e.add("relu_conv_bn", "", {inputs[0]},
                 {{"kernel", kernel_}, take(node, "stride", 1), take(node, "affine", 1)});
  }

 private:
  int kernel_;
};

}  // namespace

std::unique_ptr<Operation> nor_conv_1x1_operation() { return std::make_unique<NorConv>(1); }
std::unique_ptr<Operation> nor_conv_3x3_operation() { return std::make_unique<NorConv>(3); }

}  // namespace nasmyth
