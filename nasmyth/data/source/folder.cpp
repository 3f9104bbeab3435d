// Pictures by class in folders.
#include "nasmyth/core/error.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/data/picture_folder.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {
namespace {

DatasetPair load(const std::string& argument) {
  const auto [path, settings] = split_path(argument, "folder");
  if (path.empty())
    throw Error(ErrorKind::kInvalidArgument, "data", "the source 'folder' needs a path",
                "write folder:<path>");
  return read_picture_folder(path, parse_options<PictureFolderOptions>(settings, "folder"));
}

}  // namespace

DataSourceEntry folder_source() {
  return {"PNG and JPEG files, one folder a class, of any sizes and colours",
          "folder:<path> or folder:<path>,<key>=<value>,...", &option_infos<PictureFolderOptions>,
          &load, [](const std::string& argument) {
            std::error_code ignored;
            return std::filesystem::is_directory(split_path(argument, "folder").first, ignored);
          }};
}

}  // namespace nasmyth
