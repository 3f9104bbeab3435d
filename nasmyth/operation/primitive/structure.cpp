// Inputs, selects and what only moves, joins or switches off values.
#include "nasmyth/core/error.h"
#include "nasmyth/operation/shape_rules.h"

namespace nasmyth {
namespace {

class Input : public Primitive {
 public:
  std::string help() const override { return "a named input of the network"; }
  std::vector<AttributeInfo> attributes() const override {
    return {{"type", "image, vector, tokens, sequence, sparse_graph or scalar", "image"},
            {"channels", "channels of an image", "1"},
            {"height", "rows of an image", "1"},
            {"width", "columns of an image", "1"},
            {"length", "positions of tokens or a sequence, nodes of a graph", "1"},
            {"features", "features of a vector, or of each position or node", "1"}};
  }
  std::pair<int, int> arity() const override { return {0, 0}; }
  TensorShape shape(const Node& node, std::span<const TensorShape>) const override {
    const auto size = [&](const char* name) { return whole_number(node, name, 1, 1); };
    const std::string type = node.word("type", "image");
    if (type == "image") return {{size("channels"), size("height"), size("width")}};
    if (type == "vector") return {{size("features")}};
    if (type == "tokens") return {{size("length")}};
    if (type == "sequence" || type == "sparse_graph") return {{size("length"), size("features")}};
    if (type == "scalar") return {{1}};
    throw unknown_name(node.scope, "type of input", type,
                       std::vector<std::string>{"image", "vector", "tokens", "sequence",
                                                "sparse_graph", "scalar"});
  }
};

// Keeps the shape of its first input; the others must have the same.
class Same : public Primitive {
 public:
  Same(std::string help, int most, std::vector<AttributeInfo> attributes = {})
      : help_(std::move(help)), most_(most), attributes_(std::move(attributes)) {}
  std::string help() const override { return help_; }
  std::vector<AttributeInfo> attributes() const override { return attributes_; }
  std::pair<int, int> arity() const override { return {1, most_}; }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    expect_same_sizes(node, inputs);
    return inputs[0];
  }

 private:
  std::string help_;
  int most_;
  std::vector<AttributeInfo> attributes_;
};

class Dropout : public Same {
 public:
  Dropout()
      : Same("in training, sets values to zero at random and divides the others by what is kept", 1,
             {{"rate", "probability of zero, below 1", "0.5"}}) {}
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    const ChoiceFunction rate = node.number("rate", 0.5);
    if (!(rate.minimum() >= 0 && rate.maximum() < 1))
      throw Error(
          ErrorKind::kOutOfRange, node.scope,
          "dropout: 'rate' must be at least 0 and below 1; got " + std::to_string(rate.maximum()));
    return inputs[0];
  }
};

// Does not read the values of its input, only their shape.
class Strided : public Primitive {
 public:
  explicit Strided(std::string help) : help_(std::move(help)) {}
  std::string help() const override { return help_; }
  std::vector<AttributeInfo> attributes() const override {
    return {{"stride", "step over rows and columns", "1"}};
  }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    const ChoiceFunction stride = whole_number(node, "stride", 1, 1);
    if (stride == ChoiceFunction(1)) return inputs[0];
    expect_image(node, inputs[0]);
    const auto strided = [&](int d) { return floordiv(inputs[0][d] - 1, stride) + 1; };
    return {{inputs[0].channels(), strided(1), strided(2)}};
  }

 private:
  std::string help_;
};

class Multiply : public Primitive {
 public:
  std::string help() const override {
    return "product of two inputs of one shape, or of an image and a vector over its channels";
  }
  std::vector<AttributeInfo> attributes() const override { return {}; }
  std::pair<int, int> arity() const override { return {2, 2}; }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    if (inputs[0].rank() == 3 && inputs[1].rank() == 1)
      expect_equal(node, "number of channels", inputs[0].channels(), inputs[1][0]);
    else
      expect_same_sizes(node, inputs);
    return inputs[0];
  }
};

class Concat : public Primitive {
 public:
  std::string help() const override { return "inputs one after the other along the channels"; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
  std::pair<int, int> arity() const override { return {1, -1}; }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    expect_same_sizes(node, inputs, 1);
    TensorShape result = inputs[0];
    for (const auto& input : inputs.subspan(1)) result.dims[0] = result.dims[0] + input.channels();
    return result;
  }
};

class Slice : public Primitive {
 public:
  std::string help() const override { return "a range of channels"; }
  std::vector<AttributeInfo> attributes() const override {
    return {{"begin", "first channel", "0"}, {"channels", "number of channels", ""}};
  }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    const ChoiceFunction begin = whole_number(node, "begin", 0, 0);
    if (!node.has("channels"))
      throw Error(ErrorKind::kInvalidArgument, node.scope, "slice: 'channels' is required");
    TensorShape result = inputs[0];
    result.dims[0] = whole_number(node, "channels", 1, 1);
    if ((inputs[0].channels() - begin - result.dims[0]).minimum() < 0)
      throw Error(ErrorKind::kShape, node.scope,
                  "slice: channels " + to_string(TensorShape{{begin}}) + " and the next " +
                      to_string(TensorShape{{result.dims[0]}}) + " are not all within " +
                      to_string(TensorShape{{inputs[0].channels()}}));
    return result;
  }
};

class Shift : public Primitive {
 public:
  std::string help() const override { return "an image without its first row and column"; }
  std::vector<AttributeInfo> attributes() const override {
    return {{"rows", "1: without its first row, 0: with it", "1"}};
  }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    expect_image(node, inputs[0]);
    const ChoiceFunction rows = whole_number(node, "rows", 1, 0);
    return {{inputs[0].channels(), inputs[0][1] - rows, inputs[0][2] - 1}};
  }
};

class Shuffle : public Primitive {
 public:
  std::string help() const override {
    return "channels as a table of `groups` rows, read by columns (arXiv 1707.01083)";
  }
  std::vector<AttributeInfo> attributes() const override {
    return {{"groups", "groups of channels", "1"}};
  }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    expect_image(node, inputs[0]);
    divide_exactly(node, "channels", inputs[0].channels(), whole_number(node, "groups", 1, 1));
    return inputs[0];
  }
};

}  // namespace

std::unique_ptr<Operation> input_primitive() { return std::make_unique<Input>(); }
std::unique_ptr<Operation> select_primitive() {
  return std::make_unique<Same>("the inputs that a choice picks, summed", -1);
}
std::unique_ptr<Operation> identity_primitive() { return std::make_unique<Same>("its input", 1); }
std::unique_ptr<Operation> sum_primitive() {
  return std::make_unique<Same>("sum of inputs of one shape", -1);
}
std::unique_ptr<Operation> mask_primitive() {
  return std::make_unique<Same>(
      "its input; while a width is open, channels beyond the chosen width are zero", 1);
}
std::unique_ptr<Operation> drop_path_primitive() {
  return std::make_unique<Same>(
      "in training, drops whole samples at the scheduled rate and divides the others by what is "
      "kept (arXiv 1605.07648)",
      1);
}
std::unique_ptr<Operation> dropout_primitive() { return std::make_unique<Dropout>(); }
std::unique_ptr<Operation> zero_primitive() {
  return std::make_unique<Strided>("zeros of the shape of x[:, ::stride, ::stride]");
}
std::unique_ptr<Operation> gaussian_noise_primitive() {
  return std::make_unique<Strided>(
      "in training, new normal numbers of the shape of x[:, ::stride, ::stride]; else their mean, "
      "zeros");
}
std::unique_ptr<Operation> multiply_primitive() { return std::make_unique<Multiply>(); }
std::unique_ptr<Operation> concat_primitive() { return std::make_unique<Concat>(); }
std::unique_ptr<Operation> slice_primitive() { return std::make_unique<Slice>(); }
std::unique_ptr<Operation> shift_primitive() { return std::make_unique<Shift>(); }
std::unique_ptr<Operation> shuffle_primitive() { return std::make_unique<Shuffle>(); }

}  // namespace nasmyth
