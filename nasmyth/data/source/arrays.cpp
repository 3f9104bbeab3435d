// NumPy arrays of images or signals.
#include "nasmyth/core/error.h"
#include "nasmyth/data/array_data.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {
namespace {

DatasetPair load(const std::string& argument) {
  const auto [path, settings] = split_path(argument, "arrays");
  if (path.empty())
    throw Error(ErrorKind::kInvalidArgument, "data", "the source 'arrays' needs a path",
                "write arrays:<path>");
  return read_arrays(path, parse_options<ArrayDataOptions>(settings, "arrays"));
}

}  // namespace

DataSourceEntry arrays_source() {
  return {
      "NumPy arrays of images or signals: an .npz file, a folder of .npy files, or one file of "
      "samples and one of labels",
      "arrays:<path> or arrays:<path>,<key>=<value>,...", &option_infos<ArrayDataOptions>, &load,
      [](const std::string& argument) { return has_arrays(split_path(argument, "arrays").first); }};
}

}  // namespace nasmyth
