#pragma once

// Field numbers of the ONNX file format (a protocol buffer), as far as they are read or written.

#include <cstdint>

namespace nasmyth::onnx_fields {

namespace model {
inline constexpr std::uint32_t kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7,
                               kOpset = 8, kMetadata = 14, kFunctions = 25;
}
namespace opset {
inline constexpr std::uint32_t kDomain = 1, kVersion = 2;
}
namespace entry {
inline constexpr std::uint32_t kKey = 1, kValue = 2;
}
namespace graph {
inline constexpr std::uint32_t kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12,
                               kValueInfo = 13, kSparseInitializer = 15;
}
namespace node {
inline constexpr std::uint32_t kInput = 1, kOutput = 2, kName = 3, kOperation = 4, kAttribute = 5,
                               kDomain = 7;
}
namespace attribute {
inline constexpr std::uint32_t kName = 1, kFloat = 2, kInteger = 3, kString = 4, kTensor = 5,
                               kFloats = 7, kIntegers = 8, kStrings = 9, kType = 20;
/// Values of kType.
inline constexpr std::int64_t kTypeFloat = 1, kTypeInteger = 2, kTypeString = 3, kTypeTensor = 4,
                              kTypeFloats = 6, kTypeIntegers = 7, kTypeStrings = 8;
}  // namespace attribute
namespace tensor {
inline constexpr std::uint32_t kDims = 1, kType = 2, kSegment = 3, kFloats = 4, kInt32s = 5,
                               kStrings = 6, kInt64s = 7, kName = 8, kRaw = 9, kDoubles = 10,
                               kUint64s = 11, kExternal = 13, kLocation = 14;
}
namespace value_info {
inline constexpr std::uint32_t kName = 1, kType = 2;
}
namespace type {
inline constexpr std::uint32_t kTensor = 1;
}
namespace tensor_type {
inline constexpr std::uint32_t kElement = 1, kShape = 2;
}
namespace shape {
inline constexpr std::uint32_t kDimension = 1;
}
namespace dimension {
inline constexpr std::uint32_t kSize = 1, kSymbol = 2;
}

}  // namespace nasmyth::onnx_fields
