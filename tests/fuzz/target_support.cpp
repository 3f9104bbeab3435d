#include "tests/fuzz/target_support.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "nasmyth/core/error.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {

std::string_view as_text(std::span<const std::byte> input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

bool accepts(const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const Error& e) {
    require(e.kind() != ErrorKind::kInternal, e.what());
    return false;
  }
}

void require(bool kept, std::string_view what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::size_t take_choice(std::span<const std::byte>& input, std::size_t count) {
  if (input.empty()) return 0;
  const auto choice = static_cast<std::size_t>(input.front()) % count;
  input = input.subspan(1);
  return choice;
}

std::span<const std::byte> take_part(std::span<const std::byte>& input) {
  if (input.size() < 2) return {};
  const std::size_t size =
      std::min(static_cast<std::size_t>(input[0]) | static_cast<std::size_t>(input[1]) << 8,
               input.size() - 2);
  const auto part = input.subspan(2, size);
  input = input.subspan(2 + size);
  return part;
}

std::string as_part(std::string_view bytes) {
  std::string part{static_cast<char>(bytes.size() & 255), static_cast<char>(bytes.size() >> 8)};
  return part += bytes;
}

std::filesystem::path scratch_folder() {
  static const TemporaryDirectory folder("nasmyth-fuzz");
  return folder.path();
}

std::filesystem::path scratch_file(std::string_view name, std::span<const std::byte> bytes) {
  const std::filesystem::path path = scratch_folder() / name;
  std::FILE* file = std::fopen(path.c_str(), "wb");
  require(file != nullptr, "the scratch file cannot be written");
  if (!bytes.empty())
    require(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size(), "write failed");
  std::fclose(file);
  return path;
}

}  // namespace nasmyth::test
