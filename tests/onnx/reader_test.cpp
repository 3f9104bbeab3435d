// Damaged, hostile and foreign files: an Error with the place, never more, and bounded memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <protozero/pbf_writer.hpp>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/onnx/fields.h"
#include "nasmyth/onnx/model.h"
#include "tests/onnx/model_samples.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

namespace field = onnx_fields;
using protozero::pbf_writer;
using testing::HasSubstr;
using namespace std::string_literals;

// Bytes held at once for each byte given. The costliest message is a node of five bytes.
constexpr std::size_t kMemoryFactor = 128, kMemoryBase = 1 << 14;

// The kind of error that the bytes give, or nothing when they are read.
std::optional<ErrorKind> outcome(const std::string& bytes) {
  reset_peak_memory();
  std::optional<ErrorKind> kind;
  try {
    read_onnx(bytes, "model.onnx");
  } catch (const Error& e) {
    kind = e.kind();
    EXPECT_TRUE(e.where().starts_with("model.onnx")) << e.what();
  }
  EXPECT_LE(peak_memory(), kMemoryFactor * bytes.size() + kMemoryBase);
  return kind;
}

std::string text_of(const std::string& bytes) {
  return error_text([&] { read_onnx(bytes, "model.onnx"); });
}

bool is_data_error(std::optional<ErrorKind> kind) {
  return kind == ErrorKind::kInvalidData || kind == ErrorKind::kUnsupported;
}

std::string message(std::uint32_t tag, const std::string& content) {
  std::string bytes;
  pbf_writer(bytes).add_message(tag, content);
  return bytes;
}

// A model around the content of its graph.
std::string with_graph(const std::string& content) {
  return message(field::model::kGraph, content);
}

TEST(OnnxReaderTest, TruncationAtEveryByteIsAnError) {
  const std::string bytes = write_onnx(rich_model());
  OnnxModel bare = rich_model();  // what is written after the graph, left out
  bare.opsets.clear();
  bare.metadata.clear();
  const std::size_t graph_end = write_onnx(bare).size();
  int read = 0;
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto kind = outcome(bytes.substr(0, n));
    if (kind) {
      EXPECT_EQ(kind, ErrorKind::kInvalidData) << n;
    } else {
      ++read;
      EXPECT_GE(n, graph_end);
    }
  }
  EXPECT_EQ(read, 2 + 3);  // before each of the opsets and metadata
}

TEST(OnnxReaderTest, FlippedBitsNeverCrash) {
  const std::string whole = write_onnx(rich_model());
  RandomStream random = RandomStream(11).fork("bits");
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = whole;
    for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
      const std::uint64_t bit = random.below(bytes.size() * 8);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    }
    const auto kind = outcome(bytes);
    if (kind) {
      ++refused;
      EXPECT_TRUE(is_data_error(kind));
    }
  }
  EXPECT_GT(refused, 4'000);  // usual: half of them
}

TEST(OnnxReaderTest, RandomBytesNeverCrash) {
  RandomStream random = RandomStream(12).fork("bytes");
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random.below(200), '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    if (i % 2) bytes = with_graph(bytes);
    const auto kind = outcome(bytes);
    EXPECT_TRUE(!kind || is_data_error(kind));
  }
}

TEST(OnnxReaderTest, LyingLengthsAreErrors) {
  for (const char* length : {"\x7f", "\xff\xff\xff\xff\x07", "\xff\xff\xff\xff\x0f",
                             "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                             "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    EXPECT_EQ(outcome("\x3a"s + length + "\x0a"), ErrorKind::kInvalidData);
    EXPECT_EQ(outcome(with_graph("\x0a"s + length + "\x0a\x01x")), ErrorKind::kInvalidData);
    // A packed list of numbers.
    EXPECT_EQ(outcome(with_graph(message(field::graph::kInitializer, "\x22"s + length + "abc"))),
              ErrorKind::kInvalidData);
  }
  // Packed floats whose length is no multiple of four.
  EXPECT_EQ(outcome(with_graph(message(field::graph::kInitializer,
                                       "\x22\x03"
                                       "abc"))),
            ErrorKind::kInvalidData);
}

TEST(OnnxReaderTest, DeepNestingIsNotFollowed) {
  std::string inner = "x";
  for (int depth = 0; depth < 20'000; ++depth) inner = message(6, inner);  // AttributeProto.g
  std::string attribute = message(field::attribute::kName, "body") + inner;
  pbf_writer(attribute).add_enum(field::attribute::kType, 5);
  std::string node = message(field::node::kOperation, "If");
  node += message(field::node::kAttribute, attribute);
  EXPECT_EQ(outcome(with_graph(message(field::graph::kNode, node))), ErrorKind::kUnsupported);
  EXPECT_EQ(outcome(std::string(100'000, '\x3b')), ErrorKind::kInvalidData);  // groups in groups
}

TEST(OnnxReaderTest, MemoryStaysWithinAMultipleOfTheBytes) {
  const auto repeat = [](const std::string& part) {
    std::string bytes;
    for (int i = 0; i < 20'000; ++i) bytes += part;
    return bytes;
  };
  const std::string node = message(field::graph::kNode, message(field::node::kOperation, "A"));
  const std::string value =
      message(field::graph::kValueInfo, message(field::value_info::kName, "v"));
  const std::string no_name = message(field::node::kInput, "");
  const std::string one = message(field::node::kOperation, "A");
  EXPECT_EQ(outcome(with_graph(repeat(node))), std::nullopt);
  EXPECT_EQ(outcome(with_graph(repeat(value))), std::nullopt);
  EXPECT_EQ(outcome(with_graph(message(field::graph::kNode, one + repeat(no_name)))), std::nullopt);
  // A list of small numbers, once as the dimensions of a tensor.
  const std::string list(100'000, '\1');
  outcome(with_graph(message(field::graph::kInitializer, message(field::tensor::kDims, list))));
  outcome(with_graph(message(field::graph::kInitializer, message(field::tensor::kInt64s, list))));
  outcome(with_graph(message(
      field::graph::kNode,
      one + message(field::node::kAttribute, message(field::attribute::kName, "a") +
                                                 message(field::attribute::kIntegers, list)))));
}

// A tensor of one field `tag` with `content`, in a model.
std::string tensor_with(std::uint32_t tag, const std::string& content) {
  return with_graph(message(field::graph::kInitializer, message(tag, content)));
}

TEST(OnnxReaderTest, SaysWhatItDoesNotRead) {
  EXPECT_THAT(text_of(tensor_with(field::tensor::kExternal, "")), HasSubstr("in another file"));
  EXPECT_THAT(text_of(tensor_with(field::tensor::kStrings, "a")), HasSubstr("tensors of text"));
  EXPECT_THAT(text_of(tensor_with(field::tensor::kSegment, "")), HasSubstr("segmented"));
  EXPECT_THAT(text_of(with_graph(message(field::graph::kSparseInitializer, ""))),
              HasSubstr("sparse"));
  EXPECT_THAT(text_of(message(field::model::kFunctions, "")), HasSubstr("functions"));
  const std::string sequence_type = message(4, "");
  EXPECT_THAT(text_of(with_graph(
                  message(field::graph::kInput, message(field::value_info::kType, sequence_type)))),
              HasSubstr("dense tensors"));
}

TEST(OnnxReaderTest, ErrorsNameThePlace) {
  OnnxModel model = rich_model();
  model.initializers[1].data += "x";
  EXPECT_THAT(
      text_of(write_onnx(model)),
      HasSubstr("[model.onnx: graph: initialiser 1] tensor 'shape' needs 24 bytes; got 25"));
  model = rich_model();
  model.nodes[1].operation.clear();
  EXPECT_THAT(text_of(write_onnx(model)),
              HasSubstr("[model.onnx: graph: node 1] a node without an operator"));
  model = rich_model();
  model.initializers[0].dims = {1LL << 62, 1LL << 62};
  EXPECT_THAT(text_of(write_onnx(model)), HasSubstr("out of range"));
  model.initializers[0].dims = {-3};
  EXPECT_THAT(text_of(write_onnx(model)), HasSubstr("dimension -3"));
  EXPECT_THAT(text_of(""), HasSubstr("it holds no graph"));
  EXPECT_THAT(text_of(with_graph("") + with_graph("")), HasSubstr("a second graph"));
  EXPECT_THAT(text_of("\x08"s + std::string(20, '\xff')), HasSubstr("damaged or truncated"));
  // The version as text instead of a number.
  EXPECT_THAT(text_of(message(field::model::kIrVersion, "8")), HasSubstr("another wire type"));
}

TEST(OnnxReaderTest, UnknownFieldsAreSkipped) {
  OnnxModel model = rich_model();
  const std::string extra = message(1000, "later");
  EXPECT_EQ(read_onnx(write_onnx(model) + extra, "model"), model);
}

}  // namespace
}  // namespace nasmyth::test
