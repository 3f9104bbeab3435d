#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nasmyth {

/// Named bytes, read from front to back. Memory grows with what there is, never with what a header
/// promises. Not thread-safe.
class ByteSource {
 public:
  /// `name` stands for the source in errors: a path, or a path and the name of a part.
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Fills `target` from the front; fewer bytes at the end of the source only. Throws kInvalidData
  /// for damaged packed data and kIo for read errors.
  std::size_t read(std::span<std::uint8_t> target);

  /// Exactly `target`; throws kInvalidData, with `what` as the name of the missing part.
  void read_exactly(std::span<std::uint8_t> target, std::string_view what);

  /// Appends exactly `count` bytes to `target`, piece by piece.
  void append_exactly(std::vector<std::uint8_t>& target, std::uint64_t count,
                      std::string_view what);

  /// All that is left, at most `most` bytes: more is an error of kind kInvalidData.
  std::vector<std::uint8_t> read_rest(std::uint64_t most);

  /// Throws kInvalidData when more bytes follow. Checks the checksum of packed data.
  void expect_end();

  /// An error of kind kInvalidData about this source.
  [[noreturn]] void fail(std::string_view what, std::string_view remedy = {}) const;

  const std::string& name() const { return name_; }

 protected:
  /// At most `target`, some of it wherever bytes are left, 0 at the end.
  virtual std::size_t read_some(std::span<std::uint8_t> target) = 0;
  std::uint64_t position() const { return position_; }

 private:
  std::string name_;
  std::uint64_t position_ = 0;
};

}  // namespace nasmyth
