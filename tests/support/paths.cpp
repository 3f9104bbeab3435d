#include "tests/support/paths.h"

#include <cstdlib>

namespace nasmyth::test {

std::filesystem::path source_dir() { return NASMYTH_SOURCE_DIR; }

std::filesystem::path binary_dir() { return NASMYTH_BINARY_DIR; }

std::filesystem::path program() { return binary_dir() / "nasmyth"; }

std::optional<std::filesystem::path> shared_data(std::string_view name) {
  std::filesystem::path root = source_dir().parent_path() / "shared" / "data";
  if (const char* given = std::getenv("NASMYTH_SHARED_DATA")) root = given;
  const std::filesystem::path path = root / name;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return path;
}

}  // namespace nasmyth::test
