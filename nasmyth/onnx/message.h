#pragma once

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {

/// One protocol-buffer message that is read field by field. Every fault is kInvalidData with the
/// place: the names and numbers of the messages around it. It borrows the bytes and its parent.
class ProtoMessage {
 public:
  /// The outermost message; `where` names the file.
  ProtoMessage(std::string_view bytes, std::string_view where)
      : reader_(bytes.data(), bytes.size()), name_(where) {}
  /// The message in the current field of `parent`, called `name`, the `index`-th of its kind
  /// (-1: there is only one).
  ProtoMessage(ProtoMessage& parent, std::string_view name, std::int64_t index = -1)
      : parent_(&parent), name_(name), index_(index) {
    const auto bytes = parent.bytes();
    reader_ = protozero::pbf_reader(bytes.data(), bytes.size());
  }

  /// Goes to the next field; false at the end. Fields that nobody reads must be skipped.
  bool next() {
    return guarded([this] { return reader_.next(); });
  }
  std::uint32_t tag() const { return reader_.tag(); }
  void skip() {
    guarded([this] { reader_.skip(); });
  }

  std::int64_t integer() {
    expect(protozero::pbf_wire_type::varint);
    return guarded([this] { return reader_.get_int64(); });
  }
  float number() {
    expect(protozero::pbf_wire_type::fixed32);
    return guarded([this] { return reader_.get_float(); });
  }
  std::string_view bytes() {
    expect(protozero::pbf_wire_type::length_delimited);
    return guarded([this] {
      const auto view = reader_.get_view();
      return std::string_view(view.data(), view.size());
    });
  }
  std::string text() { return std::string(bytes()); }

  /// Appends a repeated field, which may be packed or not.
  void integers(std::vector<std::int64_t>& out) {
    if (!packed()) return out.push_back(integer());
    guarded([&] {
      for (auto value : reader_.get_packed_int64()) out.push_back(value);
    });
  }
  void numbers(std::vector<float>& out) {
    if (!packed()) return out.push_back(number());
    guarded([&] {
      for (auto value : reader_.get_packed_float()) out.push_back(value);
    });
  }
  void numbers(std::vector<double>& out) {
    if (!packed()) {
      expect(protozero::pbf_wire_type::fixed64);
      return guarded([&] { out.push_back(reader_.get_double()); });
    }
    guarded([&] {
      for (auto value : reader_.get_packed_double()) out.push_back(value);
    });
  }

  /// "model.onnx: graph: node 3: attribute 0".
  std::string place() const {
    std::string text = parent_ ? parent_->place() + ": " + std::string(name_) : std::string(name_);
    if (index_ >= 0) text += " " + std::to_string(index_);
    return text;
  }
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorKind::kInvalidData, place(), what, "use a complete ONNX file");
  }
  [[noreturn]] void unsupported(std::string_view what) const {
    throw Error(ErrorKind::kUnsupported, place(), what);
  }

 private:
  bool packed() const { return reader_.has_wire_type(protozero::pbf_wire_type::length_delimited); }

  void expect(protozero::pbf_wire_type type) const {
    if (!reader_.has_wire_type(type))
      fail("field " + std::to_string(reader_.tag()) +
           " has another wire type than the format says");
  }

  template <class F>
  std::invoke_result_t<F> guarded(F&& read) const {
    try {
      return read();
    } catch (const protozero::exception& e) {
      fail(std::string("damaged or truncated bytes (") + e.what() + ")");
    }
  }

  const ProtoMessage* parent_ = nullptr;
  protozero::pbf_reader reader_;
  std::string_view name_;
  std::int64_t index_ = -1;
};

}  // namespace nasmyth
