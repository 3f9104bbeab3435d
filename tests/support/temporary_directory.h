#pragma once

#include <filesystem>
#include <string_view>

namespace nasmyth::test {

/// A fresh directory that is removed with all it holds at the end of its scope.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(std::string_view prefix = "nasmyth-test");
  ~TemporaryDirectory();

  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// The path of an entry of this directory.
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace nasmyth::test
