#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nasmyth {

/// Element types of tensors, with the numbers of the ONNX file format.
enum class OnnxType {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
};

/// Bytes of one element; 0 for types that have no fixed size.
std::size_t element_size(OnnxType type);

/// A dense tensor in memory, row major.
struct OnnxTensor {
  std::string name;
  OnnxType type = OnnxType::kFloat;
  std::vector<std::int64_t> dims;
  std::string data;  ///< the elements, little-endian

  static OnnxTensor of(std::string name, std::vector<std::int64_t> dims,
                       std::span<const float> values);
  static OnnxTensor of(std::string name, std::vector<std::int64_t> dims,
                       std::span<const std::int64_t> values);
  /// The elements; throws kInvalidData when the type is another one or the sizes do not agree.
  std::vector<float> floats() const;
  std::vector<std::int64_t> integers() const;
  /// Product of the dims (1 for a scalar).
  std::int64_t elements() const;

  bool operator==(const OnnxTensor&) const = default;
};

/// The value of a node's attribute.
using OnnxValue =
    std::variant<std::int64_t, float, std::string, OnnxTensor, std::vector<std::int64_t>,
                 std::vector<float>, std::vector<std::string>>;

/// One operator applied to named values.
struct OnnxNode {
  std::string operation;  ///< "Conv"
  std::string name;
  std::string domain;               ///< empty: the standard operators
  std::vector<std::string> inputs;  ///< an empty name is an input that is left out
  std::vector<std::string> outputs;
  std::map<std::string, OnnxValue> attributes;

  bool operator==(const OnnxNode&) const = default;
};

/// A size that is known, or named ("batch"), or neither (size -1 and no symbol).
struct OnnxDimension {
  std::int64_t size = -1;
  std::string symbol;

  bool operator==(const OnnxDimension&) const = default;
};

/// Name, element type and shape of a value.
struct OnnxValueInfo {
  std::string name;
  OnnxType type = OnnxType::kFloat;
  std::optional<std::vector<OnnxDimension>> shape;  ///< absent: of unknown rank

  bool operator==(const OnnxValueInfo&) const = default;
};

/// A model as plain values: what an ONNX file says, without sub-graphs, functions, sparse tensors
/// and data in other files. A value; thread-safe to read.
struct OnnxModel {
  std::int64_t ir_version = 8;
  std::map<std::string, std::int64_t> opsets;  ///< domain (empty: the standard one) -> version
  std::string producer;
  std::string producer_version;
  std::string name;             ///< of the graph
  std::vector<OnnxNode> nodes;  ///< in topological order
  std::vector<OnnxTensor> initializers;
  std::vector<OnnxValueInfo> inputs, outputs, values;
  std::map<std::string, std::string> metadata;

  /// The initialiser of that name, or null.
  const OnnxTensor* find_initializer(std::string_view name) const;

  bool operator==(const OnnxModel&) const = default;
};

/// The bytes of an ONNX file. The same model gives the same bytes. Throws kOutOfRange beyond the
/// 2 GiB that the format allows.
std::string write_onnx(const OnnxModel& model);

/// The model in the bytes of an ONNX file. `where` names the file in errors: kInvalidData with the
/// place for damaged bytes, kUnsupported for what OnnxModel has no room for. Memory stays within a
/// fixed multiple of the bytes given.
OnnxModel read_onnx(std::string_view bytes, std::string_view where);

}  // namespace nasmyth
