#include "tests/operation/sample.h"

#include "nasmyth/operation/builtin.h"

namespace nasmyth::test {
namespace {

const TensorShape kImage{{16, 8, 8}};

int add_input(GraphBuilder& b, const std::string& name, const TensorShape& shape) {
  if (shape.rank() == 3) return b.image(name, shape[0], shape[1], shape[2]);
  return b.add("input", name, {}, {{"type", std::string("vector")}, {"features", shape[0]}});
}

}  // namespace

Sample sample_of(const std::string& operation) {
  Sample sample{operation, {}, {}};
  if (operation == "linear")
    sample.inputs = {TensorShape{{16}}};
  else
    sample.inputs.assign(
        static_cast<std::size_t>(builtin_operations().get(operation, "sample").arity().first),
        kImage);
  if (operation == "sum" || operation == "concat" || operation == "select")
    sample.inputs.push_back(kImage);
  if (operation == "slice") sample.attributes["channels"] = 8;
  return sample;
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  for (const auto& name : builtin_operations().names()) all.push_back(sample_of(name));
  return all;
}

NetworkGraph network(const Sample& sample) {
  GraphBuilder b;
  Node node;
  node.operation = sample.operation;
  node.scope = "node";
  node.attributes = sample.attributes;
  for (std::size_t i = 0; i < sample.inputs.size(); ++i)
    node.inputs.push_back(add_input(b, "input" + std::to_string(i), sample.inputs[i]));
  if (node.operation == "select") {
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) labels.push_back(std::to_string(i));
    node.choice = b.choice(one_of("which", labels));
  }
  b.output("result", b.add(std::move(node)));
  return b.build();
}

NetworkGraph network(const std::string& operation, int channels, int size,
                     const Attributes& attributes) {
  Sample sample = sample_of(operation);
  for (auto& input : sample.inputs)
    input =
        input.rank() == 3
            ? TensorShape{{ChoiceFunction(channels), ChoiceFunction(size), ChoiceFunction(size)}}
            : TensorShape{{ChoiceFunction(channels)}};
  for (const auto& [name, value] : attributes) sample.attributes[name] = value;
  return network(sample);
}

}  // namespace nasmyth::test
