#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

std::vector<ParameterSpec> Primitive::parameters(const Node&, std::span<const TensorShape>,
                                                 const TensorShape&) const {
  return {};
}

void Primitive::flatten(Node&) const {}

ChoiceFunction Primitive::macs(const Node&, std::span<const TensorShape>,
                               const TensorShape&) const {
  return 0;
}

void OperationSet::add(std::string name, std::unique_ptr<Operation> operation) {
  registry_.add(std::move(name), std::shared_ptr<const Operation>(std::move(operation)));
}

const Operation& OperationSet::get(std::string_view name, std::string_view where) const {
  return *registry_.get(name, where);
}

const Operation* OperationSet::find(std::string_view name) const {
  const auto* entry = registry_.find(name);
  return entry ? entry->get() : nullptr;
}

const Primitive* OperationSet::primitive(std::string_view name) const {
  return dynamic_cast<const Primitive*>(find(name));
}

void expect_equal(const Node& node, std::string_view what, const ChoiceFunction& expected,
                  const ChoiceFunction& found) {
  if (expected == found) return;
  auto text = [](const ChoiceFunction& f) {
    return f.source().empty() ? to_string(TensorShape{{f}}) : f.source();
  };
  throw Error(ErrorKind::kShape, node.scope,
              node.operation + ": " + std::string(what) + " differs; expected " + text(expected) +
                  ", got " + text(found));
}

}  // namespace nasmyth
