#pragma once

#include <filesystem>
#include <string>

#include "nasmyth/core/options.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// How the pictures of a folder become a data set.
struct PictureFolderOptions {
  int height = 0;
  int width = 0;
  std::string colours = "auto";
  std::string resize = "crop";
  double test = 0.2;
};
void describe(OptionFields<PictureFolderOptions>& fields);

/// PNG and JPEG files by class: `<folder>/<class>/...`, or the same below `<folder>/train` and
/// `<folder>/test`. Without a test folder each class gives a part of its pictures, the same ones in
/// every run. Sizes and colours may be mixed. Files that cannot be read and classes without a
/// training picture are left out and named in the `faults` of the pair; what was done to the others
/// is said in its `remarks`. Files with other endings are ignored. Throws kIo where there is no
/// folder, kInvalidData where it has fewer than two classes with pictures.
DatasetPair read_picture_folder(const std::filesystem::path& folder,
                                const PictureFolderOptions& options);

}  // namespace nasmyth
