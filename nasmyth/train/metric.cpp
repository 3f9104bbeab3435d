#include "nasmyth/train/metric.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

// Sums over rows, columns and the diagonal of the confusion matrix.
struct ClassCounts {
  double samples = 0, predicted = 0, right = 0;
};

std::vector<ClassCounts> class_counts(const Evaluation& e) {
  const auto n = static_cast<std::size_t>(std::llround(std::sqrt(e.confusion.size())));
  std::vector<ClassCounts> counts(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const auto v = static_cast<double>(e.confusion[i * n + j]);
      counts[i].samples += v;
      counts[j].predicted += v;
      if (i == j) counts[i].right = v;
    }
  return counts;
}

// Mean over the classes that the samples have.
template <class F>
double mean_over_classes(const std::vector<ClassCounts>& counts, F value) {
  double sum = 0, present = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c].samples == 0) continue;
    sum += value(c);
    ++present;
  }
  return present > 0 ? sum / present : 0;
}

double accuracy(const Evaluation& e, std::span<const std::int64_t>) { return e.accuracy; }

double balanced_accuracy(const Evaluation& e, std::span<const std::int64_t>) {
  const auto counts = class_counts(e);
  return mean_over_classes(counts,
                           [&](std::size_t c) { return counts[c].right / counts[c].samples; });
}

double macro_f1(const Evaluation& e, std::span<const std::int64_t>) {
  const auto counts = class_counts(e);
  return mean_over_classes(counts, [&](std::size_t c) {
    return 2 * counts[c].right / (counts[c].samples + counts[c].predicted);
  });
}

// The chance that a sample of the class has a higher score than one of another class, ties half:
// from the sum of ranks (Mann and Whitney).
double class_auc(const Evaluation& e, std::span<const std::int64_t> labels, std::size_t c,
                 std::size_t classes) {
  const auto score = [&](std::size_t i) { return e.scores[i * classes + c]; };
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
  double ranks = 0, own = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && score(order[last]) == score(order[first])) ++last;
    const double rank = 0.5 * static_cast<double>(first + 1 + last);
    for (; first < last; ++first)
      if (labels[order[first]] == static_cast<std::int64_t>(c)) {
        ranks += rank;
        ++own;
      }
  }
  const double others = static_cast<double>(labels.size()) - own;
  return others > 0 ? (ranks - own * (own + 1) / 2) / (own * others) : 1;
}

double auc(const Evaluation& e, std::span<const std::int64_t> labels) {
  const auto counts = class_counts(e);
  return mean_over_classes(counts,
                           [&](std::size_t c) { return class_auc(e, labels, c, counts.size()); });
}

std::vector<std::int64_t> labels_of(const Dataset& data, std::span<const std::int64_t> indices) {
  std::vector<std::int64_t> labels;
  for (std::int64_t i : indices) labels.push_back(data.labels[static_cast<std::size_t>(i)]);
  return labels;
}

}  // namespace

Registry<MetricEntry>& metrics() {
  static Registry<MetricEntry>& registry = *[] {
    auto* r = new Registry<MetricEntry>("metric");  // never destroyed
#define NASMYTH_METRIC(name, function, chance, help) r->add(#name, {help, &function, chance});
#include "nasmyth/train/metrics.def"
#undef NASMYTH_METRIC
    return r;
  }();
  return registry;
}

std::vector<std::pair<std::string, double>> all_metrics(const Evaluation& evaluation,
                                                        const Dataset& data,
                                                        std::span<const std::int64_t> indices) {
  const std::vector<std::int64_t> labels = labels_of(data, indices);
  std::vector<std::pair<std::string, double>> values;
  for (const auto& [name, entry] : metrics())
    values.emplace_back(name, entry.value(evaluation, labels));
  return values;
}

double metric(std::string_view name, const Evaluation& evaluation, const Dataset& data,
              std::span<const std::int64_t> indices) {
  return metrics().get(name, "objective").value(evaluation, labels_of(data, indices));
}

}  // namespace nasmyth
