#include "tests/graph/toy_operations.h"

namespace nasmyth::test {
namespace {

class Toy : public Primitive {
 public:
  std::string help() const override { return "for tests"; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
};

class Input : public Toy {
 public:
  std::pair<int, int> arity() const override { return {0, 0}; }
  TensorShape shape(const Node& node, std::span<const TensorShape>) const override {
    if (node.word("type", "image") == "image")
      return {{node.number("channels", 1), node.number("height", 1), node.number("width", 1)}};
    return {{node.number("features", 1)}};
  }
};

class Dense : public Toy {
 public:
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    return {{node.number("features", inputs[0].channels())}};
  }
  std::vector<ParameterSpec> parameters(const Node& node, std::span<const TensorShape> inputs,
                                        const TensorShape& output) const override {
    std::vector<ParameterSpec> specs{{"weight",
                                      {output.channels(), inputs[0].channels()},
                                      {SliceKind::kPrefix, SliceKind::kPrefix},
                                      Initializer::kHeUniformFanIn}};
    if (node.constant("bias", 1) != 0)
      specs.push_back({"bias", {output.channels()}, {SliceKind::kPrefix}, Initializer::kZero});
    return specs;
  }
  ChoiceFunction macs(const Node&, std::span<const TensorShape> inputs,
                      const TensorShape& output) const override {
    return inputs[0].channels() * output.channels();
  }
};

class Embedding : public Toy {
 public:
  TensorShape shape(const Node& node, std::span<const TensorShape>) const override {
    return {{node.number("features", 1)}};
  }
  std::vector<ParameterSpec> parameters(const Node& node, std::span<const TensorShape>,
                                        const TensorShape& output) const override {
    return {{"weight",
             {node.number("words", 1), output.channels()},
             {SliceKind::kPrefix, SliceKind::kPrefix},
             Initializer::kNormal002}};
  }
};

class Conv : public Toy {
 public:
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    return {{node.number("channels", inputs[0].channels()), inputs[0][1], inputs[0][2]}};
  }
  std::vector<ParameterSpec> parameters(const Node& node, std::span<const TensorShape> inputs,
                                        const TensorShape& output) const override {
    const ChoiceFunction k = node.number("kernel", 1);
    return {{"weight",
             {output.channels(), inputs[0].channels(), k, k},
             {SliceKind::kPrefix, SliceKind::kPrefix, SliceKind::kCentre, SliceKind::kCentre},
             Initializer::kHeNormalFanOut}};
  }
  ChoiceFunction macs(const Node& node, std::span<const TensorShape> inputs,
                      const TensorShape& output) const override {
    const ChoiceFunction k = node.number("kernel", 1);
    return k * k * inputs[0].channels() * output.elements();
  }
};

class Same : public Toy {
 public:
  TensorShape shape(const Node&, std::span<const TensorShape> inputs) const override {
    return inputs[0];
  }
};

class Norm : public Same {
 public:
  std::vector<ParameterSpec> parameters(const Node&, std::span<const TensorShape> inputs,
                                        const TensorShape&) const override {
    const ChoiceFunction c = inputs[0].channels();
    const std::vector<SliceKind> prefix{SliceKind::kPrefix};
    return {{"weight", {c}, prefix, Initializer::kOne, true, false},
            {"bias", {c}, prefix, Initializer::kZero, true, false},
            {"running_mean", {c}, prefix, Initializer::kZero, false, false}};
  }
};

class Sum : public Same {
 public:
  std::pair<int, int> arity() const override { return {1, -1}; }
  TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const override {
    for (const auto& input : inputs)
      for (int d = 0; d < input.rank(); ++d)
        expect_equal(node, "size " + std::to_string(d), inputs[0][d], input[d]);
    return inputs[0];
  }
};

class Concat : public Toy {
 public:
  std::pair<int, int> arity() const override { return {1, -1}; }
  TensorShape shape(const Node&, std::span<const TensorShape> inputs) const override {
    TensorShape result = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i)
      result.dims[0] = result.dims[0] + inputs[i].channels();
    return result;
  }
};

class ToyComposite : public Composite {
 public:
  std::string help() const override { return "for tests"; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
};

class Block : public ToyComposite {
 public:
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int x = e.add("conv", "conv", {inputs[0]},
                        {{"channels", node.number("channels", e.shape(inputs[0]).channels())},
                         {"kernel", node.number("kernel", 3)}});
    return e.add("relu", "relu", {e.add("norm", "norm", {x})});
  }
};

class Pair : public ToyComposite {
 public:
  int expand(Expansion& e, const Node&, std::span<const int> inputs) const override {
    return e.add("block", "second", {e.add("block", "first", {inputs[0]})});
  }
};

class Endless : public ToyComposite {
 public:
  int expand(Expansion& e, const Node&, std::span<const int> inputs) const override {
    return e.add("endless", "again", {inputs[0]});
  }
};

}  // namespace

const OperationSet& toy_operations() {
  static const OperationSet& kOperations = *[] {
    auto* set = new OperationSet;
    set->add("input", std::make_unique<Input>());
    set->add("dense", std::make_unique<Dense>());
    set->add("embedding", std::make_unique<Embedding>());
    set->add("conv", std::make_unique<Conv>());
    set->add("norm", std::make_unique<Norm>());
    set->add("sum", std::make_unique<Sum>());
    set->add("select", std::make_unique<Sum>());
    set->add("concat", std::make_unique<Concat>());
    set->add("identity", std::make_unique<Same>());
    set->add("relu", std::make_unique<Same>());
    set->add("block", std::make_unique<Block>());
    set->add("pair", std::make_unique<Pair>());
    set->add("endless", std::make_unique<Endless>());
    return set;
  }();
  return kOperations;
}

}  // namespace nasmyth::test
