#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nasmyth {

/// Labelled images, one copy in memory: as bytes where they have 8 bits, else as float32. A signal
/// is an image of one row. Immutable once read; thread-safe.
struct Dataset {
  std::string name;  ///< "fashion-mnist"
  std::int64_t count = 0;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<std::uint8_t> pixels;  ///< [count, channels, height, width]; empty beside `values`
  std::vector<float> values;         ///< the same where images are no bytes, all finite; else empty
  std::vector<std::int64_t> labels;  ///< in [0, classes)
  std::vector<std::string> classes;
  /// Per channel, of the training part, in units of value * scale().
  std::vector<double> mean, deviation;
  /// Order of the axes of the file that the images come from, where it is an array ("nhwc").
  std::string layout = {};

  /// [channels, height, width]; throws kOutOfRange for an index outside of [0, count), and for data
  /// of the other kind.
  std::span<const std::uint8_t> image(std::int64_t index) const;
  std::span<const float> value_image(std::int64_t index) const;
  std::int64_t image_size() const { return channels * height * width; }
  bool has_values() const { return !values.empty(); }
  /// What a value is multiplied by before the mean is subtracted: 1 / 255 for bytes, else 1.
  double scale() const { return has_values() ? 1.0 : 1.0 / 255; }
  bool is_signal() const { return height == 1 && width > 1; }
};

/// "images of 32x32, coloured", "signals of length 128, 6 channels".
std::string shape_words(const Dataset& dataset);

/// Throws kShape where sizes contradict each other, kOutOfRange for labels without a class and for
/// deviations that are not positive. Reads all labels.
void check(const Dataset& dataset);

/// A data set as it is published: a training part and a test part.
struct DatasetPair {
  Dataset train, test;
  std::vector<std::string> remarks = {};  ///< what was done to the source's images, in words
  std::vector<std::string> faults = {};   ///< what is left out, and why: "a/b.png: a damaged PNG"
};

/// Mean and deviation of each channel over all pixels of `dataset`, exact to rounding. A channel
/// that is constant gets the deviation 1.
void compute_statistics(Dataset& dataset);

/// Of each class, inversely proportional to its number among `indices`; their mean over these
/// samples is 1. A class without samples has weight 0.
std::vector<double> balanced_class_weights(const Dataset& dataset,
                                           std::span<const std::int64_t> indices);

/// Indices into the training part: three fixed, class-stratified parts. The test part is separate
/// and is read once per arm, when every choice is frozen.
struct Splits {
  std::vector<std::int64_t> search_train;       ///< weights of the supernet
  std::vector<std::int64_t> search_validation;  ///< architecture parameters
  std::vector<std::int64_t> selection;          ///< held out of search and of retraining
  /// Retraining uses everything but `selection`; ascending.
  std::vector<std::int64_t> retrain() const;
};

/// Stratified by class, from a stream forked from `seed`; fractions of the training part
/// (search_train gets the rest). The parts are disjoint, ascending, together everything; their
/// sizes are the rounded fractions, and so are those of each class to within one (two where the
/// fractions leave a class next to nothing). Throws kOutOfRange for fractions that leave a part
/// empty that should have images.
Splits make_splits(const Dataset& train, double search_validation, double selection,
                   std::uint64_t seed);

}  // namespace nasmyth
