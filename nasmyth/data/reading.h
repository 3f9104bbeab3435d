#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "nasmyth/core/options.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// No data set in memory is larger than this, whatever a header promises: 2 GiB.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 31;

/// `path`, or the same with ".gz"; throws kIo with the remedy where neither exists.
std::filesystem::path existing_file(const std::filesystem::path& path, const std::string& remedy);

/// The settings of a spec's argument, "train=2000,noise=10"; errors name the `source`.
OptionMap parse_settings(std::string_view text, const std::string& source);

/// A path and the settings after it: "<path>,<key>=<value>,...". Commas may be part of the path.
std::pair<std::string, OptionMap> split_path(const std::string& argument,
                                             const std::string& source);

/// Names both parts, checks that they are of one shape (kInvalidData naming `test_file`) and gives
/// both the statistics of the training part.
void finish_pair(DatasetPair& pair, const std::string& name,
                 const std::filesystem::path& test_file);

}  // namespace nasmyth
