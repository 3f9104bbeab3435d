#include "nasmyth/data/reading.h"

#include <algorithm>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"
#include "nasmyth/data/input_file.h"

namespace nasmyth {
namespace {

std::string shape_text(const Dataset& d) {
  return std::to_string(d.channels) + "x" + std::to_string(d.height) + "x" +
         std::to_string(d.width);
}

}  // namespace

std::filesystem::path existing_file(const std::filesystem::path& path, const std::string& remedy) {
  const std::filesystem::path found = plain_or_gzip(path);
  if (found.empty())
    throw Error(ErrorKind::kIo, path.string(), "there is no such file, nor one with '.gz'", remedy);
  return found;
}

OptionMap parse_settings(std::string_view text, const std::string& source) {
  OptionMap settings;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view setting = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos)
      throw Error(ErrorKind::kInvalidArgument, source, "no setting: '" + std::string(setting) + "'",
                  "write <key>=<value>,<key>=<value>");
    settings[std::string(trim(setting.substr(0, equals)))] = trim(setting.substr(equals + 1));
  }
  return settings;
}

std::pair<std::string, OptionMap> split_path(const std::string& argument,
                                             const std::string& source) {
  std::size_t end = argument.size();
  while (true) {
    const std::size_t comma = argument.rfind(',', end == 0 ? 0 : end - 1);
    if (comma == std::string::npos || argument.find('=', comma) >= end) break;
    end = comma;
  }
  if (end == argument.size()) return {argument, {}};
  return {argument.substr(0, end), parse_settings(argument.substr(end + 1), source)};
}

void finish_pair(DatasetPair& pair, const std::string& name,
                 const std::filesystem::path& test_file) {
  const Dataset &train = pair.train, &test = pair.test;
  if (train.channels != test.channels || train.height != test.height || train.width != test.width)
    throw Error(
        ErrorKind::kInvalidData, test_file.string(),
        "the test images are " + shape_text(test) + ", the training images " + shape_text(train),
        "check that the files belong together");
  pair.train.name = pair.test.name = name;
  compute_statistics(pair.train);
  pair.test.mean = train.mean;
  pair.test.deviation = train.deviation;
  check(pair.train);
  check(pair.test);
}

}  // namespace nasmyth
