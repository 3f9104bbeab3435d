#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string_view>

namespace nasmyth::test {

/// Root of the source tree.
std::filesystem::path source_dir();

/// Root of the build folder: the program, the libraries and the tests.
std::filesystem::path binary_dir();

/// The program `nasmyth` of this build.
std::filesystem::path program();

/// A data file or folder shared between checkouts, `../shared/data/<name>` beside the source tree
/// or below NASMYTH_SHARED_DATA; absent where a checkout has none.
std::optional<std::filesystem::path> shared_data(std::string_view name);

}  // namespace nasmyth::test

/// Declares `variable` as the path of the shared data `name`, or skips the test where it is absent.
#define NASMYTH_SHARED_DATA_OR_SKIP(variable, name)                                       \
  const auto variable##_found = ::nasmyth::test::shared_data(name);                       \
  if (!variable##_found) GTEST_SKIP() << "shared data '" << (name) << "' is not present"; \
  const std::filesystem::path& variable = *variable##_found
