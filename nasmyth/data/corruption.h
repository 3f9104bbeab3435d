#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "nasmyth/core/random.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// A way in which images get worse, in five degrees of severity, after Hendrycks and Dietterich,
/// "Benchmarking neural network robustness to common corruptions and perturbations" (ICLR 2019,
/// arXiv 1903.12261), with the degrees of their CIFAR-10-C, made for images of 32x32 pixels.
struct CorruptionEntry {
  std::string help;
  /// Writes the worse image, [channels, height, width] as in the data set; `severity` 1 to 5.
  void (*apply)(const Dataset& data, std::span<const std::uint8_t> image, int severity,
                RandomStream random, std::span<std::uint8_t> target);
};

/// `noise` (Gaussian), `blur` (Gaussian), `contrast`. Reading is thread-safe.
const Registry<CorruptionEntry>& corruptions();

constexpr int kGreatestSeverity = 5;

/// The images of `indices`, each made worse by the corruption `name`, with their labels and with
/// the statistics of `data`, by which they are normalised as its own images are. What happens to an
/// image depends on `random` and its index in `data` only. Throws kUnsupported for data
/// that are no bytes, kOutOfRange for a severity outside of 1 to 5, and for an unknown name, with a
/// suggestion.
Dataset corrupted(const Dataset& data, std::span<const std::int64_t> indices, std::string_view name,
                  int severity, const RandomStream& random);

}  // namespace nasmyth
