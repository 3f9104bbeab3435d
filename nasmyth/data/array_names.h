#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/data/npy.h"

namespace nasmyth {

/// What an array of a data set is for.
enum class ArrayRole {
  kSamples,
  kLabels,
  kTrainSamples,
  kTrainLabels,
  kTestSamples,
  kTestLabels,
  kValidationSamples,
  kValidationLabels,
  kClasses
};

/// The role of an array of that name, in any case: "x", "images" and others, alone or with "train",
/// "test", "val" before or after ("x_train", "train_images"). Empty for other names.
std::optional<ArrayRole> array_role(std::string_view name);

/// The arrays of an .npz archive, or of the .npy files of a folder.
class ArrayCollection {
 public:
  /// Throws kIo where there is neither, and kInvalidData where no name is that of an array of a
  /// data set or two are for the same.
  explicit ArrayCollection(const std::filesystem::path& path);

  bool has(ArrayRole role) const { return names_.contains(role); }
  /// The name under which it was found.
  const std::string& name(ArrayRole role) const { return names_.at(role); }
  NpyArray read(ArrayRole role) const;
  /// Names that have no role.
  const std::vector<std::string>& others() const { return others_; }
  /// Path, for messages.
  const std::string& where() const { return where_; }

 private:
  void assign(const std::vector<std::string>& names);

  std::filesystem::path path_;
  std::string where_;
  bool folder_ = false;
  std::map<ArrayRole, std::string> names_;
  std::vector<std::string> others_;
};

/// One .npy file, plain or gzip.
NpyArray read_npy_file(const std::filesystem::path& path);

}  // namespace nasmyth
