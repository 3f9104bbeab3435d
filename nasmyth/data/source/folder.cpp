// Pictures by class in folders.
#include "nasmyth/core/error.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/data/picture_folder.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {
namespace {

// "<path>,<key>=<value>,...": commas may be part of the path.
std::pair<std::string, OptionMap> split(const std::string& argument) {
  std::size_t end = argument.size();
  while (true) {
    const std::size_t comma = argument.rfind(',', end == 0 ? 0 : end - 1);
    if (comma == std::string::npos || argument.find('=', comma) >= end) break;
    end = comma;
  }
  if (end == argument.size()) return {argument, {}};
  return {argument.substr(0, end), parse_settings(argument.substr(end + 1), "folder")};
}

DatasetPair load(const std::string& argument) {
  const auto [path, settings] = split(argument);
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
            return std::filesystem::is_directory(split(argument).first, ignored);
          }};
}

}  // namespace nasmyth
