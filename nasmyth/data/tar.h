#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/data/input_file.h"

namespace nasmyth {

/// The regular files of a tar archive, plain or gzip, whose name without folders `wanted` accepts,
/// in the order of the archive; of more than `most` bytes together: an error. Throws kInvalidData
/// for what is no archive and for damaged or truncated ones.
struct TarEntry {
  std::string name;  ///< without folders
  std::vector<std::uint8_t> bytes;
};
std::vector<TarEntry> read_tar(InputFile& file, const std::function<bool(std::string_view)>& wanted,
                               std::uint64_t most);

}  // namespace nasmyth
