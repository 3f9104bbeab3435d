#include "nasmyth/data/npy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nasmyth/data/input_file.h"
#include "tests/data/files.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

using test::bytes_of;
using test::expect_error;
using test::npy;

class NpyTest : public testing::Test {
 protected:
  NpyArray read(std::string_view bytes) {
    test::write_bytes(folder_ / "a.npy", bytes);
    InputFile file(folder_ / "a.npy");
    return read_npy(file);
  }
  void refused(ErrorKind kind, std::string_view part, std::string_view bytes) {
    expect_error(kind, part, [&] { read(bytes); });
  }
  // A file with that header, whatever it says.
  static std::string with_header(std::string_view header, std::string_view elements = "") {
    std::string bytes = "\x93NUMPY";
    bytes +=
        {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
    return bytes + std::string(header) + std::string(elements);
  }

  test::TemporaryDirectory folder_;
};

TEST_F(NpyTest, ReadsTypeOrderAndShape) {
  const NpyArray a = read(npy("<f4", "2, 3", bytes_of<float>({1, 2, 3, 4, 5, 6})));
  EXPECT_EQ(a.header.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(a.header.elements(), 6);
  EXPECT_EQ(npy_floats(a), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  const NpyArray f = read(npy("<f4", "2, 3", bytes_of<float>({1, 4, 2, 5, 3, 6}), true));
  EXPECT_EQ(npy_floats(f), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read(npy("|u1", "", "\7")).header.elements(), 1);
  EXPECT_EQ(read(npy("|u1", "3L,", "abc")).header.elements(), 3);
  EXPECT_EQ(read(npy("|u1", "3, 0", "")).header.elements(), 0);
}

TEST_F(NpyTest, ReadsEveryNumericType) {
  const auto numbers = [&](std::string_view descr, std::string_view bytes) {
    return npy_integers(read(npy(descr, "2,", bytes)));
  };
  const std::vector<std::int64_t> expected{1, 258};
  EXPECT_EQ(numbers("<i2", std::string("\1\0\2\1", 4)), expected);
  EXPECT_EQ(numbers(">i2", std::string("\0\1\1\2", 4)), expected);
  EXPECT_EQ(numbers("<u4", bytes_of<std::uint32_t>({1, 258})), expected);
  EXPECT_EQ(numbers("<i8", bytes_of<std::int64_t>({1, 258})), expected);
  EXPECT_EQ(numbers("<f8", bytes_of<double>({1, 258})), expected);
  EXPECT_EQ(numbers("<f2", std::string("\0\x3c\x08\x5c", 4)), expected);
  EXPECT_EQ(numbers("|i1", "\xff\x7f"), (std::vector<std::int64_t>{-1, 127}));
  EXPECT_EQ(numbers("|b1", std::string("\0\1", 2)), (std::vector<std::int64_t>{0, 1}));
}

TEST_F(NpyTest, HalfPrecisionIsExact) {
  // Zero, the smallest subnormal and normal numbers, 1, the greatest, infinity.
  const auto v = npy_floats(
      read(npy("<f2", "6,", bytes_of<std::uint16_t>({0x8000, 1, 0x400, 0x3c00, 0x7bff, 0xfc00}))));
  EXPECT_TRUE(v[0] == 0 && std::signbit(v[0]));
  EXPECT_EQ(v[1], 0x1p-24f);
  EXPECT_EQ(v[2], 0x1p-14f);
  EXPECT_EQ(v[3], 1.0f);
  EXPECT_EQ(v[4], 65504.0f);
  EXPECT_EQ(v[5], -std::numeric_limits<float>::infinity());
}

TEST_F(NpyTest, DoublesBeyondFloatBecomeInfinite) {
  const auto v = npy_floats(read(npy("<f8", "2,", bytes_of<double>({1e300, -1e-300}))));
  EXPECT_TRUE(std::isinf(v[0]));
  EXPECT_EQ(v[1], 0);
}

TEST_F(NpyTest, ReadsTexts) {
  const auto texts = npy_texts(read(npy("|S3", "2,", std::string("cat\0\0\0", 6))));
  EXPECT_EQ(texts, (std::vector<std::string>{"cat", ""}));
  const auto wide =
      npy_texts(read(npy("<U2", "2,", bytes_of<std::uint32_t>({'k', 0xe4, 0x1f600, 0}))));
  EXPECT_EQ(wide, (std::vector<std::string>{"k\u00e4", "\U0001f600"}));
  // Latin-1, a surrogate, a control character.
  EXPECT_EQ(npy_texts(read(npy("|S2", "1,", "\xe4\n")))[0], "\u00e4?");
  EXPECT_EQ(npy_texts(read(npy("<U1", "1,", bytes_of<std::uint32_t>({0xd800}))))[0], "\ufffd");
}

TEST_F(NpyTest, RefusesWhatIsNoArray) {
  const auto kData = ErrorKind::kInvalidData;
  refused(kData, "it is empty", "");
  refused(kData, "magic number is missing", "not an array at all");
  refused(kData, "truncated in the header", "\x93NUMPY");
  refused(ErrorKind::kUnsupported, "version 9", std::string("\x93NUMPY\x09\0\0\0", 10));
  refused(kData, "promises 4294967295 bytes", std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12));
  const std::string good = npy("<f4", "2,", bytes_of<float>({1, 2}));
  for (std::size_t size = 0; size < good.size(); ++size)
    expect_error(kData, "a.npy", [&] { read(good.substr(0, size)); });
  refused(kData, "bytes follow the end", good + "x");
}

TEST_F(NpyTest, RefusesDamagedHeaders) {
  for (const char* header :
       {"", "{", "}", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, }",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1",
        "{'descr: '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}"})
    refused(ErrorKind::kInvalidData, "header of the array is damaged", with_header(header));
}

TEST_F(NpyTest, RefusesOtherElements) {
  const auto kUnsupported = ErrorKind::kUnsupported;
  refused(kUnsupported, "Python objects", npy("|O", "1,", "12345678"));
  refused(kUnsupported, "'<c8'", npy("<c8", "1,", "12345678"));
  refused(kUnsupported, "'<M8[ns]'", npy("<M8[ns]", "1,", "12345678"));
  refused(kUnsupported, "'<f3'", npy("<f3", "1,", "123"));
  refused(kUnsupported, "'<i'", npy("<i", "1,", "123"));
  refused(kUnsupported, "'<f99999999999'", npy("<f99999999999", "1,", "123"));
  refused(kUnsupported, "structured",
          with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"));
}

// Whatever a header promises, no memory is taken before the bytes are there.
TEST_F(NpyTest, PromisesAreBounded) {
  const auto kData = ErrorKind::kInvalidData;
  for (const char* shape : {"99999999999999999999999,", "4294967296, 4294967296",
                            "4294967295, 4294967295, 0", "65536, 65536, 2"})
    refused(kData, "at most 4 GiB", npy("<f4", shape, "1234"));
  refused(kData, "more than 8 axes", npy("|u1", "1, 1, 1, 1, 1, 1, 1, 1, 1", "1"));
  refused(kData, "truncated", npy("<f4", "1000000000,", "1234"));
}

TEST_F(NpyTest, NamesWhatIsNoWholeNumber) {
  const NpyArray a = read(npy("<f8", "3,", bytes_of<double>({1, 2.5, 3})));
  expect_error(ErrorKind::kInvalidData, "element 1 is 2.5", [&] { npy_integers(a); });
  const NpyArray nan = read(npy("<f8", "1,", bytes_of<double>({std::nan("")})));
  expect_error(ErrorKind::kInvalidData, "element 0 is", [&] { npy_integers(nan); });
  const NpyArray great = read(npy("<u8", "1,", bytes_of<std::uint64_t>({~std::uint64_t{0}})));
  expect_error(ErrorKind::kInvalidData, "whole numbers", [&] { npy_integers(great); });
  const NpyArray text = read(npy("|S1", "1,", "a"));
  expect_error(ErrorKind::kInvalidData, "text", [&] { npy_floats(text); });
}

}  // namespace
}  // namespace nasmyth
