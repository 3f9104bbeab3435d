#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// One of the two CIFAR data sets in its binary version: records of label bytes, the last of which
/// counts, and 3x32x32 pixels.
struct CifarFormat {
  std::string name;         ///< "cifar10"
  std::size_t label_bytes;  ///< before the pixels of a record
  std::vector<std::string> train_files;
  std::string test_file;
  std::string folder;   ///< in the published archive
  std::string archive;  ///< published name
  std::vector<std::string> classes;
};

const CifarFormat& cifar10_format();
const CifarFormat& cifar100_format();

/// Reads files of records, plain or gzip, one after the other. Statistics are left empty. Throws
/// kIo, and kInvalidData naming the file and what was found.
Dataset read_cifar_files(const CifarFormat& format,
                         const std::vector<std::filesystem::path>& files);

/// Reads a whole data set from `path`: the folder with its files (each plain or with ".gz"), a
/// folder that holds that folder or the published archive, or the archive itself.
DatasetPair read_cifar(const CifarFormat& format, const std::filesystem::path& path);

/// Whether read_cifar would find its files.
bool has_cifar(const CifarFormat& format, const std::filesystem::path& path);

}  // namespace nasmyth
