#include "nasmyth/core/error.h"
#include "nasmyth/onnx/fields.h"
#include "nasmyth/onnx/message.h"
#include "nasmyth/onnx/model.h"

namespace nasmyth {
namespace {

namespace field = onnx_fields;

constexpr std::size_t kGreatestRank = 64;

template <class T, class U>
void append(std::string& data, const std::vector<U>& values) {
  for (const U& value : values) {
    const T element = static_cast<T>(value);
    data.append(reinterpret_cast<const char*>(&element), sizeof element);
  }
}

// The lists in which a tensor may hold its elements instead of raw bytes.
struct ElementLists {
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::int64_t> int32s, int64s, uint64s;

  std::string to_bytes(OnnxType type) const {
    std::string data;
    switch (type) {
      case OnnxType::kFloat:
        append<float>(data, floats);
        break;
      case OnnxType::kDouble:
        append<double>(data, doubles);
        break;
      case OnnxType::kInt64:
        append<std::int64_t>(data, int64s);
        break;
      case OnnxType::kUint64:
        append<std::uint64_t>(data, uint64s);
        break;
      case OnnxType::kUint32:
        append<std::uint32_t>(data, uint64s);
        break;
      case OnnxType::kInt32:
        append<std::int32_t>(data, int32s);
        break;
      case OnnxType::kInt16:
      case OnnxType::kUint16:
      case OnnxType::kFloat16:
        append<std::uint16_t>(data, int32s);
        break;
      case OnnxType::kInt8:
      case OnnxType::kUint8:
      case OnnxType::kBool:
        append<std::uint8_t>(data, int32s);
        break;
      case OnnxType::kUndefined:
      case OnnxType::kString:
        break;
    }
    return data;
  }
};

OnnxType read_type(ProtoMessage& in) {
  const std::int64_t number = in.integer();
  if (number < 0 || number > static_cast<std::int64_t>(OnnxType::kUint64))
    in.unsupported("element type " + std::to_string(number) + " is not read");
  return static_cast<OnnxType>(number);
}

void check_tensor(const ProtoMessage& in, const OnnxTensor& tensor) {
  const std::size_t size = element_size(tensor.type);
  if (size == 0)
    in.unsupported("element type " + std::to_string(static_cast<int>(tensor.type)) +
                   " is not read");
  if (tensor.dims.size() > kGreatestRank)
    in.fail("a tensor of rank " + std::to_string(tensor.dims.size()));
  std::size_t bytes = size;
  for (std::int64_t d : tensor.dims)
    if (d < 0 || __builtin_mul_overflow(bytes, static_cast<std::size_t>(d), &bytes))
      in.fail("dimension " + std::to_string(d) + " is out of range");
  if (bytes != tensor.data.size())
    in.fail("tensor '" + tensor.name + "' needs " + std::to_string(bytes) + " bytes; got " +
            std::to_string(tensor.data.size()));
}

OnnxTensor read_tensor(ProtoMessage in) {
  OnnxTensor tensor;
  tensor.type = OnnxType::kUndefined;
  ElementLists lists;
  bool raw = false;
  while (in.next()) {
    switch (in.tag()) {
      case field::tensor::kDims:
        in.integers(tensor.dims);
        break;
      case field::tensor::kType:
        tensor.type = read_type(in);
        break;
      case field::tensor::kName:
        tensor.name = in.text();
        break;
      case field::tensor::kRaw:
        tensor.data = in.text();
        raw = true;
        break;
      case field::tensor::kFloats:
        in.numbers(lists.floats);
        break;
      case field::tensor::kDoubles:
        in.numbers(lists.doubles);
        break;
      case field::tensor::kInt32s:
        in.integers(lists.int32s);
        break;
      case field::tensor::kInt64s:
        in.integers(lists.int64s);
        break;
      case field::tensor::kUint64s:
        in.integers(lists.uint64s);
        break;
      case field::tensor::kLocation:
        if (in.integer() != 0) in.unsupported("data in another file is not read");
        break;
      case field::tensor::kExternal:
        in.unsupported("data in another file is not read");
      case field::tensor::kStrings:
        in.unsupported("tensors of text are not read");
      case field::tensor::kSegment:
        in.unsupported("segmented tensors are not read");
      default:
        in.skip();
    }
  }
  if (!raw) tensor.data = lists.to_bytes(tensor.type);
  check_tensor(in, tensor);
  return tensor;
}

struct AttributeParts {
  std::string name;
  std::int64_t type = 0, integer = 0;
  float number = 0;
  std::string text;
  OnnxTensor tensor;
  std::vector<std::int64_t> integers;
  std::vector<float> numbers;
  std::vector<std::string> texts;
};

OnnxValue value_of(const ProtoMessage& in, AttributeParts& parts) {
  namespace a = field::attribute;
  switch (parts.type) {
    case a::kTypeFloat:
      return parts.number;
    case a::kTypeInteger:
      return parts.integer;
    case a::kTypeString:
      return std::move(parts.text);
    case a::kTypeTensor:
      return std::move(parts.tensor);
    case a::kTypeFloats:
      return std::move(parts.numbers);
    case a::kTypeIntegers:
      return std::move(parts.integers);
    case a::kTypeStrings:
      return std::move(parts.texts);
    default:
      in.unsupported("attribute '" + parts.name + "' is of type " + std::to_string(parts.type) +
                     ", which is not read");
  }
}

void read_attribute(ProtoMessage in, OnnxNode& node) {
  namespace a = field::attribute;
  AttributeParts parts;
  while (in.next()) {
    switch (in.tag()) {
      case a::kName:
        parts.name = in.text();
        break;
      case a::kType:
        parts.type = in.integer();
        break;
      case a::kFloat:
        parts.number = in.number();
        break;
      case a::kInteger:
        parts.integer = in.integer();
        break;
      case a::kString:
        parts.text = in.text();
        break;
      case a::kTensor:
        parts.tensor = read_tensor({in, "tensor"});
        break;
      case a::kFloats:
        in.numbers(parts.numbers);
        break;
      case a::kIntegers:
        in.integers(parts.integers);
        break;
      case a::kStrings:
        parts.texts.push_back(in.text());
        break;
      default:
        in.skip();
    }
  }
  if (parts.name.empty()) in.fail("an attribute without a name");
  OnnxValue value = value_of(in, parts);
  if (!node.attributes.emplace(parts.name, std::move(value)).second)
    in.fail("attribute '" + parts.name + "' stands twice");
}

OnnxNode read_node(ProtoMessage in) {
  OnnxNode node;
  std::int64_t attributes = 0;
  while (in.next()) {
    switch (in.tag()) {
      case field::node::kInput:
        node.inputs.push_back(in.text());
        break;
      case field::node::kOutput:
        node.outputs.push_back(in.text());
        break;
      case field::node::kName:
        node.name = in.text();
        break;
      case field::node::kOperation:
        node.operation = in.text();
        break;
      case field::node::kDomain:
        node.domain = in.text();
        break;
      case field::node::kAttribute:
        read_attribute({in, "attribute", attributes++}, node);
        break;
      default:
        in.skip();
    }
  }
  if (node.operation.empty()) in.fail("a node without an operator");
  return node;
}

OnnxDimension read_dimension(ProtoMessage in) {
  OnnxDimension dimension;
  while (in.next()) {
    switch (in.tag()) {
      case field::dimension::kSize:
        dimension.size = in.integer();
        if (dimension.size < 0) in.fail("a negative size");
        break;
      case field::dimension::kSymbol:
        dimension.symbol = in.text();
        break;
      default:
        in.skip();
    }
  }
  return dimension;
}

void read_tensor_type(ProtoMessage in, OnnxValueInfo& info) {
  while (in.next()) {
    if (in.tag() == field::tensor_type::kElement) {
      info.type = read_type(in);
    } else if (in.tag() == field::tensor_type::kShape) {
      ProtoMessage shape(in, "shape");
      info.shape.emplace();
      while (shape.next()) {
        if (shape.tag() != field::shape::kDimension) {
          shape.skip();
          continue;
        }
        if (info.shape->size() == kGreatestRank) shape.fail("a shape of more than 64 dimensions");
        const auto index = static_cast<std::int64_t>(info.shape->size());
        info.shape->push_back(read_dimension({shape, "dimension", index}));
      }
    } else {
      in.skip();
    }
  }
}

OnnxValueInfo read_value_info(ProtoMessage in) {
  OnnxValueInfo info;
  info.type = OnnxType::kUndefined;
  while (in.next()) {
    if (in.tag() == field::value_info::kName) {
      info.name = in.text();
    } else if (in.tag() == field::value_info::kType) {
      ProtoMessage type(in, "type");
      while (type.next()) {
        if (type.tag() != field::type::kTensor)
          type.unsupported("only values that are dense tensors are read");
        read_tensor_type({type, "tensor type"}, info);
      }
    } else {
      in.skip();
    }
  }
  if (info.name.empty()) in.fail("a value without a name");
  return info;
}

void read_graph(ProtoMessage in, OnnxModel& model) {
  const auto index = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  while (in.next()) {
    switch (in.tag()) {
      case field::graph::kNode:
        model.nodes.push_back(read_node({in, "node", index(model.nodes)}));
        break;
      case field::graph::kName:
        model.name = in.text();
        break;
      case field::graph::kInitializer:
        model.initializers.push_back(read_tensor({in, "initialiser", index(model.initializers)}));
        break;
      case field::graph::kInput:
        model.inputs.push_back(read_value_info({in, "input", index(model.inputs)}));
        break;
      case field::graph::kOutput:
        model.outputs.push_back(read_value_info({in, "output", index(model.outputs)}));
        break;
      case field::graph::kValueInfo:
        model.values.push_back(read_value_info({in, "value", index(model.values)}));
        break;
      case field::graph::kSparseInitializer:
        in.unsupported("sparse tensors are not read");
      default:
        in.skip();
    }
  }
}

void read_opset(ProtoMessage in, OnnxModel& model) {
  std::string domain;
  std::int64_t version = 0;
  while (in.next()) {
    switch (in.tag()) {
      case field::opset::kDomain:
        domain = in.text();
        break;
      case field::opset::kVersion:
        version = in.integer();
        break;
      default:
        in.skip();
    }
  }
  model.opsets[domain == "ai.onnx" ? "" : domain] = version;
}

void read_metadata(ProtoMessage in, OnnxModel& model) {
  std::string key, value;
  while (in.next()) {
    switch (in.tag()) {
      case field::entry::kKey:
        key = in.text();
        break;
      case field::entry::kValue:
        value = in.text();
        break;
      default:
        in.skip();
    }
  }
  model.metadata[key] = std::move(value);
}

}  // namespace

OnnxModel read_onnx(std::string_view bytes, std::string_view where) {
  ProtoMessage in(bytes, where);
  OnnxModel model;
  model.ir_version = 0;
  bool graph = false;
  while (in.next()) {
    switch (in.tag()) {
      case field::model::kIrVersion:
        model.ir_version = in.integer();
        break;
      case field::model::kProducer:
        model.producer = in.text();
        break;
      case field::model::kProducerVersion:
        model.producer_version = in.text();
        break;
      case field::model::kGraph:
        if (graph) in.fail("it holds a second graph");
        graph = true;
        read_graph({in, "graph"}, model);
        break;
      case field::model::kOpset:
        read_opset({in, "opset"}, model);
        break;
      case field::model::kMetadata:
        read_metadata({in, "metadata"}, model);
        break;
      case field::model::kFunctions:
        in.unsupported("models with functions are not read");
      default:
        in.skip();
    }
  }
  if (!graph) in.fail("no ONNX model: it holds no graph");
  return model;
}

}  // namespace nasmyth
