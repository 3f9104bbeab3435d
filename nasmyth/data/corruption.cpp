#include "nasmyth/data/corruption.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

using Degrees = std::array<double, kGreatestSeverity>;

// Of CIFAR-10-C, in units of the whole range of a pixel, pixels, and the contrast that remains.
constexpr Degrees kNoise{0.04, 0.06, 0.08, 0.09, 0.10};
constexpr Degrees kBlur{0.4, 0.6, 0.7, 0.8, 1};
constexpr Degrees kContrast{0.75, 0.5, 0.4, 0.3, 0.15};
constexpr double kSideOfDegrees = 32;

double degree(const Degrees& degrees, int severity) {
  return degrees[static_cast<std::size_t>(severity - 1)];
}

std::uint8_t as_byte(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

void add_noise(const Dataset&, std::span<const std::uint8_t> image, int severity,
               RandomStream random, std::span<std::uint8_t> target) {
  const double deviation = 255 * degree(kNoise, severity);
  for (std::size_t i = 0; i < image.size(); ++i)
    target[i] = as_byte(image[i] + deviation * random.normal());
}

std::vector<double> gaussian(double deviation) {
  const int radius = static_cast<int>(4 * deviation + 0.5);
  std::vector<double> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i)
    sum += weights.emplace_back(std::exp(-0.5 * i * i / (deviation * deviation)));
  for (double& w : weights) w /= sum;
  return weights;
}

// Convolves `lines` rows of `length` values that lie `step` apart; the border is repeated.
void blur_lines(const std::vector<double>& weights, std::int64_t lines, std::int64_t line_step,
                std::int64_t length, std::int64_t step, std::vector<double>& values) {
  const auto radius = static_cast<std::int64_t>(weights.size() / 2);
  std::vector<double> line(static_cast<std::size_t>(length));
  for (std::int64_t l = 0; l < lines; ++l) {
    double* first = values.data() + l * line_step;
    for (std::int64_t i = 0; i < length; ++i) line[static_cast<std::size_t>(i)] = first[i * step];
    for (std::int64_t i = 0; i < length; ++i) {
      double sum = 0;
      for (std::int64_t k = -radius; k <= radius; ++k) {
        const std::int64_t at = std::clamp<std::int64_t>(i + k, 0, length - 1);
        sum += weights[static_cast<std::size_t>(k + radius)] * line[static_cast<std::size_t>(at)];
      }
      first[i * step] = sum;
    }
  }
}

// The deviation grows with the shorter side, so that larger images lose the same details.
void blur(const Dataset& data, std::span<const std::uint8_t> image, int severity, RandomStream,
          std::span<std::uint8_t> target) {
  std::int64_t side = std::min(data.height, data.width);
  if (side == 1) side = std::max(data.height, data.width);
  const auto weights =
      gaussian(degree(kBlur, severity) * std::max(static_cast<double>(side) / kSideOfDegrees, 0.5));
  const auto plane = static_cast<std::size_t>(data.height * data.width);
  for (std::size_t begin = 0; begin < image.size(); begin += plane) {
    const auto pixels = image.subspan(begin, plane);
    std::vector<double> values(pixels.begin(), pixels.end());
    blur_lines(weights, data.height, data.width, data.width, 1, values);
    blur_lines(weights, data.width, 1, data.height, data.width, values);
    std::transform(values.begin(), values.end(),
                   target.begin() + static_cast<std::ptrdiff_t>(begin), as_byte);
  }
}

// Each channel is drawn towards its mean in the image.
void lower_contrast(const Dataset& data, std::span<const std::uint8_t> image, int severity,
                    RandomStream, std::span<std::uint8_t> target) {
  const double kept = degree(kContrast, severity);
  const auto plane = static_cast<std::size_t>(data.height * data.width);
  for (std::size_t begin = 0; begin < image.size(); begin += plane) {
    double sum = 0;
    for (std::size_t i = 0; i < plane; ++i) sum += image[begin + i];
    const double mean = sum / static_cast<double>(plane);
    for (std::size_t i = begin; i < begin + plane; ++i)
      target[i] = as_byte(mean + kept * (image[i] - mean));
  }
}

}  // namespace

const Registry<CorruptionEntry>& corruptions() {
  static const Registry<CorruptionEntry>& registry = *[] {
    auto* r = new Registry<CorruptionEntry>("corruption");  // never destroyed
    r->add("noise", {"Gaussian noise on each value", &add_noise});
    r->add("blur", {"Gaussian blur", &blur});
    r->add("contrast", {"less contrast", &lower_contrast});
    return r;
  }();
  return registry;
}

Dataset corrupted(const Dataset& data, std::span<const std::int64_t> indices, std::string_view name,
                  int severity, const RandomStream& random) {
  const CorruptionEntry& corruption = corruptions().get(name);
  if (severity < 1 || severity > kGreatestSeverity)
    throw Error(ErrorKind::kOutOfRange, "corruption " + std::string(name),
                "the severity is out of range; got " + std::to_string(severity),
                "allowed: 1 to " + std::to_string(kGreatestSeverity));
  if (data.has_values())
    throw Error(ErrorKind::kUnsupported, "corruption " + std::string(name),
                "the data has 16-bit or float numbers, and corruptions are made for bytes",
                "use data of 8-bit values");
  Dataset worse;
  worse.name = data.name;
  worse.count = static_cast<std::int64_t>(indices.size());
  worse.channels = data.channels;
  worse.height = data.height;
  worse.width = data.width;
  worse.classes = data.classes;
  worse.mean = data.mean;
  worse.deviation = data.deviation;
  const auto size = static_cast<std::size_t>(data.image_size());
  worse.pixels.resize(indices.size() * size);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t index = indices[i];
    corruption.apply(data, data.image(index), severity,
                     random.fork(static_cast<std::uint64_t>(index)),
                     std::span(worse.pixels).subspan(i * size, size));
    worse.labels.push_back(data.labels[static_cast<std::size_t>(index)]);
  }
  return worse;
}

}  // namespace nasmyth
