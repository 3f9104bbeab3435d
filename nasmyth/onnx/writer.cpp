#include <limits>
#include <protozero/pbf_writer.hpp>

#include "nasmyth/core/error.h"
#include "nasmyth/onnx/fields.h"
#include "nasmyth/onnx/model.h"

namespace nasmyth {
namespace {

namespace field = onnx_fields;
using protozero::pbf_writer;

constexpr std::size_t kGreatestFile = std::numeric_limits<std::int32_t>::max();

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void write(pbf_writer out, const OnnxTensor& tensor) {
  for (std::int64_t d : tensor.dims) out.add_int64(field::tensor::kDims, d);
  out.add_int32(field::tensor::kType, static_cast<std::int32_t>(tensor.type));
  out.add_string(field::tensor::kName, tensor.name);
  out.add_bytes(field::tensor::kRaw, tensor.data);
}

void write_value(pbf_writer& out, const OnnxValue& value) {
  namespace a = field::attribute;
  const auto type = [&out](std::int64_t t) {
    out.add_enum(a::kType, static_cast<std::int32_t>(t));
  };
  std::visit(Overloaded{
                 [&](std::int64_t i) { out.add_int64(a::kInteger, i), type(a::kTypeInteger); },
                 [&](float f) { out.add_float(a::kFloat, f), type(a::kTypeFloat); },
                 [&](const std::string& s) { out.add_bytes(a::kString, s), type(a::kTypeString); },
                 [&](const OnnxTensor& t) {
                   write(pbf_writer(out, a::kTensor), t);
                   type(a::kTypeTensor);
                 },
                 [&](const std::vector<std::int64_t>& list) {
                   for (auto i : list) out.add_int64(a::kIntegers, i);
                   type(a::kTypeIntegers);
                 },
                 [&](const std::vector<float>& list) {
                   for (auto f : list) out.add_float(a::kFloats, f);
                   type(a::kTypeFloats);
                 },
                 [&](const std::vector<std::string>& list) {
                   for (const auto& s : list) out.add_bytes(a::kStrings, s);
                   type(a::kTypeStrings);
                 },
             },
             value);
}

void write(pbf_writer out, const OnnxNode& node) {
  for (const auto& input : node.inputs) out.add_string(field::node::kInput, input);
  for (const auto& output : node.outputs) out.add_string(field::node::kOutput, output);
  out.add_string(field::node::kName, node.name);
  out.add_string(field::node::kOperation, node.operation);
  for (const auto& [name, value] : node.attributes) {
    pbf_writer attribute(out, field::node::kAttribute);
    attribute.add_string(field::attribute::kName, name);
    write_value(attribute, value);
  }
  if (!node.domain.empty()) out.add_string(field::node::kDomain, node.domain);
}

// As bytes of their own: nested writers drop empty messages, and an empty shape or dimension says
// something.
std::string shape_bytes(const std::vector<OnnxDimension>& shape) {
  std::string bytes;
  pbf_writer out(bytes);
  for (const auto& d : shape) {
    std::string dimension_bytes;
    pbf_writer dimension(dimension_bytes);
    if (!d.symbol.empty())
      dimension.add_string(field::dimension::kSymbol, d.symbol);
    else if (d.size >= 0)
      dimension.add_int64(field::dimension::kSize, d.size);
    out.add_message(field::shape::kDimension, dimension_bytes);
  }
  return bytes;
}

void write(pbf_writer out, const OnnxValueInfo& info) {
  out.add_string(field::value_info::kName, info.name);
  pbf_writer type(out, field::value_info::kType);
  pbf_writer tensor(type, field::type::kTensor);
  tensor.add_int32(field::tensor_type::kElement, static_cast<std::int32_t>(info.type));
  if (info.shape) tensor.add_message(field::tensor_type::kShape, shape_bytes(*info.shape));
}

void write_graph(pbf_writer out, const OnnxModel& model) {
  for (const auto& node : model.nodes) write(pbf_writer(out, field::graph::kNode), node);
  out.add_string(field::graph::kName, model.name);
  for (const auto& t : model.initializers) write(pbf_writer(out, field::graph::kInitializer), t);
  for (const auto& i : model.inputs) write(pbf_writer(out, field::graph::kInput), i);
  for (const auto& o : model.outputs) write(pbf_writer(out, field::graph::kOutput), o);
  for (const auto& v : model.values) write(pbf_writer(out, field::graph::kValueInfo), v);
}

// Protozero counts lengths in 32 bits; what would pass them is refused before it is written.
void check_size(const OnnxModel& model) {
  std::size_t bytes = 0;
  for (const auto& tensor : model.initializers) bytes += tensor.data.size();
  if (bytes > kGreatestFile - (std::size_t{1} << 24))
    throw Error(
        ErrorKind::kOutOfRange, model.name,
        "an ONNX file holds at most 2 GiB; got " + std::to_string(bytes) + " bytes of parameters");
}

}  // namespace

std::string write_onnx(const OnnxModel& model) {
  check_size(model);
  std::string bytes;
  pbf_writer out(bytes);
  out.add_int64(field::model::kIrVersion, model.ir_version);
  out.add_string(field::model::kProducer, model.producer);
  out.add_string(field::model::kProducerVersion, model.producer_version);
  write_graph(pbf_writer(out, field::model::kGraph), model);
  for (const auto& [domain, version] : model.opsets) {
    pbf_writer opset(out, field::model::kOpset);
    if (!domain.empty()) opset.add_string(field::opset::kDomain, domain);
    opset.add_int64(field::opset::kVersion, version);
  }
  for (const auto& [key, value] : model.metadata) {
    pbf_writer entry(out, field::model::kMetadata);
    entry.add_string(field::entry::kKey, key);
    entry.add_string(field::entry::kValue, value);
  }
  if (bytes.size() > kGreatestFile)
    throw Error(ErrorKind::kOutOfRange, model.name,
                "an ONNX file holds at most 2 GiB; got " + std::to_string(bytes.size()) + " bytes");
  return bytes;
}

}  // namespace nasmyth
