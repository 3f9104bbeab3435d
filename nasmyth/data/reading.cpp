#include "nasmyth/data/reading.h"

#include "nasmyth/core/error.h"
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

void finish_pair(DatasetPair& pair, const std::string& name,
                 const std::filesystem::path& test_file) {
  const Dataset &train = pair.train, &test = pair.test;
  if (train.channels != test.channels || train.height != test.height || train.width != test.width)
    throw Error(
        ErrorKind::kInvalidData, test_file.string(),
        "the test images are " + shape_text(test) + ", the training images " + shape_text(train));
  pair.train.name = pair.test.name = name;
  compute_statistics(pair.train);
  pair.test.mean = train.mean;
  pair.test.deviation = train.deviation;
  check(pair.train);
  check(pair.test);
}

}  // namespace nasmyth
