// Pointwise functions; any shape.
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class Pointwise : public Primitive {
 public:
  explicit Pointwise(std::string help) : help_(std::move(help)) {}
  std::string help() const override { return help_; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
  TensorShape shape(const Node&, std::span<const TensorShape> inputs) const override {
    return inputs[0];
  }

 private:
  std::string help_;
};

}  // namespace

std::unique_ptr<Operation> relu_primitive() { return std::make_unique<Pointwise>("max(x, 0)"); }
std::unique_ptr<Operation> h_swish_primitive() {
  return std::make_unique<Pointwise>("x * relu6(x + 3) / 6 (arXiv 1905.02244)");
}
std::unique_ptr<Operation> swish_primitive() {
  return std::make_unique<Pointwise>("x * sigmoid(x) (arXiv 1710.05941)");
}
std::unique_ptr<Operation> gelu_primitive() {
  return std::make_unique<Pointwise>("x * (1 + erf(x / sqrt(2))) / 2 (arXiv 1606.08415)");
}
std::unique_ptr<Operation> sigmoid_primitive() {
  return std::make_unique<Pointwise>("1 / (1 + exp(-x))");
}
std::unique_ptr<Operation> h_sigmoid_primitive() {
  return std::make_unique<Pointwise>("relu6(x + 3) / 6 (arXiv 1905.02244)");
}
std::unique_ptr<Operation> tanh_primitive() {
  return std::make_unique<Pointwise>("hyperbolic tangent");
}
std::unique_ptr<Operation> softplus_primitive() {
  return std::make_unique<Pointwise>("log(1 + exp(x))");
}

}  // namespace nasmyth
