#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace nasmyth {

/// Two-sided comparison of two classifiers on the same samples (McNemar 1947).
struct McNemarTest {
  std::int64_t first_only = 0;   ///< samples that only the first classifier has right
  std::int64_t second_only = 0;  ///< samples that only the second classifier has right
  double p_value = 1;
};

/// Exact (binomial) up to 10,000 samples on which the two differ, beyond that the chi-square form
/// with continuity correction. Throws kShape when the lengths differ.
McNemarTest mcnemar_test(std::span<const int> first, std::span<const int> second,
                         std::span<const std::int64_t> labels);
/// The same from the counts.
double mcnemar_p_value(std::int64_t first_only, std::int64_t second_only);

/// Mean and sample deviation (divisor n - 1; 0 for fewer than two values).
struct Summary {
  std::int64_t count = 0;
  double mean = 0;
  double deviation = 0;
};
Summary summarize(std::span<const double> values);

/// The interval that holds a share with 95 % confidence (Wilson 1927), given `right` of `all`
/// samples: lower and upper end in [0, 1]; [0, 1] without samples.
std::pair<double, double> share_interval(double right, double all);

/// "91.83 ± 0.12", both with `digits` decimals after multiplication by `scale`.
std::string to_string(const Summary& summary, int digits, double scale = 1);

/// Two-sided comparison of two means with unequal variances (Welch 1947).
struct WelchTest {
  double difference = 0;  ///< mean of the first minus mean of the second
  double t = 0;
  double freedom = 0;  ///< degrees of freedom (Welch-Satterthwaite)
  double p_value = 1;
};

/// Fewer than two values on a side: p = 1. No variance on either side: p = 0 unless the means are
/// equal.
WelchTest welch_test(std::span<const double> first, std::span<const double> second);

/// The two-sided p-value of Student's t with `freedom` degrees of freedom.
double student_p_value(double t, double freedom);

/// Regularised incomplete beta function I_x(a, b); a, b > 0, x in [0, 1].
double incomplete_beta(double a, double b, double x);

/// What a comparison may be called: "better" or "worse" (the first, where greater is better) when
/// `p_value` < `level`, else "not distinguishable".
std::string compare_words(double difference, double p_value, double level = 0.05);
std::string compare_words(const McNemarTest& test, double level = 0.05);
std::string compare_words(const WelchTest& test, double level = 0.05);

/// A p-value for people: "0.031", "< 0.0001"; "n/a" for what is no number.
std::string p_text(double p);

}  // namespace nasmyth
