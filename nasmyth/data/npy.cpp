// The format of NumPy's arrays (numpy.lib.format, versions 1.0 to 3.0): a magic number, the length
// of a header, a Python dictionary with type, order and shape, and the elements.
#include "nasmyth/data/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint32_t kLongestHeader = 1 << 16;
constexpr std::size_t kMostAxes = 8;
constexpr int kLongestText = 1024;  // characters of an element

[[noreturn]] void unsupported(const ByteSource& source, std::string_view what,
                              std::string_view remedy) {
  throw Error(ErrorKind::kUnsupported, source.name(), what, remedy);
}

NpyType parse_type(const ByteSource& source, std::string_view text) {
  const std::string shown = "elements of the type '" + std::string(text.substr(0, 40)) + "'";
  constexpr std::string_view kRemedy =
      "convert the array to plain numbers, for instance with .astype('float32')";
  if (text.find('O') != std::string_view::npos)
    unsupported(source, "Python objects, which are not read", kRemedy);
  NpyType type;
  if (!text.empty() && std::string_view("<>|=").find(text.front()) != std::string_view::npos) {
    type.big = text.front() == '>';
    text.remove_prefix(1);
  }
  if (text.size() < 2 || text.size() > 6)
    unsupported(source, shown + ", which are not read", kRemedy);
  type.kind = text.front();
  int size = 0;
  for (const char c : text.substr(1)) {
    if (c < '0' || c > '9') unsupported(source, shown + ", which are not read", kRemedy);
    size = 10 * size + (c - '0');
  }
  const auto among = [&](std::initializer_list<int> sizes) {
    return std::find(sizes.begin(), sizes.end(), size) != sizes.end();
  };
  const bool known = (type.kind == 'b' && size == 1) ||
                     ((type.kind == 'u' || type.kind == 'i') && among({1, 2, 4, 8})) ||
                     (type.kind == 'f' && among({2, 4, 8})) ||
                     (type.is_text() && size >= 1 && size <= kLongestText);
  if (!known) unsupported(source, shown + ", which are not read", kRemedy);
  type.size = type.kind == 'U' ? 4 * size : size;
  return type;
}

// The dictionary of a header: three known keys in any order, each once.
class HeaderParser {
 public:
  HeaderParser(const ByteSource& source, std::string_view text) : source_(source), text_(text) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      value(key);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) damaged();
    if (!type_ || !order_ || !shape_) damaged();
    return {*type_, *order_, std::move(*shape_)};
  }

 private:
  [[noreturn]] void damaged() const {
    source_.fail("the header of the array is damaged at character " + std::to_string(at_),
                 "write the array again with numpy.save");
  }

  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) damaged();
  }

  std::string_view quoted() {
    skip_space();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) damaged();
    const char quote = text_[at_++];
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) damaged();
    const std::string_view found = text_.substr(at_, end - at_);
    at_ = end + 1;
    return found;
  }

  void value(std::string_view key) {
    if (key == "descr" && !type_) {
      if (accept('['))
        unsupported(source_, "a structured array, which is not read",
                    "save each of its fields as an array of its own");
      type_ = parse_type(source_, quoted());
    } else if (key == "fortran_order" && !order_) {
      order_ = truth();
    } else if (key == "shape" && !shape_) {
      shape_ = sizes();
    } else {
      damaged();
    }
  }

  bool truth() {
    skip_space();
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}})
      if (text_.substr(at_).starts_with(word)) {
        at_ += std::strlen(word);
        return value;
      }
    damaged();
  }

  std::vector<std::int64_t> sizes() {
    std::vector<std::int64_t> shape;
    expect('(');
    while (!accept(')')) {
      if (shape.size() == kMostAxes) source_.fail("the array has more than 8 axes", "reshape it");
      shape.push_back(size());
      accept('L');  // Python 2
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }

  std::int64_t size() {
    skip_space();
    std::int64_t value = 0;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      value = std::min(10 * value + (text_[at_] - '0'), 2 * kMostArrayBytes);
    if (at_ == begin) damaged();
    return value;
  }

  const ByteSource& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<NpyType> type_;
  std::optional<bool> order_;
  std::optional<std::vector<std::int64_t>> shape_;
};

void check_size(const ByteSource& source, const NpyHeader& header) {
  std::int64_t bytes = header.type.size;
  for (const std::int64_t size : header.shape) {
    if (size == 0) continue;
    if (bytes > kMostArrayBytes / size)
      source.fail("its header promises " + shape_text(header.shape) + " elements of " +
                      std::to_string(header.type.size) + " bytes; at most 4 GiB are read",
                  "use fewer samples, or smaller ones");
    bytes *= size;
  }
}

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16, exponent = half >> 10 & 31, bits = half & 1023;
  if (exponent == 0) {  // zero or subnormal
    const float value = static_cast<float>(bits) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | bits << 13);
}

struct Half {
  std::uint16_t bits;
};

template <class T>
T load(const std::uint8_t* at, bool swapped) {
  std::array<std::uint8_t, sizeof(T)> bytes;
  std::memcpy(bytes.data(), at, sizeof(T));
  if (swapped) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <class T>
float as_float(T value) {
  if constexpr (std::is_same_v<T, Half>)
    return half_to_float(value.bits);
  else
    return static_cast<float>(value);  // beyond float32: infinite
}

// Calls `use` with an object of the element's type, for numeric and boolean arrays.
template <class F>
void with_type(const NpyArray& array, F&& use) {
  const NpyType& t = array.header.type;
  const auto unfit = [&] {
    throw Error(ErrorKind::kInvalidData, array.name, "text in the place of numbers",
                "give an array of numbers");
  };
  if (t.is_text()) unfit();
  switch (t.kind == 'b' ? 'u' : t.kind) {
    case 'u':
      return t.size == 1   ? use(std::uint8_t{})
             : t.size == 2 ? use(std::uint16_t{})
             : t.size == 4 ? use(std::uint32_t{})
                           : use(std::uint64_t{});
    case 'i':
      return t.size == 1   ? use(std::int8_t{})
             : t.size == 2 ? use(std::int16_t{})
             : t.size == 4 ? use(std::int32_t{})
                           : use(std::int64_t{});
    default:
      return t.size == 2 ? use(Half{}) : t.size == 4 ? use(float{}) : use(double{});
  }
}

// Calls `use` with the byte offset of each element of the view, in its order.
template <class F>
void each_offset(const NpyView& v, F&& use) {
  for (std::int64_t i = 0; i < v.sizes[0]; ++i)
    for (std::int64_t j = 0; j < v.sizes[1]; ++j)
      for (std::int64_t k = 0; k < v.sizes[2]; ++k) {
        std::int64_t at = i * v.strides[0] + j * v.strides[1] + k * v.strides[2];
        for (std::int64_t l = 0; l < v.sizes[3]; ++l, at += v.strides[3]) use(at);
      }
}

// All elements in C order, of an array of any rank.
template <class F>
void each_in_order(const NpyArray& array, F&& use) {
  const auto& shape = array.header.shape;
  const std::vector<std::int64_t> strides = array.strides();
  std::vector<std::int64_t> index(shape.size(), 0);
  std::int64_t at = 0;
  for (std::int64_t left = array.header.elements(); left > 0; --left) {
    use(at);
    for (std::size_t d = shape.size(); d-- > 0;) {
      at += strides[d];
      if (++index[d] < shape[d]) break;
      at -= shape[d] * strides[d];
      index[d] = 0;
    }
  }
}

std::int64_t whole(const NpyArray& array, double value, std::size_t index) {
  if (value == std::floor(value) && std::fabs(value) <= 0x1p53)
    return static_cast<std::int64_t>(value);
  throw Error(ErrorKind::kInvalidData, array.name,
              "element " + std::to_string(index) + " is " + std::to_string(value) +
                  " where whole numbers are expected",
              "give whole numbers");
}

void append_utf8(std::string& text, std::uint32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 63));
    }
    put(0x80 | (code >> 6 & 63));
  }
  put(0x80 | (code & 63));
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto first = static_cast<std::uint8_t>(bytes[i++]);
    if (first < 0x80) continue;
    const int more = first >= 0xc2 && first < 0xe0 ? 1 : (first & 0xf0) == 0xe0 ? 2 : 3;
    if (first < 0xc2 || first > 0xf4) return false;
    std::uint32_t code = first & (0x3f >> more);
    for (int k = 0; k < more; ++k) {
      if (i == bytes.size()) return false;
      const auto next = static_cast<std::uint8_t>(bytes[i++]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 63);
    }
    const std::uint32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
  }
  return true;
}

// Bytes that are no UTF-8 as Latin-1, and no control characters: names are printed.
std::string printable(std::string_view bytes) {
  const bool utf8 = is_utf8(bytes);
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f)
      text += '?';
    else if (utf8)
      text += c;
    else
      append_utf8(text, byte);
  }
  return text;
}

}  // namespace

std::string type_text(const NpyType& type) {
  const std::string bits = std::to_string(8 * type.size);
  switch (type.kind) {
    case 'b':
      return "truth values";
    case 'u':
      return bits + "-bit unsigned";
    case 'i':
      return bits + "-bit signed";
    case 'f':
      return "float" + bits;
    default:
      return "text";
  }
}

std::int64_t NpyHeader::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

std::vector<std::int64_t> NpyArray::strides() const {
  const std::size_t rank = header.shape.size();
  std::vector<std::int64_t> strides(rank);
  std::int64_t step = header.type.size;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t d = header.fortran_order ? i : rank - 1 - i;
    strides[d] = step;
    step *= header.shape[d];
  }
  return strides;
}

NpyHeader read_npy_header(ByteSource& source) {
  std::array<std::uint8_t, 8> start{};
  const std::size_t got = source.read(start);
  if (got < kMagic.size() || std::memcmp(start.data(), kMagic.data(), kMagic.size()) != 0)
    source.fail(got == 0 ? "it is empty" : "it is no NumPy array: the magic number is missing",
                "write it with numpy.save");
  if (got < start.size()) source.fail("truncated in the header of the array");
  const int version = start[6];
  if (version < 1 || version > 3)
    unsupported(source, "version " + std::to_string(version) + " of NumPy's format",
                "write the array with numpy.save");
  std::array<std::uint8_t, 4> length{};
  source.read_exactly(std::span(length).first(version == 1 ? 2 : 4), "the header of the array");
  const auto size = std::uint32_t{length[0]} | std::uint32_t{length[1]} << 8 |
                    std::uint32_t{length[2]} << 16 | std::uint32_t{length[3]} << 24;
  if (size > kLongestHeader)
    source.fail("the header of the array promises " + std::to_string(size) + " bytes",
                "write the array again with numpy.save");
  std::vector<std::uint8_t> text(size);
  source.read_exactly(text, "the header of the array");
  NpyHeader header =
      HeaderParser(source, {reinterpret_cast<const char*>(text.data()), text.size()}).parse();
  check_size(source, header);
  return header;
}

NpyArray read_npy(ByteSource& source) {
  NpyArray array{source.name(), read_npy_header(source), {}};
  source.append_exactly(array.bytes,
                        static_cast<std::uint64_t>(array.header.elements()) *
                            static_cast<std::uint64_t>(array.header.type.size),
                        "an array " + shape_text(array.header.shape));
  source.expect_end();
  return array;
}

std::vector<float> npy_floats(const NpyArray& array) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(array.header.elements()));
  with_type(array, [&]<class T>(T) {
    each_in_order(array, [&](std::int64_t at) {
      values.push_back(as_float(load<T>(array.bytes.data() + at, array.header.type.big)));
    });
  });
  return values;
}

std::vector<std::int64_t> npy_integers(const NpyArray& array) {
  std::vector<std::int64_t> values;
  values.reserve(static_cast<std::size_t>(array.header.elements()));
  with_type(array, [&]<class T>(T) {
    each_in_order(array, [&](std::int64_t at) {
      const T value = load<T>(array.bytes.data() + at, array.header.type.big);
      if constexpr (std::is_same_v<T, Half>) {
        values.push_back(whole(array, half_to_float(value.bits), values.size()));
      } else if constexpr (std::is_floating_point_v<T>) {
        values.push_back(whole(array, value, values.size()));
      } else {
        if (std::cmp_greater(value, INT64_MAX))
          whole(array, static_cast<double>(value), values.size());
        values.push_back(static_cast<std::int64_t>(value));
      }
    });
  });
  return values;
}

std::vector<std::string> npy_texts(const NpyArray& array) {
  const NpyType& type = array.header.type;
  if (!type.is_text())
    throw Error(ErrorKind::kInvalidData, array.name, "numbers in the place of text");
  std::vector<std::string> texts;
  texts.reserve(static_cast<std::size_t>(array.header.elements()));
  each_in_order(array, [&](std::int64_t at) {
    std::string text;
    const std::uint8_t* begin = array.bytes.data() + at;
    if (type.kind == 'S') {
      text.assign(reinterpret_cast<const char*>(begin), static_cast<std::size_t>(type.size));
    } else {
      for (int i = 0; i < type.size; i += 4)
        append_utf8(text, load<std::uint32_t>(begin + i, type.big));
    }
    text.resize(text.find_last_not_of('\0') + 1);
    texts.push_back(printable(text));
  });
  return texts;
}

std::vector<std::uint8_t> npy_bytes(const NpyArray& array, const NpyView& view) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(array.header.elements()));
  const bool truth = array.header.type.kind == 'b';
  each_offset(view, [&](std::int64_t at) {
    const std::uint8_t byte = array.bytes[static_cast<std::size_t>(at)];
    bytes.push_back(truth ? byte != 0 : byte);
  });
  return bytes;
}

std::vector<float> npy_floats(const NpyArray& array, const NpyView& view) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(array.header.elements()));
  with_type(array, [&]<class T>(T) {
    each_offset(view, [&](std::int64_t at) {
      values.push_back(as_float(load<T>(array.bytes.data() + at, array.header.type.big)));
    });
  });
  return values;
}

}  // namespace nasmyth
