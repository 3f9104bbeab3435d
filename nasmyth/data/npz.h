#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "nasmyth/data/npy.h"

namespace nasmyth {

/// An archive of arrays as numpy.savez and numpy.savez_compressed write it. Not thread-safe.
class NpzFile {
 public:
  /// Throws kIo for a file that cannot be opened, kInvalidData for one that is no archive.
  explicit NpzFile(const std::filesystem::path& path);
  ~NpzFile();
  NpzFile(NpzFile&&) noexcept;
  NpzFile& operator=(NpzFile&&) noexcept;

  /// The names of its arrays, without ".npy", in the order of the file. Other entries are ignored.
  const std::vector<std::string>& names() const { return names_; }

  /// The header alone; throws as read_npy_header, and kInvalidData for a name that is not there.
  NpyHeader header(const std::string& name) const;
  /// One array; throws as read_npy.
  NpyArray read(const std::string& name) const;

 private:
  class Entry;
  struct Close {
    void operator()(void* archive) const;
  };
  std::string path_;
  std::unique_ptr<void, Close> archive_;
  std::vector<std::string> names_;
};

}  // namespace nasmyth
