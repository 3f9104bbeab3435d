#include "nasmyth/data/picture_folder.h"

#include <algorithm>
#include <map>
#include <optional>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/picture.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSample = 300;  // pictures that decide about size and colours
constexpr int kGreatestSide = 96;     // of a size that nobody asked for

struct File {
  fs::path path;
  std::string label;
  bool test = false;
};

// Pictures of one folder of classes, in an order that does not depend on the machine.
void list_classes(const fs::path& folder, bool test, std::vector<File>& files,
                  std::vector<std::string>& classes) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory() || entry.path().filename().string().starts_with(".")) continue;
    classes.push_back(entry.path().filename().string());
    for (const auto& file : fs::recursive_directory_iterator(entry.path()))
      if (file.is_regular_file() && is_picture_name(file.path()))
        files.push_back({file.path(), classes.back(), test});
  }
}

std::optional<fs::path> first_folder(const fs::path& parent,
                                     std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (fs::is_directory(parent / name)) return parent / name;
  return std::nullopt;
}

// The same pictures of each class in every run.
void split_off_test(std::vector<File>& files, double part) {
  std::map<std::string, std::vector<File*>> by_class;
  for (auto& file : files) by_class[file.label].push_back(&file);
  for (auto& [label, members] : by_class) {
    RandomStream random = RandomStream(0).fork("test").fork(label);
    for (std::size_t i = members.size(); i > 1; --i)
      std::swap(members[i - 1], members[random.below(i)]);
    const auto count = static_cast<std::size_t>(part * static_cast<double>(members.size()) + 0.5);
    for (std::size_t i = 0; i < std::min(count, members.size() - 1); ++i) members[i]->test = true;
  }
}

std::string size_text(int height, int width) {
  return std::to_string(width) + "x" + std::to_string(height);
}

class FolderReader {
 public:
  FolderReader(const fs::path& folder, const PictureFolderOptions& options)
      : folder_(folder), options_(options) {}

  DatasetPair read() {
    list();
    decide();
    for (const auto& file : files_) add(file);
    leave_out_empty_classes();
    describe_pictures();
    std::string name = folder_.filename().string();
    if (name.empty()) name = folder_.parent_path().filename().string();
    finish_pair(pair_, name.empty() ? "folder" : name, folder_);
    return std::move(pair_);
  }

 private:
  void list() {
    std::error_code error;
    if (!fs::is_directory(folder_, error))
      throw Error(ErrorKind::kIo, folder_.string(), "there is no such folder",
                  "give the folder that holds one folder a class");
    try {
      const auto train = first_folder(folder_, {"train", "training"});
      const auto test = first_folder(folder_, {"test", "val", "validation"});
      list_classes(train && test ? *train : folder_, false, files_, classes_);
      if (train && test) list_classes(*test, true, files_, classes_);
      separate_ = train && test;
    } catch (const fs::filesystem_error& e) {
      throw Error(ErrorKind::kIo, e.path1().string(), "it cannot be read: " + e.code().message(),
                  "check the permissions");
    }
    std::sort(files_.begin(), files_.end(), [](const File& a, const File& b) {
      return std::tie(a.test, a.path) < std::tie(b.test, b.path);
    });
    std::sort(classes_.begin(), classes_.end());
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    if (files_.empty())
      throw Error(
          ErrorKind::kInvalidData, folder_.string(), "it has no PNG or JPEG files",
          "put the pictures of each class into a folder of its own: <folder>/<class>/*.png");
    if (!separate_) split_off_test(files_, options_.test);
  }

  // Size and colours, by a sample of the pictures.
  void decide() {
    std::map<std::pair<int, int>, int> sizes;
    std::vector<int> sides;
    int coloured = 0, seen = 0;
    const std::size_t step = std::max<std::size_t>(1, files_.size() / kSample);
    for (std::size_t i = 0; i < files_.size(); i += step) {
      const auto picture = decode(files_[i], false);
      if (!picture) continue;
      ++seen;
      ++sizes[{picture->height, picture->width}];
      sides.push_back(std::min(picture->height, picture->width));
      coloured += picture->channels == 3;
    }
    channels_ = options_.colours == "auto"   ? (2 * coloured >= std::max(seen, 1) ? 3 : 1)
                : options_.colours == "grey" ? 1
                                             : 3;
    height_ = options_.height > 0 ? options_.height : options_.width;
    width_ = options_.width > 0 ? options_.width : options_.height;
    if (height_ > 0 || sides.empty()) return;
    const auto most =
        std::max_element(sizes.begin(), sizes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    std::sort(sides.begin(), sides.end());
    height_ = width_ = std::min(sides[sides.size() / 2], kGreatestSide);
    if (2 * most->second >= seen &&
        std::max(most->first.first, most->first.second) <= kGreatestSide)
      std::tie(height_, width_) = most->first;
  }

  std::optional<Picture> decode(const File& file, bool counts) {
    try {
      return read_picture(file.path);
    } catch (const Error& e) {
      if (counts) pair_.faults.push_back(std::string(e.what()));
      return std::nullopt;
    }
  }

  void add(const File& file) {
    const auto picture = decode(file, true);
    if (!picture) return;
    ++(picture->channels == 1 ? grey_ : coloured_);
    const bool same = picture->height == height_ && picture->width == width_;
    resized_ += !same;
    const Picture fitted = with_channels(
        resized(*picture, height_, width_, parse_resize(options_.resize, "folder.resize")),
        channels_);
    const std::vector<std::uint8_t> planes = as_planes(fitted);
    Dataset& part = file.test ? pair_.test : pair_.train;
    if (static_cast<std::int64_t>(part.pixels.size() + planes.size()) > kMostBytes)
      throw Error(ErrorKind::kOutOfRange, folder_.string(),
                  "its pictures take more than 2 GiB at " + size_text(height_, width_),
                  "choose a smaller size: folder:<path>,height=32");
    part.pixels.insert(part.pixels.end(), planes.begin(), planes.end());
    const auto found = std::lower_bound(classes_.begin(), classes_.end(), file.label);
    part.labels.push_back(found - classes_.begin());
    ++part.count;
  }

  // Classes without a training picture; their test pictures go, too.
  void leave_out_empty_classes() {
    std::vector<int> trained(classes_.size(), 0), number(classes_.size(), -1);
    for (std::int64_t label : pair_.train.labels) trained[static_cast<std::size_t>(label)] = 1;
    std::vector<std::string> kept;
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      if (trained[c]) {
        number[c] = static_cast<int>(kept.size());
        kept.push_back(classes_[c]);
      } else {
        pair_.faults.push_back("class '" + classes_[c] + "' has no training picture");
      }
    }
    if (kept.size() < 2)
      throw Error(ErrorKind::kInvalidData, folder_.string(),
                  std::to_string(kept.size()) + " class(es) have pictures; two are needed" +
                      (pair_.faults.empty() ? "" : ": " + pair_.faults.front()),
                  "put the pictures of each class into a folder of its own");
    for (Dataset* part : {&pair_.train, &pair_.test}) {
      part->channels = channels_;
      part->height = height_;
      part->width = width_;
      part->classes = kept;
      renumber(*part, number);
    }
    if (pair_.test.count == 0)
      throw Error(ErrorKind::kInvalidData, folder_.string(), "no picture is left to test with",
                  "add pictures, or raise the part: folder:<path>,test=0.3");
  }

  static void renumber(Dataset& part, const std::vector<int>& number) {
    const auto size = static_cast<std::ptrdiff_t>(part.image_size());
    std::int64_t kept = 0;
    for (std::int64_t i = 0; i < part.count; ++i) {
      const int label = number[static_cast<std::size_t>(part.labels[static_cast<std::size_t>(i)])];
      if (label < 0) continue;
      if (kept != i)
        std::copy_n(part.pixels.begin() + i * size, size, part.pixels.begin() + kept * size);
      part.labels[static_cast<std::size_t>(kept++)] = label;
    }
    part.count = kept;
    part.labels.resize(static_cast<std::size_t>(kept));
    part.pixels.resize(static_cast<std::size_t>(kept * size));
  }

  void describe_pictures() {
    auto& remarks = pair_.remarks;
    if (resized_ > 0)
      remarks.push_back(std::to_string(resized_) + " pictures of other sizes are brought to " +
                        size_text(height_, width_) + " (" + options_.resize + ")");
    if (channels_ == 3 && grey_ > 0)
      remarks.push_back(std::to_string(grey_) + " grey pictures are taken as coloured ones");
    if (channels_ == 1 && coloured_ > 0)
      remarks.push_back(std::to_string(coloured_) + " coloured pictures are taken as grey ones");
    if (!separate_)
      remarks.push_back("there is no folder for testing: " + print_number(options_.test) +
                        " of each class, always the same pictures, are held out for it");
  }

  fs::path folder_;
  PictureFolderOptions options_;
  std::vector<File> files_;
  std::vector<std::string> classes_;  // sorted
  bool separate_ = false;
  int channels_ = 3, height_ = 0, width_ = 0;
  std::int64_t grey_ = 0, coloured_ = 0, resized_ = 0;
  DatasetPair pair_;
};

}  // namespace

void describe(OptionFields<PictureFolderOptions>& f) {
  using O = PictureFolderOptions;
  f.add("height", &O::height,
        {"of all pictures; 0: the width, or else the most frequent size", "pixels", 0, 4096})
      .add("width", &O::width, {"of all pictures; 0: the height", "pixels", 0, 4096})
      .add("colours", &O::colours,
           {"auto: what most pictures have", "", {}, {}, {"auto", "grey", "rgb"}})
      .add("resize", &O::resize,
           {"crop: scaled to cover the size, then the centre; pad: scaled to fit, black around it; "
            "stretch: each axis on its own",
            "",
            {},
            {},
            {"crop", "pad", "stretch"}})
      .add("test", &O::test,
           {"part of each class that tests, where the folder has no test folder", "", 0.01, 0.9});
}

DatasetPair read_picture_folder(const fs::path& folder, const PictureFolderOptions& options) {
  return FolderReader(folder, options).read();
}

}  // namespace nasmyth
