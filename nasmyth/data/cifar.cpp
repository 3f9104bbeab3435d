#include "nasmyth/data/cifar.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/data/input_file.h"
#include "nasmyth/data/reading.h"
#include "nasmyth/data/tar.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kChannels = 3, kSide = 32;
constexpr std::size_t kPixels = kChannels * kSide * kSide;

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Error(ErrorKind::kInvalidData, where, what,
              "give files of the binary version, as they are published");
}

Dataset empty_dataset(const CifarFormat& format) {
  Dataset data;
  data.name = format.name;
  data.channels = kChannels;
  data.height = data.width = kSide;
  data.classes = format.classes;
  return data;
}

void append_records(const CifarFormat& format, const std::vector<std::uint8_t>& bytes,
                    const std::string& where, Dataset& data) {
  const std::size_t record = format.label_bytes + kPixels;
  if (bytes.empty() || bytes.size() % record != 0)
    fail(where, "no whole number of records of " + std::to_string(record) + " bytes; got " +
                    std::to_string(bytes.size()) + " bytes");
  if (data.pixels.size() + bytes.size() > kMostBytes) fail(where, "there are too many images");
  const std::size_t records = bytes.size() / record;
  data.pixels.reserve(data.pixels.size() + records * kPixels);
  for (std::size_t i = 0; i < records; ++i) {
    const auto pixels =
        bytes.begin() + static_cast<std::ptrdiff_t>(i * record + format.label_bytes);
    const std::uint8_t label = pixels[-1];
    if (label >= format.classes.size())
      fail(where, "record " + std::to_string(i) + " has the label " + std::to_string(label) +
                      "; there are " + std::to_string(format.classes.size()) + " classes");
    data.labels.push_back(label);
    data.pixels.insert(data.pixels.end(), pixels, pixels + kPixels);
  }
  data.count += static_cast<std::int64_t>(records);
}

std::vector<std::uint8_t> take_entry(std::vector<TarEntry>& entries, const std::string& name,
                                     const std::string& where) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const TarEntry& e) { return e.name == name; });
  if (found == entries.end()) fail(where, "the archive has no file '" + name + "'");
  return std::exchange(found->bytes, {});
}

DatasetPair read_archive(const CifarFormat& format, const fs::path& path) {
  InputFile file(path);
  const auto& trains = format.train_files;
  auto entries = read_tar(
      file,
      [&](std::string_view name) {
        return name == format.test_file ||
               std::find(trains.begin(), trains.end(), name) != trains.end();
      },
      static_cast<std::uint64_t>(kMostBytes));
  DatasetPair pair{empty_dataset(format), empty_dataset(format)};
  for (const std::string& name : trains)
    append_records(format, take_entry(entries, name, file.name()), file.name() + ":" + name,
                   pair.train);
  append_records(format, take_entry(entries, format.test_file, file.name()),
                 file.name() + ":" + format.test_file, pair.test);
  return pair;
}

struct Found {
  fs::path folder, archive;  // one of them, or neither
};

Found find(const CifarFormat& format, const fs::path& path) {
  std::error_code code;
  if (fs::is_regular_file(path, code)) return {{}, path};
  for (const fs::path& folder : {path, path / format.folder})
    if (!plain_or_gzip(folder / format.test_file).empty() ||
        !plain_or_gzip(folder / format.train_files.front()).empty())
      return {folder, {}};
  if (fs::is_regular_file(path / format.archive, code)) return {{}, path / format.archive};
  return {};
}

std::vector<std::string> cifar100_classes() {
  return {"apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
          "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
          "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
          "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
          "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
          "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
          "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
          "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
          "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
          "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
          "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
          "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
          "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
          "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
          "table",       "tank",          "telephone", "television", "tiger",        "tractor",
          "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
          "willow_tree", "wolf",          "woman",     "worm"};
}

}  // namespace

const CifarFormat& cifar10_format() {
  static const CifarFormat format{
      "cifar10",
      1,
      {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
       "data_batch_5.bin"},
      "test_batch.bin",
      "cifar-10-batches-bin",
      "cifar-10-binary.tar.gz",
      {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}};
  return format;
}

const CifarFormat& cifar100_format() {
  static const CifarFormat format{"cifar100",         2,
                                  {"train.bin"},      "test.bin",
                                  "cifar-100-binary", "cifar-100-binary.tar.gz",
                                  cifar100_classes()};
  return format;
}

Dataset read_cifar_files(const CifarFormat& format, const std::vector<fs::path>& files) {
  Dataset data = empty_dataset(format);
  for (const fs::path& path : files) {
    InputFile file(path);
    append_records(format, file.read_rest(static_cast<std::uint64_t>(kMostBytes)), file.name(),
                   data);
  }
  return data;
}

bool has_cifar(const CifarFormat& format, const fs::path& path) {
  const Found found = find(format, path);
  return !found.folder.empty() || !found.archive.empty();
}

DatasetPair read_cifar(const CifarFormat& format, const fs::path& path) {
  const Found found = find(format, path);
  const std::string remedy = "give the folder of the binary version (" + format.folder + ") or " +
                             format.archive + ": " + format.name + ":<path>";
  DatasetPair pair;
  if (!found.archive.empty()) {
    pair = read_archive(format, found.archive);
  } else {
    const fs::path& folder = found.folder.empty() ? path : found.folder;
    std::vector<fs::path> trains;
    for (const std::string& name : format.train_files)
      trains.push_back(existing_file(folder / name, remedy));
    const fs::path test = existing_file(folder / format.test_file, remedy);
    pair.train = read_cifar_files(format, trains);
    pair.test = read_cifar_files(format, {test});
  }
  finish_pair(pair, format.name, path);
  return pair;
}

}  // namespace nasmyth
