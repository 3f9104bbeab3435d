#include "nasmyth/data/planted.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"
#include "nasmyth/data/reading.h"

// As in random.cpp: without this the bytes would depend on the machine.
#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

namespace nasmyth {
namespace {

constexpr std::array<const char*, 5> kTextures = {"horizontal", "vertical", "diagonal", "checks",
                                                  "diamonds"};
constexpr double kRootHalf = 0.70710678118654752440;

std::vector<std::pair<int, int>> texture_pairs() {
  std::vector<std::pair<int, int>> pairs;
  for (int a = 0; a < static_cast<int>(kTextures.size()); ++a)
    for (int b = a + 1; b < static_cast<int>(kTextures.size()); ++b) pairs.emplace_back(a, b);
  return pairs;
}

// A wave of period 1 between -1 and 1.
double triangle(double x) { return 1 - 4 * std::fabs(x - std::floor(x) - 0.5); }

struct Disc {
  int texture = 0;
  double x = 0, y = 0, radius = 0;
  double frequency = 0, phase = 0, second_phase = 0, contrast = 0;
  bool mirrored = false;

  double value(double at_x, double at_y) const {
    const double dx = at_x - x, dy = at_y - y;
    const double edge = radius - std::sqrt(dx * dx + dy * dy);
    if (edge <= 0) return 0;
    return contrast * std::min(edge, 1.0) * pattern(dx * frequency, dy * frequency);
  }

  double pattern(double u, double v) const {
    const double rising = (u + v) * kRootHalf, falling = (u - v) * kRootHalf;
    switch (texture) {
      case 0:
        return triangle(v + phase);
      case 1:
        return triangle(u + phase);
      case 2:
        return triangle((mirrored ? falling : rising) + phase);
      case 3:
        return 1.3 * triangle(u + phase) * triangle(v + second_phase);
      default:
        return 1.3 * triangle(rising + phase) * triangle(falling + second_phase);
    }
  }
};

Disc draw_disc(int texture, double size, RandomStream& random) {
  Disc d;
  d.texture = texture;
  d.radius = size * random.uniform(0.22, 0.29);
  d.frequency = 28 / (size * random.uniform(4.0, 6.5));
  d.phase = random.uniform();
  d.second_phase = random.uniform();
  d.contrast = random.uniform(40, 80);
  d.mirrored = (random.next() & 1) != 0;
  return d;
}

// Places that hardly overlap: the farthest of some draws, or the first that is far enough.
void place(Disc& a, Disc& b, double size, RandomStream& random) {
  double farthest = -1;
  for (int attempt = 0; attempt < 20; ++attempt) {
    std::array<double, 4> at{};
    for (std::size_t i = 0; i < 4; ++i) {
      const double margin = 0.75 * (i < 2 ? a.radius : b.radius);
      at[i] = random.uniform(margin, size - 1 - margin);
    }
    const double dx = at[0] - at[2], dy = at[1] - at[3];
    const double distance = std::sqrt(dx * dx + dy * dy);
    if (distance <= farthest) continue;
    farthest = distance;
    std::tie(a.x, a.y, b.x, b.y) = std::tie(at[0], at[1], at[2], at[3]);
    if (distance >= 0.95 * (a.radius + b.radius)) return;
  }
}

// Nearly normal, mean 0 and deviation 1: the sum of the eight bytes of one draw.
double noise(RandomStream& random) {
  std::uint64_t bits = random.next();
  int sum = 0;
  for (int i = 0; i < 8; ++i, bits >>= 8) sum += static_cast<int>(bits & 255);
  return (sum - 1020) / 209.02153;
}

void draw_image(int first, int second, const PlantedOptions& o, RandomStream random,
                std::vector<std::uint8_t>& pixels) {
  const auto size = static_cast<double>(o.size);
  Disc a = draw_disc(first, size, random), b = draw_disc(second, size, random);
  place(a, b, size, random);
  const double level = random.uniform(96, 160), slope_x = random.uniform(-40, 40),
               slope_y = random.uniform(-40, 40);
  for (std::int64_t y = 0; y < o.size; ++y)
    for (std::int64_t x = 0; x < o.size; ++x) {
      const auto fx = static_cast<double>(x), fy = static_cast<double>(y);
      const double ground = level + slope_x * (fx / size - 0.5) + slope_y * (fy / size - 0.5);
      const double value =
          ground + a.value(fx, fy) + b.value(fx, fy) + o.noise * noise(random) + 0.5;
      pixels.push_back(static_cast<std::uint8_t>(std::clamp(std::floor(value), 0.0, 255.0)));
    }
}

Dataset make_part(std::int64_t count, const PlantedOptions& o, const RandomStream& random) {
  const auto pairs = texture_pairs();
  Dataset data;
  data.name = "planted";
  data.count = count;
  data.channels = 1;
  data.height = data.width = o.size;
  for (const auto& [a, b] : pairs)
    data.classes.push_back(std::string(kTextures[static_cast<std::size_t>(a)]) + "+" +
                           kTextures[static_cast<std::size_t>(b)]);
  const auto classes = static_cast<std::int64_t>(pairs.size());
  for (std::int64_t i = 0; i < count; ++i) data.labels.push_back(i % classes);
  RandomStream order = random.fork("labels");
  for (std::size_t i = data.labels.size(); i > 1; --i)
    std::swap(data.labels[i - 1], data.labels[order.below(i)]);
  data.pixels.reserve(static_cast<std::size_t>(count * o.size * o.size));
  const RandomStream images = random.fork("images");
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const auto& [a, b] = pairs[static_cast<std::size_t>(data.labels[i])];
    draw_image(a, b, o, images.fork(i), data.pixels);
  }
  return data;
}

}  // namespace

void describe(OptionFields<PlantedOptions>& f) {
  f.add("train", &PlantedOptions::train, {"training images", "images", 10, 1e6})
      .add("test", &PlantedOptions::test, {"test images", "images", 10, 1e6})
      .add("size", &PlantedOptions::size, {"height and width of the images", "pixels", 16, 64})
      .add("noise", &PlantedOptions::noise, {"deviation of the pixel noise", "grey levels", 0, 255})
      .add("seed", &PlantedOptions::seed, {"another seed gives other images", "", 0, 1e9});
}

DatasetPair make_planted(const PlantedOptions& options) {
  const std::int64_t bytes = (options.train + options.test) * options.size * options.size;
  if (bytes > kMostBytes)
    throw Error(ErrorKind::kOutOfRange, "planted",
                "the images would take " + std::to_string(bytes) + " bytes",
                "ask for fewer or smaller ones");
  const RandomStream random =
      RandomStream(static_cast<std::uint64_t>(options.seed)).fork("planted");
  DatasetPair pair{make_part(options.train, options, random.fork("train")),
                   make_part(options.test, options, random.fork("test"))};
  compute_statistics(pair.train);
  pair.test.mean = pair.train.mean;
  pair.test.deviation = pair.train.deviation;
  return pair;
}

}  // namespace nasmyth
