#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/data/byte_source.h"

namespace nasmyth {

/// Type of the elements of an array, as NumPy names it ("<f4", "|u1", "<U12").
struct NpyType {
  char kind = 'u';   ///< b truth, u unsigned, i signed, f float, U text (UCS-4), S text (bytes)
  int size = 1;      ///< bytes of an element
  bool big = false;  ///< most significant byte first
  bool is_text() const { return kind == 'U' || kind == 'S'; }
};

/// "8-bit unsigned", "float32", "text".
std::string type_text(const NpyType& type);

/// What the header of an array says. Its promises are bounded, but not yet kept by the data.
struct NpyHeader {
  NpyType type;
  bool fortran_order = false;  ///< the first index runs fastest
  std::vector<std::int64_t> shape;
  /// Product of the shape (1 for a single number).
  std::int64_t elements() const;
};

/// "[60000, 28, 28]"
std::string shape_text(const std::vector<std::int64_t>& shape);

/// An array in memory as its file holds it.
struct NpyArray {
  std::string name;  ///< for messages: the file, and the entry of an archive
  NpyHeader header;
  std::vector<std::uint8_t> bytes;

  /// Bytes from one element to the next along each axis.
  std::vector<std::int64_t> strides() const;
};

/// No array that is read has more bytes than this, whatever its header promises: 4 GiB.
constexpr std::int64_t kMostArrayBytes = std::int64_t{1} << 32;

/// Reads the magic number and the header of an array in NumPy's format (versions 1.0 to 3.0).
/// Throws kInvalidData for what is no array, kUnsupported for arrays of Python objects, structures,
/// complex numbers and dates, both with what to do.
NpyHeader read_npy_header(ByteSource& source);

/// The same with the elements, to the end of the source.
NpyArray read_npy(ByteSource& source);

/// The elements in C order, whatever their order in memory, of a numeric or boolean array. Numbers
/// too great for a float32 become infinite.
std::vector<float> npy_floats(const NpyArray& array);
/// The same for integers; throws kInvalidData for text and for numbers that are no whole ones in
/// 64 bits with sign, naming the first.
std::vector<std::int64_t> npy_integers(const NpyArray& array);
/// The same for text, in UTF-8.
std::vector<std::string> npy_texts(const NpyArray& array);

/// Bytes of a bool or 8-bit array as unsigned numbers; floats of every other numeric one, in an
/// order of axes of their own: element (i, j, k, l) of the result lies at byte
/// i * strides[0] + j * strides[1] + ... of the array.
struct NpyView {
  std::int64_t sizes[4];
  std::int64_t strides[4];
};
std::vector<std::uint8_t> npy_bytes(const NpyArray& array, const NpyView& view);
std::vector<float> npy_floats(const NpyArray& array, const NpyView& view);

}  // namespace nasmyth
