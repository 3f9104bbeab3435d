#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

/// The whole file; throws kIo with path and reason.
std::string read_file(const std::filesystem::path& path);

/// Replaces `path` in one step (temporary file in the same directory, fsync, rename): a reader sees
/// the old or the new bytes, never a part. Throws kIo; the old file is then untouched.
void write_file_atomic(const std::filesystem::path& path, std::string_view bytes);

/// The same, and what `path` held before stays as `previous`. At every moment one of the two is
/// whole; after a crash `path` may be absent.
void write_file_keeping(const std::filesystem::path& path, const std::filesystem::path& previous,
                        std::string_view bytes);

/// Adds to the end of a file, which is made where it is absent. Throws kIo; a part may then have
/// been written.
void append_file(const std::filesystem::path& path, std::string_view bytes);

/// Cuts the file to its first `size` bytes; true where it was longer. Throws kIo.
bool truncate_file(const std::filesystem::path& path, std::uint64_t size);

/// Lower-case hexadecimal FNV-1a based 128-bit digest for names and comparisons (not security).
std::string content_hash(std::string_view bytes);

/// 64-bit FNV-1a.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ull);

}  // namespace nasmyth
