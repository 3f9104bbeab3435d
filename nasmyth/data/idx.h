#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// Reads images and labels in the IDX format of MNIST, plain or gzip: unsigned bytes, images
/// [count, height, width] or [count, channels, height, width], labels [count]. Without `classes`
/// the classes are "0", "1", ... up to the greatest label. Statistics are left empty. Throws kIo,
/// and kInvalidData naming the file and what was found.
Dataset read_idx(const std::filesystem::path& images, const std::filesystem::path& labels,
                 std::vector<std::string> classes = {});

/// The four files of MNIST in `folder`: train-images-idx3-ubyte, train-labels-idx1-ubyte,
/// t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each plain or with ".gz". The statistics of both
/// parts are those of the training part. `missing` is the remedy for a missing file.
DatasetPair read_idx_folder(const std::filesystem::path& folder, const std::string& name,
                            std::vector<std::string> classes, const std::string& missing);

/// Whether `folder` has the four files.
bool has_idx_folder(const std::filesystem::path& folder);

}  // namespace nasmyth
