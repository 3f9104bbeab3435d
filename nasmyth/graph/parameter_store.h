#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

enum class ElementType { kFloat32, kFloat64 };
std::size_t element_size(ElementType type);

/// One stored parameter or buffer.
struct StoredParameter {
  std::string key;
  std::vector<std::int64_t> shape;  ///< greatest over all nodes that share the key
  std::int64_t offset = 0;          ///< in elements, into the flat buffer
  std::int64_t size = 0;            ///< elements
  bool trainable = true;
  bool decay = true;
  Initializer initializer = Initializer::kZero;
  bool training_only = false;  ///< reached only through training-only outputs
};

/// Owns all parameters and buffers of a graph in one flat, 64-byte aligned buffer; trainable ones
/// first, each entry beginning at a multiple of 16 elements. Executors borrow it.
class ParameterStore {
 public:
  ParameterStore() = default;
  /// Lays out the parameters of an expanded (open or closed) graph, zero-filled.
  ParameterStore(const ExpandedGraph& graph, const OperationSet& operations, ElementType type);

  ElementType type() const { return type_; }
  const std::vector<StoredParameter>& entries() const { return entries_; }
  /// Index by key, or -1.
  int find(std::string_view key) const;
  /// Elements of the flat buffer; the first `trainable_size()` of them are trainable.
  std::int64_t size() const { return size_; }
  std::int64_t trainable_size() const { return trainable_size_; }

  std::span<std::byte> bytes() { return {data_.get(), byte_size()}; }
  std::span<const std::byte> bytes() const { return {data_.get(), byte_size()}; }
  template <class T>
  std::span<T> values() {
    return {reinterpret_cast<T*>(data_.get()), static_cast<std::size_t>(size_)};
  }
  template <class T>
  std::span<const T> values() const {
    return {reinterpret_cast<const T*>(data_.get()), static_cast<std::size_t>(size_)};
  }
  /// The elements of one entry.
  template <class T>
  std::span<T> entry(int index) {
    const auto& e = entries_[static_cast<std::size_t>(index)];
    return values<T>().subspan(static_cast<std::size_t>(e.offset),
                               static_cast<std::size_t>(e.size));
  }
  template <class T>
  std::span<const T> entry(int index) const {
    const auto& e = entries_[static_cast<std::size_t>(index)];
    return values<T>().subspan(static_cast<std::size_t>(e.offset),
                               static_cast<std::size_t>(e.size));
  }

  /// Fills every entry by its initializer from streams forked by key: adding a parameter does not
  /// change the others.
  void initialize(const RandomStream& random);

  /// The parameters of a closed graph taken out of this store: each slice (prefix, centre) of the
  /// entry with the same key; entries without a counterpart keep their initial zeros and are
  /// returned by name in `missing`.
  ParameterStore materialise(const ExpandedGraph& closed, const OperationSet& operations,
                             std::vector<std::string>* missing = nullptr) const;

  /// Bytes with a header (magic, version, type, entries) and a checksum; and back. Throws
  /// kInvalidData for damaged or foreign bytes.
  std::string serialize() const;
  static ParameterStore deserialize(std::string_view bytes, std::string_view where);
  /// Copies all values from a store with the same entries; throws kShape naming the first that
  /// differs.
  void assign(const ParameterStore& other);

 private:
  std::size_t byte_size() const { return static_cast<std::size_t>(size_) * element_size(type_); }
  void allocate();

  struct Free {
    void operator()(std::byte* p) const;
  };
  ElementType type_ = ElementType::kFloat32;
  std::vector<StoredParameter> entries_;
  std::int64_t size_ = 0;
  std::int64_t trainable_size_ = 0;
  std::unique_ptr<std::byte[], Free> data_;
};

}  // namespace nasmyth
