#include "nasmyth/data/dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"

namespace nasmyth {
namespace {

using Indices = std::vector<std::int64_t>;

[[noreturn]] void misfit(const Dataset& dataset, const std::string& what, std::size_t got,
                         std::int64_t expected) {
  throw Error(ErrorKind::kShape, "data set " + dataset.name,
              what + " do not fit the images; got " + std::to_string(got) + " instead of " +
                  std::to_string(expected));
}

void check_sizes(const Dataset& d) {
  if (d.count < 0 || d.channels < 1 || d.height < 1 || d.width < 1)
    throw Error(ErrorKind::kShape, "data set " + d.name,
                "images of " + std::to_string(d.channels) + "x" + std::to_string(d.height) + "x" +
                    std::to_string(d.width) + ", " + std::to_string(d.count) + " of them");
  const std::size_t stored = d.has_values() ? d.values.size() : d.pixels.size();
  if (std::cmp_not_equal(stored, d.count * d.image_size()))
    misfit(d, d.has_values() ? "values" : "pixels", stored, d.count * d.image_size());
  if (std::cmp_not_equal(d.labels.size(), d.count)) misfit(d, "labels", d.labels.size(), d.count);
  if (std::cmp_not_equal(d.mean.size(), d.channels)) misfit(d, "means", d.mean.size(), d.channels);
  if (std::cmp_not_equal(d.deviation.size(), d.channels))
    misfit(d, "deviations", d.deviation.size(), d.channels);
}

void check_fractions(double search_validation, double selection) {
  const auto fails = [](double x) { return !(x >= 0 && x < 1); };
  if (fails(search_validation) || fails(selection) || search_validation + selection >= 1)
    throw Error(ErrorKind::kOutOfRange, "splits",
                "the fractions " + std::to_string(search_validation) + " and " +
                    std::to_string(selection) + " leave nothing to train on",
                "each lies in [0, 1), and so does their sum");
}

void check_part(const Indices& part, const char* name, double fraction, const Dataset& train) {
  if (!part.empty() || fraction == 0) return;
  throw Error(ErrorKind::kOutOfRange, std::string("splits.") + name,
              "a part of " + std::to_string(fraction) + " of " + std::to_string(train.count) +
                  " images of '" + train.name + "' is empty",
              "use more data or another fraction");
}

// Indices of each class, in a random order that depends on seed and class only.
std::vector<Indices> shuffled_classes(const Dataset& train, std::uint64_t seed) {
  std::vector<Indices> members(train.classes.size());
  for (std::int64_t i = 0; i < train.count; ++i)
    members[static_cast<std::size_t>(train.labels[static_cast<std::size_t>(i)])].push_back(i);
  const RandomStream random = RandomStream(seed).fork("splits");
  for (std::size_t c = 0; c < members.size(); ++c) {
    RandomStream stream = random.fork(c);
    for (std::size_t i = members[c].size(); i > 1; --i)
      std::swap(members[c][i - 1], members[c][stream.below(i)]);
  }
  return members;
}

// Shares of consecutive classes whose sums are the rounded sums: no class is off by more than one.
// What a class of too few members cannot give falls to the next one.
class Quota {
 public:
  explicit Quota(double fraction) : fraction_(fraction) {}

  std::size_t take(std::size_t members, std::size_t left) {
    seen_ += members;
    const auto due = static_cast<std::size_t>(std::llround(fraction_ * static_cast<double>(seen_)));
    const std::size_t share = std::min(due - given_, left);
    given_ += share;
    return share;
  }

 private:
  double fraction_;
  std::size_t seen_ = 0, given_ = 0;
};

template <class T>
std::span<const T> image_of(const Dataset& data, const std::vector<T>& all, std::int64_t index) {
  const auto size = static_cast<std::size_t>(data.image_size());
  if (index < 0 || index >= data.count || (static_cast<std::size_t>(index) + 1) * size > all.size())
    throw Error(
        ErrorKind::kOutOfRange, "data set " + data.name,
        "there is no image " + std::to_string(index) + " among " + std::to_string(data.count));
  return std::span(all).subspan(static_cast<std::size_t>(index) * size, size);
}

// Two passes in double, channel by channel.
void compute_value_statistics(Dataset& data) {
  const auto channels = static_cast<std::size_t>(data.channels);
  const auto plane = static_cast<std::size_t>(data.height * data.width);
  const double n = static_cast<double>(data.values.size()) / static_cast<double>(channels);
  data.mean.assign(channels, 0);
  data.deviation.assign(channels, 0);
  const auto each = [&](auto&& use) {
    for (std::size_t begin = 0, c = 0; begin < data.values.size(); begin += plane, ++c)
      use(c % channels, std::span(data.values).subspan(begin, plane));
  };
  each([&](std::size_t c, std::span<const float> values) {
    for (const float v : values) data.mean[c] += v;
  });
  for (double& mean : data.mean) mean /= n;
  each([&](std::size_t c, std::span<const float> values) {
    for (const float v : values) data.deviation[c] += (v - data.mean[c]) * (v - data.mean[c]);
  });
  for (double& deviation : data.deviation) {
    deviation = std::sqrt(deviation / n);
    if (!(deviation > 0)) deviation = 1;
  }
}

}  // namespace

std::span<const std::uint8_t> Dataset::image(std::int64_t index) const {
  return image_of(*this, pixels, index);
}

std::span<const float> Dataset::value_image(std::int64_t index) const {
  return image_of(*this, values, index);
}

std::string shape_words(const Dataset& d) {
  std::string text = d.is_signal()
                         ? "signals of length " + std::to_string(d.width)
                         : "images of " + std::to_string(d.width) + "x" + std::to_string(d.height);
  if (d.channels == 1) return d.is_signal() ? text : text + ", grey";
  if (d.channels == 3 && !d.is_signal() && !d.has_values()) return text + ", coloured";
  return text + ", " + std::to_string(d.channels) + " channels";
}

void check(const Dataset& dataset) {
  check_sizes(dataset);
  const auto classes = static_cast<std::int64_t>(dataset.classes.size());
  for (std::size_t i = 0; i < dataset.labels.size(); ++i)
    if (dataset.labels[i] < 0 || dataset.labels[i] >= classes)
      throw Error(ErrorKind::kOutOfRange, "data set " + dataset.name,
                  "image " + std::to_string(i) + " has the label " +
                      std::to_string(dataset.labels[i]) + "; there are " + std::to_string(classes) +
                      " classes",
                  "check that labels and images belong together");
  for (const double deviation : dataset.deviation)
    if (!(deviation > 0) || !std::isfinite(deviation))
      throw Error(ErrorKind::kOutOfRange, "data set " + dataset.name,
                  "a deviation of " + std::to_string(deviation));
}

void compute_statistics(Dataset& dataset) {
  if (dataset.has_values()) return compute_value_statistics(dataset);
  const auto channels = static_cast<std::size_t>(dataset.channels);
  const auto plane = static_cast<std::size_t>(dataset.height * dataset.width);
  std::vector<std::array<std::int64_t, 256>> histograms(channels);
  for (auto& h : histograms) h.fill(0);
  for (std::size_t begin = 0, c = 0; begin < dataset.pixels.size(); begin += plane) {
    auto& histogram = histograms[c];
    for (std::size_t p = 0; p < plane; ++p) ++histogram[dataset.pixels[begin + p]];
    c = (c + 1) % channels;
  }
  dataset.mean.clear();
  dataset.deviation.clear();
  for (const auto& histogram : histograms) {
    double count = 0, sum = 0, squares = 0;
    for (int v = 0; v < 256; ++v) {
      const double n = static_cast<double>(histogram[static_cast<std::size_t>(v)]);
      count += n;
      sum += n * v;
    }
    const double mean = count > 0 ? sum / count : 0;
    for (int v = 0; v < 256; ++v)
      squares +=
          static_cast<double>(histogram[static_cast<std::size_t>(v)]) * (v - mean) * (v - mean);
    const double deviation = count > 0 ? std::sqrt(squares / count) : 0;
    dataset.mean.push_back(mean / 255);
    dataset.deviation.push_back(deviation > 0 ? deviation / 255 : 1);
  }
}

Indices Splits::retrain() const {
  Indices all;
  std::merge(search_train.begin(), search_train.end(), search_validation.begin(),
             search_validation.end(), std::back_inserter(all));
  return all;
}

std::vector<double> balanced_class_weights(const Dataset& dataset,
                                           std::span<const std::int64_t> indices) {
  std::vector<double> weights(dataset.classes.size(), 0);
  for (std::int64_t i : indices)
    ++weights[static_cast<std::size_t>(dataset.labels[static_cast<std::size_t>(i)])];
  const auto present = static_cast<double>(
      std::count_if(weights.begin(), weights.end(), [](double count) { return count > 0; }));
  for (double& weight : weights)
    if (weight > 0) weight = static_cast<double>(indices.size()) / (present * weight);
  return weights;
}

Splits make_splits(const Dataset& train, double search_validation, double selection,
                   std::uint64_t seed) {
  check_fractions(search_validation, selection);
  check(train);
  Splits splits;
  Quota selected(selection), validated(search_validation);
  for (const Indices& members : shuffled_classes(train, seed)) {
    const std::size_t first = selected.take(members.size(), members.size());
    const std::size_t second = validated.take(members.size(), members.size() - first);
    const auto begin = members.begin();
    const auto middle = begin + static_cast<std::ptrdiff_t>(first);
    const auto rest = middle + static_cast<std::ptrdiff_t>(second);
    splits.selection.insert(splits.selection.end(), begin, middle);
    splits.search_validation.insert(splits.search_validation.end(), middle, rest);
    splits.search_train.insert(splits.search_train.end(), rest, members.end());
  }
  for (Indices* part : {&splits.selection, &splits.search_validation, &splits.search_train})
    std::sort(part->begin(), part->end());
  check_part(splits.selection, "selection", selection, train);
  check_part(splits.search_validation, "search_validation", search_validation, train);
  check_part(splits.search_train, "search_train", 1, train);
  return splits;
}

}  // namespace nasmyth
