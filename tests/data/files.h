#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nasmyth/core/error.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth::test {

/// Bytes packed by gzip.
std::string gzip(std::string_view bytes);

void write_bytes(const std::filesystem::path& path, std::string_view bytes);

/// Unsigned bytes in IDX form.
std::string idx(const std::vector<std::uint32_t>& dimensions, std::string_view elements);

/// An array in NumPy's format, version 1.0: `descr` as in "<f4", `shape` as in "3, 4".
std::string npy(std::string_view descr, std::string_view shape, std::string_view elements,
                bool fortran = false);

/// The bytes of numbers as they lie in memory.
template <class T>
std::string bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

/// A ustar archive of regular files.
std::string tar(const std::vector<std::pair<std::string, std::string>>& files);

/// `count` bytes that follow no pattern, the same for the same seed.
std::string noise_bytes(std::size_t count, std::uint64_t seed);

/// Images of random bytes with labels 0, 1, 2, 0, ...; statistics computed.
Dataset random_data(std::int64_t count, std::int64_t channels, std::int64_t height,
                    std::int64_t width, std::int64_t classes = 3, std::uint64_t seed = 1);

/// Expects an Error of `kind` whose text has `part`.
void expect_error(ErrorKind kind, std::string_view part, const std::function<void()>& action);

}  // namespace nasmyth::test
