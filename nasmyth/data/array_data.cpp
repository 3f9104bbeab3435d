#include "nasmyth/data/array_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/core/text.h"
#include "nasmyth/data/array_labels.h"
#include "nasmyth/data/array_names.h"
#include "nasmyth/data/npz.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

std::string shape_of(const ArraySamples& s) { return shape_text({s.channels, s.height, s.width}); }

// The arrays of one part, and where they came from.
struct Part {
  ArraySamples samples;
  ArrayLabels labels;
  std::string where;
};

class ArrayReader {
 public:
  ArrayReader(const fs::path& path, const ArrayDataOptions& options)
      : path_(path), options_(options) {}

  DatasetPair read() {
    std::error_code code;
    if (!fs::exists(path_, code))
      throw Error(ErrorKind::kIo, path_.string(), "there is no such file or folder",
                  "give an .npz file, a folder of .npy files, or an .npy file with labels=FILE");
    if (!fs::is_directory(path_, code) && path_.extension() != ".npz")
      read_pair();
    else
      read_collection();
    leave_out_broken(train_);
    leave_out_broken(test_);
    const ArrayClasses classes = classes_of(train_.labels, test_.labels, given_);
    pair_.remarks.insert(pair_.remarks.end(), classes.remarks.begin(), classes.remarks.end());
    pair_.faults.insert(pair_.faults.end(), classes.faults.begin(), classes.faults.end());
    fill(pair_.train, train_.samples, classes.train, classes.names);
    fill(pair_.test, test_.samples, classes.test, classes.names);
    if (!separate_) split_off_test();
    if (pair_.test.count == 0)
      throw Error(ErrorKind::kInvalidData, path_.string(), "no sample is left to test with",
                  "add samples, or raise the part: arrays:<path>,test=0.3");
    const std::string name =
        path_.has_stem() ? path_.stem().string() : path_.parent_path().filename().string();
    finish_pair(pair_, name.empty() || name == "." ? "arrays" : name, path_);
    remark_statistics();
    return std::move(pair_);
  }

 private:
  // One file of samples and one of labels.
  void read_pair() {
    const std::string name = path_.filename().string();
    if (!name.ends_with(".npy") && !name.ends_with(".npy.gz"))
      throw Error(ErrorKind::kInvalidArgument, path_.string(),
                  "its name ends neither in .npz nor in .npy",
                  "write the arrays with numpy.savez or numpy.save");
    if (options_.labels.empty())
      throw Error(ErrorKind::kInvalidArgument, "data", "labels are missing for " + name,
                  "write arrays:" + path_.string() + ",labels=<file of labels.npy>");
    NpyArray samples = read_npy_file(path_);
    read_part(std::move(samples), read_npy_file(options_.labels), train_);
  }

  void read_collection() {
    if (!options_.labels.empty())
      throw Error(ErrorKind::kInvalidArgument, "arrays.labels",
                  "a file of labels beside an archive or a folder",
                  "leave it out, or give one .npy file of samples");
    const ArrayCollection arrays(path_);
    const bool named = arrays.has(ArrayRole::kTrainSamples);
    read_roles(arrays, named ? ArrayRole::kTrainSamples : ArrayRole::kSamples,
               named ? ArrayRole::kTrainLabels : ArrayRole::kLabels, train_);
    const bool test = arrays.has(ArrayRole::kTestSamples);
    separate_ = test || arrays.has(ArrayRole::kValidationSamples);
    if (separate_)
      read_roles(arrays, test ? ArrayRole::kTestSamples : ArrayRole::kValidationSamples,
                 test ? ArrayRole::kTestLabels : ArrayRole::kValidationLabels, test_);
    if (separate_ && !test) pair_.remarks.push_back("the validation arrays are those that test");
    read_classes(arrays);
    std::vector<std::string> unused = arrays.others();
    if (test)
      for (const auto role : {ArrayRole::kValidationSamples, ArrayRole::kValidationLabels})
        if (arrays.has(role)) unused.push_back(arrays.name(role));
    if (!unused.empty())
      pair_.remarks.push_back("not used: the array(s) " + join(unused, ", ").substr(0, 200));
  }

  void read_roles(const ArrayCollection& arrays, ArrayRole samples, ArrayRole labels, Part& part) {
    if (!arrays.has(labels))
      throw Error(ErrorKind::kInvalidData, arrays.where(),
                  "there are no labels for the samples '" + arrays.name(samples) + "'",
                  "name the array of labels like that of the samples: x_test and y_test");
    NpyArray read = arrays.read(samples);
    read_part(std::move(read), arrays.read(labels), part);
  }

  void read_part(NpyArray samples, const NpyArray& labels, Part& part) {
    const bool first = layout_.empty();
    const LayoutChoice choice =
        choose_layout(samples.header.shape, first ? options_.layout : layout_, samples.name);
    if (first) {
      layout_ = choice.layout;
      pair_.remarks.push_back(fs::path(samples.name).filename().string() + ": " +
                              type_text(samples.header.type) + ", " + choice.reason);
    }
    part.where = samples.name;
    part.samples = samples_of(samples, layout_);
    part.labels = labels_of(labels);
    if (first && part.labels.one_hot) pair_.remarks.push_back("labels have one column a class");
    if (std::cmp_not_equal(part.labels.size(), part.samples.count))
      throw Error(ErrorKind::kShape, labels.name,
                  std::to_string(part.labels.size()) + " labels for " +
                      std::to_string(part.samples.count) + " samples",
                  "give one label a sample");
    if (&part == &test_) check_parts();
  }

  void check_parts() const {
    const ArraySamples &a = train_.samples, &b = test_.samples;
    if (shape_of(a) != shape_of(b))
      throw Error(ErrorKind::kShape, test_.where,
                  "the test samples are " + shape_of(b) +
                      " (channels, height, width), those for "
                      "training " +
                      shape_of(a),
                  "give samples of one shape");
    if (a.bytes.empty() != b.bytes.empty())
      throw Error(ErrorKind::kInvalidData, test_.where,
                  "of the training and the test samples one are 8-bit numbers and the others not",
                  "save both with one type");
  }

  void read_classes(const ArrayCollection& arrays) {
    if (!arrays.has(ArrayRole::kClasses)) return;
    const NpyArray names = arrays.read(ArrayRole::kClasses);
    if (!names.header.type.is_text() || names.header.shape.size() != 1) {
      pair_.remarks.push_back("not used: the array " + arrays.name(ArrayRole::kClasses) +
                              ", which is no list of names");
      return;
    }
    given_ = npy_texts(names);
  }

  // Removes samples with numbers that are not finite, and names the first ones.
  void leave_out_broken(Part& part) {
    const std::vector<std::int64_t>& broken = part.samples.broken;
    if (broken.empty()) return;
    constexpr std::size_t kShown = 5;
    std::vector<std::string> first;
    for (std::size_t i = 0; i < std::min(kShown, broken.size()); ++i)
      first.push_back(std::to_string(broken[i]));
    pair_.faults.push_back(
        fs::path(part.where).filename().string() + ": " + std::to_string(broken.size()) +
        " sample(s) with values that are not finite (nan, inf or beyond float32): " +
        join(first, ", ") + (broken.size() > kShown ? ", ..." : ""));
    if (std::cmp_equal(broken.size(), part.samples.count))
      throw Error(ErrorKind::kInvalidData, part.where,
                  "every sample has values that are not finite (nan, inf or beyond float32)",
                  "replace them before the search");
    std::vector<char> keep(static_cast<std::size_t>(part.samples.count), 1);
    for (const std::int64_t i : broken) keep[static_cast<std::size_t>(i)] = 0;
    const auto size = static_cast<std::size_t>(part.samples.sample_size());
    filter(part.samples.values, size, keep);
    filter(part.labels.numbers, 1, keep);
    filter(part.labels.names, 1, keep);
    part.samples.count -= static_cast<std::int64_t>(broken.size());
  }

  // Keeps the groups of `size` elements that are marked, in place.
  template <class T>
  static void filter(std::vector<T>& all, std::size_t size, const std::vector<char>& keep) {
    if (all.empty()) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < keep.size(); ++i) {
      if (!keep[i]) continue;
      if (kept != i)
        std::move(all.begin() + static_cast<std::ptrdiff_t>(i * size),
                  all.begin() + static_cast<std::ptrdiff_t>((i + 1) * size),
                  all.begin() + static_cast<std::ptrdiff_t>(kept * size));
      ++kept;
    }
    all.resize(kept * size);
  }

  // Appends the groups that are not marked.
  template <class T>
  static void pick(const std::vector<T>& all, std::size_t size, const std::vector<char>& keep,
                   std::vector<T>& to) {
    if (all.empty()) return;
    for (std::size_t i = 0; i < keep.size(); ++i)
      if (!keep[i])
        to.insert(to.end(), all.begin() + static_cast<std::ptrdiff_t>(i * size),
                  all.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
  }

  void fill(Dataset& data, ArraySamples& samples, const std::vector<std::int64_t>& labels,
            const std::vector<std::string>& classes) const {
    data.channels = train_.samples.channels;
    data.height = train_.samples.height;
    data.width = train_.samples.width;
    data.layout = layout_;
    data.classes = classes;
    data.pixels = std::move(samples.bytes);
    data.values = std::move(samples.values);
    data.labels = labels;
    std::vector<char> keep(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) keep[i] = labels[i] >= 0;
    keep_samples(data, keep);
  }

  static void keep_samples(Dataset& data, const std::vector<char>& keep) {
    const auto size = static_cast<std::size_t>(data.image_size());
    filter(data.pixels, size, keep);
    filter(data.values, size, keep);
    filter(data.labels, 1, keep);
    data.count = static_cast<std::int64_t>(data.labels.size());
  }

  // The same samples of each class in every run, and at least one of each class is trained with.
  void split_off_test() {
    Dataset& train = pair_.train;
    std::vector<std::vector<std::size_t>> members(train.classes.size());
    for (std::size_t i = 0; i < train.labels.size(); ++i)
      members[static_cast<std::size_t>(train.labels[i])].push_back(i);
    std::vector<char> kept(train.labels.size(), 1);
    for (std::size_t c = 0; c < members.size(); ++c) {
      RandomStream random = RandomStream(0).fork("test").fork(train.classes[c]);
      auto& own = members[c];
      for (std::size_t i = own.size(); i > 1; --i) std::swap(own[i - 1], own[random.below(i)]);
      const auto count =
          static_cast<std::size_t>(options_.test * static_cast<double>(own.size()) + 0.5);
      for (std::size_t i = 0; i < std::min(count, own.size() - 1); ++i) kept[own[i]] = 0;
    }
    Dataset& test = pair_.test;
    test.channels = train.channels;
    test.height = train.height;
    test.width = train.width;
    test.layout = train.layout;
    test.classes = train.classes;
    const auto size = static_cast<std::size_t>(train.image_size());
    pick(train.pixels, size, kept, test.pixels);
    pick(train.values, size, kept, test.values);
    pick(train.labels, 1, kept, test.labels);
    test.count = static_cast<std::int64_t>(test.labels.size());
    keep_samples(train, kept);
    pair_.remarks.push_back("there are no test arrays: " + print_number(options_.test) +
                            " of each class, always the same samples, are held out for it");
  }

  void remark_statistics() {
    const Dataset& d = pair_.train;
    if (d.has_values())
      pair_.remarks.push_back(
          "values are kept as float32; each channel is normalised by its mean and deviation in the "
          "training part");
    if (d.is_signal())
      pair_.remarks.push_back(
          "signals are images of one row: kernels are one row high, and "
          "augmentation neither flips them nor moves them up or down");
    std::vector<std::string> constant, faint;
    for (std::size_t c = 0; c < d.mean.size(); ++c) {
      if (is_constant(d, c))
        constant.push_back(std::to_string(c));
      else if (d.has_values() && std::fabs(d.mean[c]) > 1e5 * d.deviation[c])
        faint.push_back(std::to_string(c));
    }
    if (!constant.empty())
      pair_.remarks.push_back("the same value everywhere: channel(s) " + join(constant, ", "));
    if (!faint.empty())
      pair_.remarks.push_back(
          "varies by less than 1/100,000 of its mean, at the edge of float32: "
          "channel(s) " +
          join(faint, ", ") + "; subtract the mean beforehand");
  }

  static bool is_constant(const Dataset& d, std::size_t channel) {
    const auto plane = static_cast<std::size_t>(d.height * d.width);
    const auto channels = static_cast<std::size_t>(d.channels);
    const auto same = [&](const auto& all) {
      const auto first = all[channel * plane];
      for (std::size_t begin = channel * plane; begin < all.size(); begin += channels * plane)
        for (std::size_t i = 0; i < plane; ++i)
          if (all[begin + i] != first) return false;
      return true;
    };
    return d.has_values() ? same(d.values) : same(d.pixels);
  }

  fs::path path_;
  ArrayDataOptions options_;
  std::string layout_;
  Part train_, test_;
  bool separate_ = false;
  std::vector<std::string> given_;  // names of classes
  DatasetPair pair_;
};

// The only array of an archive, or its samples.
NpyArray array_of(const fs::path& path) {
  if (path.extension() != ".npz") return read_npy_file(path);
  const NpzFile file(path);
  if (file.names().size() == 1) return file.read(file.names().front());
  for (const auto& name : file.names())
    if (array_role(name) == ArrayRole::kSamples) return file.read(name);
  throw Error(ErrorKind::kInvalidData, path.string(),
              "which of its arrays are the samples is not clear",
              "give an archive with an array named x, or an .npy file");
}

// Layouts in which an array of that shape is one or many samples of the form.
bool fits(const std::vector<std::int64_t>& shape, const std::string& layout,
          const SampleForm& form) {
  if (shape.size() != layout.size()) return false;
  const bool has_channels = layout.find('c') != std::string::npos;
  if (!has_channels && form.channels != 1) return false;
  if (layout.find('l') != std::string::npos && form.height != 1) return false;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const char axis = layout[d];
    const std::int64_t size = axis == 'c'                  ? form.channels
                              : axis == 'h'                ? form.height
                              : axis == 'w' || axis == 'l' ? form.width
                                                           : shape[d];
    if (shape[d] != size) return false;
  }
  return true;
}

}  // namespace

void describe(OptionFields<ArrayDataOptions>& f) {
  using O = ArrayDataOptions;
  std::vector<std::string> layouts{"auto"};
  layouts.insert(layouts.end(), layout_names().begin(), layout_names().end());
  f.add("layout", &O::layout,
        {"order of the axes of the samples: n samples, c channels, h height, w width, l length",
         "",
         {},
         {},
         layouts})
      .add("labels", &O::labels, {"file of the labels, where the samples are one .npy file"})
      .add("test", &O::test,
           {"part of each class that tests, where there are no test arrays", "", 0.01, 0.9});
}

DatasetPair read_arrays(const fs::path& path, const ArrayDataOptions& options) {
  return ArrayReader(path, options).read();
}

bool has_arrays(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::vector<float> read_samples(const fs::path& path, const SampleForm& form) {
  NpyArray array = array_of(path);
  std::vector<std::string> layouts;
  if (form.layout.empty())
    layouts = form.channels == 3 ? std::vector<std::string>{"nhwc", "nchw"}
                                 : std::vector<std::string>{"nhw", "nchw", "nhwc", "nl", "ncl"};
  else
    layouts = {form.layout};
  for (const auto& layout : layouts)
    for (const bool single : {false, true}) {
      std::vector<std::int64_t> shape = array.header.shape;
      if (single) shape.insert(shape.begin(), 1);
      if (!fits(shape, layout, form)) continue;
      // An axis of one sample changes no stride; in Fortran order it is the fastest, of one step.
      array.header.shape = shape;
      const ArraySamples samples = samples_of(array, layout);
      std::vector<float> values = samples.values;
      if (values.empty()) values.assign(samples.bytes.begin(), samples.bytes.end());
      if (!samples.broken.empty())
        throw Error(
            ErrorKind::kInvalidData, array.name,
            "sample " + std::to_string(samples.broken.front()) + " has values that are not finite",
            "replace them");
      for (std::size_t i = 0; form.bytes && i < values.size(); ++i)
        if (values[i] < 0 || values[i] > 255 || values[i] != std::floor(values[i]))
          throw Error(ErrorKind::kInvalidData, array.name,
                      "the value " + std::to_string(values[i]) +
                          "; the network was trained on whole numbers from 0 to 255",
                      "give values of the same kind");
      return values;
    }
  throw Error(ErrorKind::kShape, array.name,
              "an array " + shape_text(array.header.shape) + " for a network of " +
                  shape_text({form.channels, form.height, form.width}) +
                  " (channels, height, width)",
              "give samples in the layout " + join(layouts, " or ") + ", with or without n");
}

}  // namespace nasmyth
