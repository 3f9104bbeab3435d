#include "nasmyth/data/idx.h"

#include <algorithm>
#include <array>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/data/input_file.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::array<const char*, 4> kFiles = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                               "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

std::string text_of(const std::vector<std::int64_t>& dimensions) {
  std::string text;
  for (const std::int64_t d : dimensions) text += (text.empty() ? "" : "x") + std::to_string(d);
  return text;
}

// Two zero bytes, the element type, the number of dimensions, each dimension as 32 bits big-endian.
std::vector<std::int64_t> read_header(InputFile& file, std::size_t least, std::size_t most) {
  std::array<std::uint8_t, 4> magic{};
  file.read_exactly(magic, "the IDX header");
  if (magic[0] != 0 || magic[1] != 0)
    file.fail("it is no IDX file: the first bytes are " + std::to_string(magic[0]) + " and " +
                  std::to_string(magic[1]) + " instead of zeros",
              "give files in the IDX format of MNIST");
  if (magic[2] != kUnsignedByte)
    file.fail("the elements have the IDX type " + std::to_string(magic[2]) +
                  " instead of 8 (unsigned bytes)",
              "convert the file");
  if (magic[3] < least || magic[3] > most)
    file.fail("the data has " + std::to_string(magic[3]) + " dimensions instead of " +
                  std::to_string(least),
              "check that images and labels are not swapped");
  std::vector<std::int64_t> dimensions;
  for (int d = 0; d < magic[3]; ++d) {
    std::array<std::uint8_t, 4> b{};
    file.read_exactly(b, "the IDX header");
    dimensions.push_back(std::int64_t{b[0]} << 24 | b[1] << 16 | b[2] << 8 | b[3]);
  }
  return dimensions;
}

std::vector<std::uint8_t> read_elements(InputFile& file,
                                        const std::vector<std::int64_t>& dimensions) {
  std::int64_t size = 1;
  for (const std::int64_t d : dimensions) {
    if (d < 1 || d > kMostBytes / size)
      file.fail("the header promises " + text_of(dimensions) + " bytes");
    size *= d;
  }
  std::vector<std::uint8_t> bytes;
  file.append_exactly(bytes, static_cast<std::uint64_t>(size), text_of(dimensions) + " elements");
  file.expect_end();
  return bytes;
}

void read_images(const fs::path& path, Dataset& data) {
  InputFile file(path);
  std::vector<std::int64_t> d = read_header(file, 3, 4);
  data.pixels = read_elements(file, d);
  if (d.size() == 3) d.insert(d.begin() + 1, 1);
  data.count = d[0];
  data.channels = d[1];
  data.height = d[2];
  data.width = d[3];
}

void read_labels(const fs::path& path, Dataset& data) {
  InputFile file(path);
  const auto dimensions = read_header(file, 1, 1);
  const auto bytes = read_elements(file, dimensions);
  if (dimensions[0] != data.count)
    file.fail("there are " + std::to_string(dimensions[0]) + " labels for " +
                  std::to_string(data.count) + " images",
              "check that images and labels belong together");
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (!data.classes.empty() && bytes[i] >= data.classes.size())
      file.fail("label " + std::to_string(i) + " is " + std::to_string(bytes[i]) + "; there are " +
                    std::to_string(data.classes.size()) + " classes",
                "check that it is the data set that was named");
  data.labels.assign(bytes.begin(), bytes.end());
  if (!data.classes.empty()) return;
  const std::int64_t greatest = *std::max_element(data.labels.begin(), data.labels.end());
  for (std::int64_t c = 0; c <= greatest; ++c) data.classes.push_back(std::to_string(c));
}

}  // namespace

Dataset read_idx(const fs::path& images, const fs::path& labels, std::vector<std::string> classes) {
  Dataset data;
  data.classes = std::move(classes);
  read_images(images, data);
  read_labels(labels, data);
  return data;
}

bool has_idx_folder(const fs::path& folder) {
  return std::all_of(kFiles.begin(), kFiles.end(),
                     [&](const char* name) { return !plain_or_gzip(folder / name).empty(); });
}

DatasetPair read_idx_folder(const fs::path& folder, const std::string& name,
                            std::vector<std::string> classes, const std::string& missing) {
  std::array<fs::path, kFiles.size()> paths;
  for (std::size_t i = 0; i < kFiles.size(); ++i)
    paths[i] = existing_file(folder / kFiles[i], missing);
  DatasetPair pair;
  pair.train = read_idx(paths[0], paths[1], std::move(classes));
  pair.test = read_idx(paths[2], paths[3], pair.train.classes);
  finish_pair(pair, name, paths[2]);
  return pair;
}

}  // namespace nasmyth
