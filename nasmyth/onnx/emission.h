#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/onnx/model.h"

namespace nasmyth {

/// Appends nodes and initialisers to a model and keeps the names of values unique.
class OnnxBuilder {
 public:
  explicit OnnxBuilder(OnnxModel& model) : model_(model) {}

  /// `name`, or `name_2`, `name_3` ... when it is taken. The result is taken from now on.
  std::string fresh(std::string_view name);
  /// An initialiser under a fresh name; returns that name.
  std::string constant(std::string_view name, std::vector<std::int64_t> dims,
                       std::span<const float> values);
  /// A scalar.
  std::string constant(std::string_view name, float value);
  /// A vector of integers.
  std::string constant(std::string_view name, const std::vector<std::int64_t>& values);
  /// A node with one output, the value `result`; returns `result`.
  std::string node(std::string operation, std::string name, std::vector<std::string> inputs,
                   std::string result, std::map<std::string, OnnxValue> attributes = {});

 private:
  OnnxModel& model_;
  std::set<std::string, std::less<>> names_;
};

/// One primitive that is written as ONNX nodes. Shapes are without the batch dimension.
struct Emission {
  /// An initialiser of the model.
  struct Parameter {
    std::string value;
    std::vector<std::int64_t> shape;
  };

  OnnxBuilder& builder;
  const Node& node;
  std::vector<std::string> inputs;  ///< values
  std::vector<std::vector<std::int64_t>> input_shapes;
  std::vector<std::int64_t> shape;              ///< of the result
  std::map<std::string, Parameter> parameters;  ///< by role
  std::string result;                           ///< the value that the last node must give

  const std::string& scope() const { return node.scope; }
  /// The last node, named after the scope.
  void last(std::string operation, std::vector<std::string> values,
            std::map<std::string, OnnxValue> attributes = {}) const;
  /// An inner node `<scope>/<leaf>`; returns its value.
  std::string inner(std::string operation, std::string_view leaf, std::vector<std::string> values,
                    std::map<std::string, OnnxValue> attributes = {}) const;
  std::string constant(std::string_view leaf, float value) const;
  std::string constant(std::string_view leaf, const std::vector<std::int64_t>& values) const;
  /// Integer attribute of the node.
  std::int64_t integer(std::string_view name, std::int64_t fallback) const;
};

/// How one primitive becomes ONNX nodes.
struct OnnxEmitter {
  std::string_view primitive;
  /// Null: the primitive is the identity in evaluation and leaves no node. (A `sum` or `concat` of
  /// one input leaves none either.)
  void (*emit)(const Emission&);
};

/// The emitter of a primitive, or null.
const OnnxEmitter* find_onnx_emitter(std::string_view primitive);

}  // namespace nasmyth
