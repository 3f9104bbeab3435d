#pragma once

#include <filesystem>
#include <memory>

#include "nasmyth/data/byte_source.h"

namespace nasmyth {

/// The bytes of a file, unpacked where it is gzip.
class InputFile : public ByteSource {
 public:
  /// Throws kIo with the path.
  explicit InputFile(const std::filesystem::path& path);

 protected:
  std::size_t read_some(std::span<std::uint8_t> target) override;

 private:
  struct Close {
    void operator()(void* file) const;
  };
  std::unique_ptr<void, Close> file_;
};

/// The path itself, or the one with ".gz" at its end, whichever exists; empty where neither does.
std::filesystem::path plain_or_gzip(const std::filesystem::path& path);

}  // namespace nasmyth
