// Data sets in the IDX format of MNIST: Fashion-MNIST (arXiv 1708.07747) as the distribution
// installs it, and any folder with the same four files.
#include "nasmyth/data/idx.h"

#include "nasmyth/core/error.h"
#include "nasmyth/data/data_source.h"

namespace nasmyth {
namespace {

constexpr const char* kInstalled = "/usr/share/datasets/fashion-mnist";

std::string fashion_folder(const std::string& argument) {
  return argument.empty() ? kInstalled : argument;
}

DatasetPair load_fashion(const std::string& argument) {
  return read_idx_folder(fashion_folder(argument), "fashion-mnist",
                         {"t_shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt",
                          "sneaker", "bag", "ankle_boot"},
                         "install the Debian package dataset-fashion-mnist, or give the folder "
                         "with the four files: fashion-mnist:<folder>");
}

DatasetPair load_idx(const std::string& argument) {
  if (argument.empty())
    throw Error(ErrorKind::kInvalidArgument, "data", "the source 'idx' needs a folder",
                "write idx:<folder>");
  return read_idx_folder(argument, "idx", {},
                         "give the folder with the four files of MNIST: idx:<folder>");
}

std::vector<OptionInfo> no_options() { return {}; }

}  // namespace

DataSourceEntry fashion_mnist_source() {
  return {"articles of clothing, 10 classes of 28x28 grey images, 60,000 and 10,000",
          "fashion-mnist or fashion-mnist:<folder>", &no_options, &load_fashion,
          [](const std::string& argument) { return has_idx_folder(fashion_folder(argument)); }};
}

DataSourceEntry idx_source() {
  return {"a folder with the four IDX files of MNIST, plain or gzip", "idx:<folder>", &no_options,
          &load_idx, [](const std::string& argument) {
            return !argument.empty() && has_idx_folder(argument);
          }};
}

}  // namespace nasmyth
