#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

/// The bytes of a file from front to back, unpacked where it is gzip. Memory grows with what the
/// file holds, never with what its header promises. Not thread-safe.
class InputFile {
 public:
  /// Throws kIo with the path.
  explicit InputFile(const std::filesystem::path& path);

  /// Fills `target` from the front; fewer bytes at the end of the file only. Throws kInvalidData
  /// for damaged gzip data and kIo for read errors.
  std::size_t read(std::span<std::uint8_t> target);

  /// Exactly `target`; throws kInvalidData, with `what` as the name of the missing part.
  void read_exactly(std::span<std::uint8_t> target, std::string_view what);

  /// Appends exactly `count` bytes to `target`, piece by piece.
  void append_exactly(std::vector<std::uint8_t>& target, std::uint64_t count,
                      std::string_view what);

  /// All that is left, at most `most` bytes: more is an error of kind kInvalidData.
  std::vector<std::uint8_t> read_rest(std::uint64_t most);

  /// Throws kInvalidData when more bytes follow. Checks the checksum of gzip data.
  void expect_end();

  /// An error of kind kInvalidData about this file.
  [[noreturn]] void fail(std::string_view what, std::string_view remedy = {}) const;

  const std::string& name() const { return name_; }

 private:
  struct Close {
    void operator()(void* file) const;
  };
  std::string name_;
  std::unique_ptr<void, Close> file_;
  std::uint64_t position_ = 0;
};

/// The path itself, or the one with ".gz" at its end, whichever exists; empty where neither does.
std::filesystem::path plain_or_gzip(const std::filesystem::path& path);

}  // namespace nasmyth
