#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// Random changes of training images, drawn anew for each sample in each epoch. The defaults change
/// nothing. Signals are moved along their length only, and keep their direction.
struct AugmentationOptions {
  int crop_padding = 0;  ///< pixels around the image, of which a window is cut: black, and the mean
                         ///< around images that are no bytes
  bool flip = false;     ///< left and right swapped for half of the images
  int cutout = 0;        ///< side of a square that is set to the mean (arXiv 1708.04552); 0: none
};

/// Throws kOutOfRange, for negative sizes among others.
void check(const AugmentationOptions& options, const Dataset& dataset);

/// What was drawn for one image.
struct AugmentationDraw {
  std::int64_t down = 0;   ///< row of the source image that becomes the first one
  std::int64_t right = 0;  ///< column of the source image that becomes the first one
  bool flip = false;       ///< after the crop
  std::int64_t cutout_row = 0, cutout_column = 0;  ///< centre; the square is clipped at the border
};

/// Draws only what the options ask for, in the order of the members.
AugmentationDraw draw_augmentation(const AugmentationOptions& options, const Dataset& dataset,
                                   RandomStream random);

/// Stored values to normalised float32: (value * scale - mean) / deviation; of bytes by one look-up
/// table for each channel. Immutable; thread-safe. Holds no reference to the data set.
class Normalizer {
 public:
  explicit Normalizer(const Dataset& dataset);

  /// Writes [channels, height, width] to `target`, augmented by `draw`: crop (black or the mean
  /// outside of the image), flip, normalisation, then a square of `cutout` pixels a side of zeros
  /// (the mean).
  void write(std::span<const std::uint8_t> image, const AugmentationDraw& draw, int cutout,
             std::span<float> target) const;
  /// The same for a data set of values.
  void write(std::span<const float> image, const AugmentationDraw& draw, int cutout,
             std::span<float> target) const;

 private:
  template <class T, class Maps>
  void write_with(std::span<const T> image, const AugmentationDraw& draw, int cutout,
                  std::span<float> target, const Maps& map_of_channel) const;

  std::int64_t channels_, height_, width_;
  std::vector<float> tables_;  // [channels, 256]
  std::vector<double> mean_, deviation_;
};

}  // namespace nasmyth
