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

std::uint8_t grey(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

void draw_noise(double level, const PlantedOptions& o, RandomStream& random,
                std::vector<std::uint8_t>& pixels) {
  for (std::int64_t i = 0; i < o.size * o.size; ++i)
    pixels.push_back(grey(level + o.noise * noise(random)));
}

// Pairs of dots whose places are further from each other than a kernel of `reach` sees.
void draw_reach(bool alike, const PlantedOptions& o, RandomStream random,
                std::vector<std::uint8_t>& pixels) {
  constexpr double kGround = 128, kContrast = 100;
  constexpr int kTries = 200, kPairs = 6;
  const std::size_t begin = pixels.size();
  PlantedOptions quiet = o;
  quiet.noise *= 0.2;
  draw_noise(kGround, quiet, random, pixels);
  const std::int64_t gap = o.reach - 1;
  std::vector<std::pair<std::int64_t, std::int64_t>> places;
  const auto free = [&](std::int64_t x, std::int64_t y) {
    return std::all_of(places.begin(), places.end(), [&](const auto& p) {
      return std::abs(p.first - x) > 2 * gap + 1 || std::abs(p.second - y) > gap;
    });
  };
  for (int i = 0; i < kTries && places.size() < kPairs; ++i) {
    const auto x =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(o.size - gap)));
    const auto y = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(o.size)));
    if (!free(x, y)) continue;
    places.emplace_back(x, y);
    const double first = (random.next() & 1) != 0 ? kContrast : -kContrast;
    const auto dot = [&](std::int64_t at_x, double contrast) {
      pixels[begin + static_cast<std::size_t>(y * o.size + at_x)] = grey(kGround + contrast);
    };
    dot(x, first);
    dot(x + gap, alike ? first : -first);
  }
}

void draw_brightness(bool bright, const PlantedOptions& o, RandomStream random,
                     std::vector<std::uint8_t>& pixels) {
  draw_noise(bright ? 140 : 116, o, random, pixels);
}

std::vector<std::string> class_names(const PlantedOptions& o) {
  if (o.task == "reach") return {"alike", "unlike"};
  if (o.task == "brightness") return {"dark", "bright"};
  std::vector<std::string> names;
  for (const auto& [a, b] : texture_pairs())
    names.push_back(std::string(kTextures[static_cast<std::size_t>(a)]) + "+" +
                    kTextures[static_cast<std::size_t>(b)]);
  return names;
}

void draw(std::int64_t label, const PlantedOptions& o, const RandomStream& random,
          std::vector<std::uint8_t>& pixels) {
  if (o.task == "reach") return draw_reach(label == 0, o, random, pixels);
  if (o.task == "brightness") return draw_brightness(label == 1, o, random, pixels);
  const auto [a, b] = texture_pairs()[static_cast<std::size_t>(label)];
  draw_image(a, b, o, random, pixels);
}

Dataset make_part(std::int64_t count, const PlantedOptions& o, const RandomStream& random) {
  Dataset data;
  data.name = "planted";
  data.count = count;
  data.channels = 1;
  data.height = data.width = o.size;
  data.classes = class_names(o);
  const auto classes = static_cast<std::int64_t>(data.classes.size());
  for (std::int64_t i = 0; i < count; ++i) data.labels.push_back(i % classes);
  RandomStream order = random.fork("labels");
  for (std::size_t i = data.labels.size(); i > 1; --i)
    std::swap(data.labels[i - 1], data.labels[order.below(i)]);
  data.pixels.reserve(static_cast<std::size_t>(count * o.size * o.size));
  const RandomStream images = random.fork("images");
  for (std::size_t i = 0; i < data.labels.size(); ++i)
    draw(data.labels[i], o, images.fork(i), data.pixels);
  return data;
}

}  // namespace

void describe(OptionFields<PlantedOptions>& f) {
  f.add("task", &PlantedOptions::task,
        {"textures (10 classes), reach or brightness (2 classes)",
         "",
         {},
         {},
         {"textures", "reach", "brightness"}})
      .add("train", &PlantedOptions::train, {"training images", "images", 10, 1e6})
      .add("test", &PlantedOptions::test, {"test images", "images", 10, 1e6})
      .add("size", &PlantedOptions::size, {"height and width of the images", "pixels", 16, 64})
      .add("noise", &PlantedOptions::noise, {"deviation of the pixel noise", "grey levels", 0, 255})
      .add("reach", &PlantedOptions::reach,
           {"of the task reach: the least kernel that tells its classes", "pixels", 3, 11})
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
