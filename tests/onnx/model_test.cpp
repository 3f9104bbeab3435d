// What is written is read back.
#include "nasmyth/onnx/model.h"

#include <gtest/gtest.h>

#include <protozero/pbf_writer.hpp>

#include "nasmyth/core/error.h"
#include "nasmyth/onnx/fields.h"
#include "tests/onnx/model_samples.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

using namespace std::string_literals;
namespace field = onnx_fields;
using protozero::pbf_writer;

TEST(OnnxModelTest, EverythingIsReadBack) {
  const OnnxModel model = rich_model();
  const std::string bytes = write_onnx(model);
  const OnnxModel read = read_onnx(bytes, "model.onnx");
  EXPECT_EQ(read, model);
  EXPECT_EQ(write_onnx(read), bytes);
  EXPECT_EQ(write_onnx(rich_model()), bytes);
}

TEST(OnnxModelTest, EmptyGraphIsReadBack) {
  OnnxModel model;
  model.name = "g";
  EXPECT_EQ(read_onnx(write_onnx(model), "model"), model);
}

// The bytes of a one-node model, put together by hand from onnx.proto.
TEST(OnnxModelTest, BytesAreThoseOfTheFormat) {
  OnnxModel model;
  model.opsets = {{"", 17}};
  model.name = "g";
  model.nodes = {{"Relu", "n", "", {"x"}, {"y"}, {}}};
  model.inputs = {{"x", OnnxType::kFloat, std::vector<OnnxDimension>{{-1, "b"}, {3, ""}}}};
  model.outputs = {{"y", OnnxType::kFloat, std::nullopt}};
  const std::string expected =
      "\x08\x08"                                           // ir_version: 8
      "\x12\x00\x1a\x00"                                   // producer_name, producer_version: ""
      "\x3a\x35"                                           // graph, 53 bytes
      "\x0a\x0f\x0a\x01x\x12\x01y\x1a\x01n\x22\x04Relu"    // node: input, output, name, op_type
      "\x12\x01g"                                          // name
      "\x5a\x14\x0a\x01x\x12\x0f\x0a\x0d\x08\x01\x12\x09"  // input: name, type, float, shape
      "\x0a\x03\x12\x01"
      "b"
      "\x0a\x02\x08\x03"                           // dim_param, dim_value
      "\x62\x09\x0a\x01y\x12\x04\x0a\x02\x08\x01"  // output
      "\x42\x02\x10\x11"s;                         // opset_import: version 17
  EXPECT_EQ(write_onnx(model), expected);
}

// One initialiser "t" of the given type whose elements stand in a list.
template <class F>
OnnxTensor read_list(OnnxType type, std::int64_t elements, F&& write_elements) {
  std::string bytes;
  {
    pbf_writer model(bytes);
    pbf_writer graph(model, field::model::kGraph);
    pbf_writer tensor(graph, field::graph::kInitializer);
    tensor.add_int64(field::tensor::kDims, elements);
    tensor.add_int32(field::tensor::kType, static_cast<int>(type));
    tensor.add_string(field::tensor::kName, "t");
    write_elements(tensor);
  }
  return *read_onnx(bytes, "model").find_initializer("t");
}

TEST(OnnxModelTest, ElementsMayStandInLists) {
  const std::vector<float> floats{1, -2.5f};
  EXPECT_EQ(read_list(OnnxType::kFloat, 2,
                      [&](pbf_writer& t) {
                        t.add_packed_float(field::tensor::kFloats, floats.begin(), floats.end());
                      })
                .floats(),
            floats);
  EXPECT_EQ(read_list(OnnxType::kFloat, 2,
                      [&](pbf_writer& t) {
                        for (float f : floats) t.add_float(field::tensor::kFloats, f);
                      })
                .floats(),
            floats);
  const std::vector<std::int64_t> integers{-1, 1LL << 50, 0};
  EXPECT_EQ(read_list(OnnxType::kInt64, 3,
                      [&](pbf_writer& t) {
                        t.add_packed_int64(field::tensor::kInt64s, integers.begin(),
                                           integers.end());
                      })
                .integers(),
            integers);
  const std::vector<double> doubles{0.1};
  EXPECT_EQ(read_list(OnnxType::kDouble, 1,
                      [&](pbf_writer& t) {
                        t.add_packed_double(field::tensor::kDoubles, doubles.begin(),
                                            doubles.end());
                      })
                .data,
            std::string(reinterpret_cast<const char*>(doubles.data()), 8));
  EXPECT_EQ(read_list(OnnxType::kInt8, 2,
                      [](pbf_writer& t) {
                        t.add_int32(field::tensor::kInt32s, -1);
                        t.add_int32(field::tensor::kInt32s, 5);
                      })
                .data,
            "\xff\x05");
}

TEST(OnnxTensorTest, RefusesWrongTypesAndSizes) {
  const std::vector<float> two{1, 2};
  EXPECT_THROW(OnnxTensor::of("t", {3}, two), Error);
  const OnnxTensor tensor = OnnxTensor::of("t", {2}, two);
  EXPECT_NE(error_text([&] { tensor.integers(); }).find("element type"), std::string::npos);
  OnnxTensor torn = tensor;
  torn.data.pop_back();
  EXPECT_THROW(torn.floats(), Error);
  torn.dims = {1LL << 40, 1LL << 40};
  EXPECT_THROW(torn.elements(), Error);
  torn.dims = {-1};
  EXPECT_THROW(torn.elements(), Error);
}

TEST(OnnxTensorTest, ElementSizes) {
  EXPECT_EQ(element_size(OnnxType::kBool), 1u);
  EXPECT_EQ(element_size(OnnxType::kFloat16), 2u);
  EXPECT_EQ(element_size(OnnxType::kFloat), 4u);
  EXPECT_EQ(element_size(OnnxType::kDouble), 8u);
  EXPECT_EQ(element_size(OnnxType::kString), 0u);
}

TEST(OnnxModelTest, FindsInitializers) {
  const OnnxModel model = rich_model();
  EXPECT_EQ(model.find_initializer("shape")->type, OnnxType::kInt64);
  EXPECT_EQ(model.find_initializer("x"), nullptr);
}

}  // namespace
}  // namespace nasmyth::test
