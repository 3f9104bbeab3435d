#pragma once

#include <span>
#include <string>
#include <vector>

namespace nasmyth {

/// One network against the reference of the table.
struct ManyToOneRow {
  double difference = 0;   ///< mean over the seeds of its value minus the reference's
  double deviation = 0;    ///< sample deviation of these differences
  double error = 0;        ///< standard error of the mean difference
  double freedom = 0;      ///< degrees of freedom of the error
  bool own_error = false;  ///< the error comes from this row alone
  double p_value = 1;      ///< of "no difference", two-sided
};

/// Compares networks with one reference, all trained with the same seeds: `values[network][seed]`,
/// the reference first; one row for each other network. The seeds are blocks of a two-way analysis
/// of variance, whose residual over all networks gives the error (as in Dunnett 1955): few seeds
/// suffice where there are many networks. A network that varies far more than the others (F test,
/// 1 %) is left out of it and gets the error of its own differences (paired t-test), which a single
/// network has anyway. Throws kShape where seeds are fewer than two or differ in number.
std::vector<ManyToOneRow> many_to_one(std::span<const std::vector<double>> values);

/// The p-value of "the difference is `margin` or more, either way" (two one-sided t-tests,
/// Schuirmann 1987): small where the difference is shown to be smaller. `margin` > 0.
double equivalence_p_value(const ManyToOneRow& row, double margin);

/// Step-down adjustment for the number of tests (Holm 1979): each result is at least its p-value.
std::vector<double> holm(std::span<const double> p_values);

/// P(F > f) for Fisher's F with the given degrees of freedom.
double fisher_tail(double f, double freedom1, double freedom2);

/// What a component is worth by the row of the network without it. `p_difference` and
/// `p_equivalence` are adjusted for the number of rows. In this order:
///   "useless"             the difference is shown to be smaller than `margin`
///   "vital"               the network without it is worse, by five margins or more
///   "helps"               the network without it is worse
///   "harmful"             the network without it is better
///   "not distinguishable" none of these is shown
/// each at the level 0.05.
std::string component_words(double difference, double p_difference, double p_equivalence,
                            double margin);

}  // namespace nasmyth
