// Pools over windows of an image, and over the whole of it.
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class Pool : public Primitive {
 public:
  explicit Pool(std::string help) : help_(std::move(help)) {}
  std::string help() const override { return help_; }
  std::vector<AttributeInfo> attributes() const override {
    return {{"kernel", "size of the window", "3"},
            {"kernel_height", "height of the window, where it is not square", "kernel"},
            {"kernel_width", "width of the window, where it is not square", "kernel"},
            {"stride", "step of the window", "1"},
            {"stride_height", "vertical step, where it differs", "stride"},
            {"stride_width", "horizontal step, where it differs", "stride"},
            {"padding", "rows and columns around the image", "(kernel - 1) / 2"},
            {"padding_height", "rows around the image, where they differ", "padding"},
            {"padding_width", "columns around the image, where they differ", "padding"}};
  }
  void flatten(Node& node) const override { flatten_window(node); }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    expect_image(node, inputs[0]);
    const Window window = read_pool_window(node);
    return {{inputs[0].channels(), window.result(inputs[0][1], 0), window.result(inputs[0][2], 1)}};
  }

 private:
  std::string help_;
};

class GlobalPool : public Primitive {
 public:
  std::string help() const override { return "mean over all positions: image to vector"; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    expect_image(node, inputs[0]);
    return {{inputs[0].channels()}};
  }
};

}  // namespace

std::unique_ptr<Operation> max_pool_primitive() {
  return std::make_unique<Pool>("greatest value of each window");
}
std::unique_ptr<Operation> avg_pool_primitive() {
  return std::make_unique<Pool>("mean of each window; padding is not part of the mean");
}
std::unique_ptr<Operation> global_pool_primitive() { return std::make_unique<GlobalPool>(); }

}  // namespace nasmyth
