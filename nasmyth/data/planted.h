#pragma once

#include <cstdint>

#include "nasmyth/core/options.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// The built-in generated task.
struct PlantedOptions {
  std::int64_t train = 10000;
  std::int64_t test = 2000;
  std::int64_t size = 28;
  double noise = 45;
  std::int64_t seed = 1;
};

void describe(OptionFields<PlantedOptions>& fields);

/// Grey images of two discs at random places on a noisy slope, each filled with one of five
/// textures (horizontal, vertical and diagonal stripes, checks, diamonds) of random wavelength,
/// phase and contrast. The class is the unordered pair of textures, ten in all: no pixel tells
/// anything by itself, so a linear classifier guesses, and a network must first find textures and
/// then combine them. With the defaults and six epochs, one 5x5 convolution before a global pool
/// reaches 0.57, three layers 3x3 0.82, four 0.90; a linear classifier 0.1. Every class is its own
/// mirror image. Balanced; the same options give the same bytes on every machine.
DatasetPair make_planted(const PlantedOptions& options);

}  // namespace nasmyth
