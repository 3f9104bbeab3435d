#include "nasmyth/train/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kGreatestExact = 10'000;

// P(X <= k) for X ~ Binomial(n, 1/2).
double half_binomial_tail(std::int64_t k, std::int64_t n) {
  double tail = 0;
  const double log_all = static_cast<double>(n) * std::numbers::ln2;
  double log_ways = 0;
  for (std::int64_t i = 0; i <= k; ++i) {
    if (i > 0) log_ways += std::log(static_cast<double>(n - i + 1) / static_cast<double>(i));
    tail += std::exp(log_ways - log_all);
  }
  return tail;
}

// The continued fraction of the incomplete beta function, by the modified Lentz algorithm.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double result = d;
  for (int m = 1; m <= 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    result *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    result *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

}  // namespace

double mcnemar_p_value(std::int64_t first_only, std::int64_t second_only) {
  const std::int64_t n = first_only + second_only;
  if (n == 0 || first_only == second_only) return 1;
  if (n <= kGreatestExact)
    return std::min(1.0, 2 * half_binomial_tail(std::min(first_only, second_only), n));
  const double excess = std::abs(static_cast<double>(first_only - second_only)) - 1;
  const double chi_square = excess * excess / static_cast<double>(n);
  return std::erfc(std::sqrt(chi_square / 2));
}

McNemarTest mcnemar_test(std::span<const int> first, std::span<const int> second,
                         std::span<const std::int64_t> labels) {
  if (first.size() != labels.size() || second.size() != labels.size())
    throw Error(ErrorKind::kShape, "mcnemar_test",
                "predictions and labels differ in number; got " + std::to_string(first.size()) +
                    ", " + std::to_string(second.size()) + " and " + std::to_string(labels.size()));
  McNemarTest test;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool right1 = first[i] == labels[i], right2 = second[i] == labels[i];
    if (right1 && !right2) ++test.first_only;
    if (right2 && !right1) ++test.second_only;
  }
  test.p_value = mcnemar_p_value(test.first_only, test.second_only);
  return test;
}

Summary summarize(std::span<const double> values) {
  Summary s;
  s.count = static_cast<std::int64_t>(values.size());
  if (values.empty()) return s;
  const double n = static_cast<double>(values.size());
  for (double v : values) s.mean += v / n;
  if (values.size() < 2) return s;
  double squares = 0;
  for (double v : values) squares += (v - s.mean) * (v - s.mean);
  s.deviation = std::sqrt(squares / (n - 1));
  return s;
}

std::pair<double, double> share_interval(double right, double all) {
  if (!(all > 0)) return {0, 1};
  constexpr double kZ = 1.959963984540054;  // 97.5 % of the normal distribution
  const double share = std::clamp(right / all, 0.0, 1.0), z2 = kZ * kZ;
  const double middle = (share + z2 / (2 * all)) / (1 + z2 / all);
  const double half =
      kZ * std::sqrt(share * (1 - share) / all + z2 / (4 * all * all)) / (1 + z2 / all);
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

std::string to_string(const Summary& summary, int digits, double scale) {
  char text[96];
  std::snprintf(text, sizeof text, "%.*f ± %.*f", digits, summary.mean * scale, digits,
                summary.deviation * scale);
  return text;
}

double incomplete_beta(double a, double b, double x) {
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  const double log_factor =
      std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  const double factor = std::exp(log_factor);
  // The fraction converges quickly on this side of the mean only.
  if (x < (a + 1) / (a + b + 2)) return factor * beta_fraction(a, b, x) / a;
  return 1 - factor * beta_fraction(b, a, 1 - x) / b;
}

double student_p_value(double t, double freedom) {
  if (std::isinf(t)) return 0;
  return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

WelchTest welch_test(std::span<const double> first, std::span<const double> second) {
  const Summary a = summarize(first), b = summarize(second);
  WelchTest test;
  test.difference = a.mean - b.mean;
  if (a.count < 2 || b.count < 2) return test;
  const double va = a.deviation * a.deviation / static_cast<double>(a.count);
  const double vb = b.deviation * b.deviation / static_cast<double>(b.count);
  if (va + vb == 0) {
    if (test.difference == 0) return test;
    test.t = std::copysign(std::numeric_limits<double>::infinity(), test.difference);
    test.p_value = 0;
    return test;
  }
  test.t = test.difference / std::sqrt(va + vb);
  test.freedom =
      (va + vb) * (va + vb) /
      (va * va / static_cast<double>(a.count - 1) + vb * vb / static_cast<double>(b.count - 1));
  test.p_value = student_p_value(test.t, test.freedom);
  return test;
}

std::string compare_words(double difference, double p_value, double level) {
  if (!(p_value < level) || difference == 0) return "not distinguishable";
  return difference > 0 ? "better" : "worse";
}

std::string compare_words(const McNemarTest& test, double level) {
  return compare_words(static_cast<double>(test.first_only - test.second_only), test.p_value,
                       level);
}

std::string compare_words(const WelchTest& test, double level) {
  return compare_words(test.difference, test.p_value, level);
}

std::string p_text(double p) {
  if (!std::isfinite(p)) return "n/a";
  if (p < 1e-4) return "< 0.0001";
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", p);
  return text;
}

}  // namespace nasmyth
