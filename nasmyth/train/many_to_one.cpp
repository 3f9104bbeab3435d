#include "nasmyth/train/many_to_one.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/train/statistics.h"

namespace nasmyth {
namespace {

constexpr double kLevel = 0.05;
constexpr double kUnlike = 0.01;  // level of the F test on a row's variance
constexpr double kMarginsOfVital = 5;

void check_blocks(std::span<const std::vector<double>> values) {
  const std::size_t seeds = values.empty() ? 0 : values.front().size();
  for (const auto& row : values)
    if (row.size() != seeds || seeds < 2)
      throw Error(ErrorKind::kShape, "many_to_one",
                  "each network needs a value for each of two or more seeds; got " +
                      std::to_string(row.size()) + " of " + std::to_string(seeds));
}

std::vector<double> differences(const std::vector<double>& row, const std::vector<double>& first) {
  std::vector<double> d;
  for (std::size_t s = 0; s < row.size(); ++s) d.push_back(row[s] - first[s]);
  return d;
}

// Mean square of what neither network nor seed explains, over the rows that count.
double residual(std::span<const std::vector<double>> values, const std::vector<bool>& counts,
                double& freedom) {
  const std::size_t seeds = values.front().size();
  std::vector<double> seed_means(seeds, 0);
  double networks = 0, grand = 0;
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (!counts[v]) continue;
    ++networks;
    for (std::size_t s = 0; s < seeds; ++s) seed_means[s] += values[v][s];
  }
  for (double& mean : seed_means) grand += (mean /= networks) / static_cast<double>(seeds);
  double squares = 0;
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (!counts[v]) continue;
    const double own = summarize(values[v]).mean;
    for (std::size_t s = 0; s < seeds; ++s) {
      const double rest = values[v][s] - own - seed_means[s] + grand;
      squares += rest * rest;
    }
  }
  freedom = (networks - 1) * static_cast<double>(seeds - 1);
  return freedom > 0 ? squares / freedom : 0;
}

// Takes the network that varies most out of the common error, where it varies far more than the
// rest; false where it does not.
bool leave_out_noisiest(std::span<const std::vector<double>> values,
                        const std::vector<ManyToOneRow>& rows, std::vector<bool>& counts) {
  constexpr double kNothing = 1e-20;  // rounding
  std::size_t noisiest = 0;
  for (std::size_t v = 1; v < values.size(); ++v)
    if (counts[v] && (noisiest == 0 || rows[v - 1].deviation > rows[noisiest - 1].deviation))
      noisiest = v;
  if (noisiest == 0) return false;
  std::vector<bool> rest = counts;
  rest[noisiest] = false;
  double freedom = 0;
  const double others = residual(values, rest, freedom);
  // The variance of one network: a difference has that of two.
  const double own = rows[noisiest - 1].deviation * rows[noisiest - 1].deviation / 2;
  const auto seeds = static_cast<double>(values.front().size());
  if (freedom <= 0 || own <= kNothing || fisher_tail(own / others, seeds - 1, freedom) >= kUnlike)
    return false;
  counts = std::move(rest);
  return true;
}

// P(T > t).
double upper_tail(double t, double freedom) {
  const double two_sided = student_p_value(t, freedom);
  return t > 0 ? two_sided / 2 : 1 - two_sided / 2;
}

void finish(ManyToOneRow& row) {
  if (row.error > 0)
    row.p_value = student_p_value(row.difference / row.error, row.freedom);
  else
    row.p_value = row.difference == 0 ? 1 : 0;
}

}  // namespace

double fisher_tail(double f, double freedom1, double freedom2) {
  if (!(f > 0)) return 1;
  if (std::isinf(f)) return 0;
  return incomplete_beta(freedom2 / 2, freedom1 / 2, freedom2 / (freedom2 + freedom1 * f));
}

std::vector<ManyToOneRow> many_to_one(std::span<const std::vector<double>> values) {
  check_blocks(values);
  std::vector<ManyToOneRow> rows;
  if (values.empty()) return rows;
  const auto seeds = static_cast<double>(values.front().size());
  std::vector<bool> counts(values.size(), true);
  for (std::size_t v = 1; v < values.size(); ++v) {
    const Summary d = summarize(differences(values[v], values.front()));
    rows.push_back({d.mean, d.deviation, 0, seeds - 1, true, 1.0});
  }
  while (leave_out_noisiest(values, rows, counts)) continue;
  double freedom = 0;
  const double square = residual(values, counts, freedom);
  for (std::size_t v = 1; v < values.size(); ++v) {
    ManyToOneRow& row = rows[v - 1];
    row.own_error = !counts[v];
    row.error = row.own_error ? row.deviation / std::sqrt(seeds) : std::sqrt(2 * square / seeds);
    if (!row.own_error) row.freedom = freedom;
    finish(row);
  }
  return rows;
}

double equivalence_p_value(const ManyToOneRow& row, double margin) {
  const double room = margin - std::abs(row.difference);
  if (!(row.error > 0)) return room > 0 ? 0 : 1;
  return upper_tail(room / row.error, row.freedom);
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double least = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    least = std::max(least, static_cast<double>(order.size() - i) * p_values[order[i]]);
    adjusted[order[i]] = std::min(least, 1.0);
  }
  return adjusted;
}

std::string component_words(double difference, double p_difference, double p_equivalence,
                            double margin) {
  if (p_equivalence < kLevel) return "useless";
  if (!(p_difference < kLevel) || difference == 0) return "not distinguishable";
  if (difference > 0) return "harmful";
  return -difference >= kMarginsOfVital * margin ? "vital" : "helps";
}

}  // namespace nasmyth
