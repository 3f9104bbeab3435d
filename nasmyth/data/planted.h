#pragma once

#include <cstdint>
#include <string>

#include "nasmyth/core/options.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// The built-in generated tasks.
struct PlantedOptions {
  std::string task = "textures";
  std::int64_t train = 10000;
  std::int64_t test = 2000;
  std::int64_t size = 28;
  double noise = 45;
  std::int64_t reach = 5;
  std::int64_t seed = 1;
};

void describe(OptionFields<PlantedOptions>& fields);

/// Task `textures`: grey images of two discs at random places on a noisy slope, each filled with
/// one of five textures (horizontal, vertical and diagonal stripes, checks, diamonds) of random
/// wavelength, phase and contrast. The class is the unordered pair of textures, ten in all: no
/// pixel tells anything by itself, so a linear classifier guesses, and a network must first find
/// textures and then combine them. With the defaults and six epochs, one 5x5 convolution before a
/// global pool reaches 0.57, three layers 3x3 0.82, four 0.90; a linear classifier 0.1. Every class
/// is its own mirror image.
///
/// Task `reach`: pairs of dots side by side, `reach` - 1 pixels apart; the class tells whether the
/// dots of a pair are alike (both bright or both dark) or not. Each dot by itself is bright as
/// often as dark, and different pairs are far apart: one convolution before a global pool can only
/// learn it with a kernel of at least `reach` pixels.
///
/// Task `brightness`: noise about a dark or a bright level; a linear classifier of the mean solves
/// it.
///
/// All are balanced; the same options give the same bytes on every machine.
DatasetPair make_planted(const PlantedOptions& options);

}  // namespace nasmyth
