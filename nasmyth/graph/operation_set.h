#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/registry.h"
#include "nasmyth/graph/network_graph.h"

namespace nasmyth {

/// How a parameter is filled before training.
enum class Initializer {
  kZero,
  kOne,
  kHeNormalFanOut,
  kHeUniformFanIn,
  kXavierUniform,
  kNormal002
};

/// Which part of the stored parameter a node reads where its own size is smaller, per dimension.
enum class SliceKind { kPrefix, kCentre };

/// One parameter (or buffer) of a primitive. Stored once per key at its greatest shape.
struct ParameterSpec {
  std::string role;                   ///< "weight", "bias", "running_mean"
  std::vector<ChoiceFunction> shape;  ///< e.g. [out, in / groups, kernel, kernel]
  std::vector<SliceKind> slices;      ///< per dimension; kernels: centre
  Initializer initializer = Initializer::kZero;
  bool trainable = true;  ///< false: a buffer (running statistics), not counted
  bool decay = true;      ///< weight decay applies
};

/// What an attribute of an operation means; source of `describe` and of checks.
struct AttributeInfo {
  std::string name;
  std::string help;
  std::string fallback;  ///< text of the default; empty: required
};

/// Common part of primitives and composites.
class Operation {
 public:
  virtual ~Operation() = default;
  virtual std::string help() const = 0;
  virtual std::vector<AttributeInfo> attributes() const = 0;
  /// Least and greatest number of inputs (-1: any).
  virtual std::pair<int, int> arity() const { return {1, 1}; }
};

/// Shape, parameters and cost over choice functions. Executors, exporters and the compiler keep
/// their own tables by primitive name.
class Primitive : public Operation {
 public:
  virtual TensorShape shape(const Node& node, std::span<const TensorShape> inputs) const = 0;
  virtual std::vector<ParameterSpec> parameters(const Node& node,
                                                std::span<const TensorShape> inputs,
                                                const TensorShape& output) const;
  /// Changes a node of a network for signals (images of one row): a window over them has one row,
  /// too. Does nothing for an operation without a window.
  virtual void flatten(Node& node) const;
  /// Multiply-accumulates for one sample: convolutions and linear layers (and matrix products of
  /// attention); no bias, normalisation, activation or pooling.
  virtual ChoiceFunction macs(const Node& node, std::span<const TensorShape> inputs,
                              const TensorShape& output) const;
};

/// Adds the expansion of one node, knowing shapes as it goes.
class Expansion {
 public:
  virtual ~Expansion() = default;
  /// Adds a primitive or composite (expanded at once) under `<scope of the node>/<leaf>`; returns
  /// its index. An empty leaf uses the composite's own scope.
  virtual int add(std::string_view operation, std::string_view leaf, std::vector<int> inputs,
                  Attributes attributes = {}) = 0;
  virtual const TensorShape& shape(int node) const = 0;
};

/// An operation that only expands to primitives; its shape, cost, reference, gradient, export and
/// lowering follow from them.
class Composite : public Operation {
 public:
  /// Adds primitives; returns the index of the result.
  virtual int expand(Expansion& expansion, const Node& node, std::span<const int> inputs) const = 0;
};

/// The operations known to a program: name -> primitive or composite.
class OperationSet {
 public:
  void add(std::string name, std::unique_ptr<Operation> operation);
  /// An unknown-name error with a suggestion for others. `where`: scope of the node.
  const Operation& get(std::string_view name, std::string_view where) const;
  const Operation* find(std::string_view name) const;
  /// Null for composites.
  const Primitive* primitive(std::string_view name) const;
  std::vector<std::string> names() const { return registry_.names(); }

 private:
  Registry<std::shared_ptr<const Operation>> registry_{"operation"};
};

/// True when two choice functions are equal, or an error `[scope] operation: <what> ...` with both.
void expect_equal(const Node& node, std::string_view what, const ChoiceFunction& expected,
                  const ChoiceFunction& found);

}  // namespace nasmyth
