#include "nasmyth/onnx/model.h"

#include <bit>
#include <cstring>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are kept as in the file");

template <class T>
OnnxTensor tensor_of(std::string name, OnnxType type, std::vector<std::int64_t> dims,
                     std::span<const T> values) {
  OnnxTensor tensor{std::move(name), type, std::move(dims), {}};
  tensor.data.assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  if (tensor.elements() != static_cast<std::int64_t>(values.size()))
    throw Error(ErrorKind::kShape, tensor.name,
                "a tensor of " + std::to_string(tensor.elements()) + " elements; got " +
                    std::to_string(values.size()));
  return tensor;
}

template <class T>
std::vector<T> values_of(const OnnxTensor& tensor, OnnxType type) {
  if (tensor.type != type)
    throw Error(ErrorKind::kInvalidData, tensor.name,
                "a tensor of element type " + std::to_string(static_cast<int>(type)) +
                    " is expected; got " + std::to_string(static_cast<int>(tensor.type)));
  std::vector<T> values(tensor.data.size() / sizeof(T));
  if (values.size() * sizeof(T) != tensor.data.size() ||
      static_cast<std::int64_t>(values.size()) != tensor.elements())
    throw Error(ErrorKind::kInvalidData, tensor.name,
                std::to_string(tensor.data.size()) + " bytes do not fit the tensor's shape");
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

}  // namespace

std::size_t element_size(OnnxType type) {
  switch (type) {
    case OnnxType::kUint8:
    case OnnxType::kInt8:
    case OnnxType::kBool:
      return 1;
    case OnnxType::kUint16:
    case OnnxType::kInt16:
    case OnnxType::kFloat16:
      return 2;
    case OnnxType::kFloat:
    case OnnxType::kInt32:
    case OnnxType::kUint32:
      return 4;
    case OnnxType::kInt64:
    case OnnxType::kUint64:
    case OnnxType::kDouble:
      return 8;
    case OnnxType::kUndefined:
    case OnnxType::kString:
      return 0;
  }
  return 0;
}

OnnxTensor OnnxTensor::of(std::string name, std::vector<std::int64_t> dims,
                          std::span<const float> values) {
  return tensor_of(std::move(name), OnnxType::kFloat, std::move(dims), values);
}

OnnxTensor OnnxTensor::of(std::string name, std::vector<std::int64_t> dims,
                          std::span<const std::int64_t> values) {
  return tensor_of(std::move(name), OnnxType::kInt64, std::move(dims), values);
}

std::vector<float> OnnxTensor::floats() const { return values_of<float>(*this, OnnxType::kFloat); }

std::vector<std::int64_t> OnnxTensor::integers() const {
  return values_of<std::int64_t>(*this, OnnxType::kInt64);
}

std::int64_t OnnxTensor::elements() const {
  std::int64_t n = 1;
  for (std::int64_t d : dims)
    if (d < 0 || __builtin_mul_overflow(n, d, &n))
      throw Error(ErrorKind::kInvalidData, name, "the tensor's shape is out of range");
  return n;
}

const OnnxTensor* OnnxModel::find_initializer(std::string_view wanted) const {
  for (const auto& tensor : initializers)
    if (tensor.name == wanted) return &tensor;
  return nullptr;
}

}  // namespace nasmyth
