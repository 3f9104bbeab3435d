#pragma once

#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace nasmyth {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A function of some choices, kept as a table over their options. One type serves attribute
/// expressions (`round8(expand * width)`), symbolic dimensions, liveness of a node, constraints and
/// cost factors; an empty scope is an ordinary number. Choices are named by their index in the
/// graph's ChoiceSet. A value; thread-safe to read.
class ChoiceFunction {
 public:
  ChoiceFunction(double constant = 0);  // NOLINT: numbers are choice functions

  /// The function that maps option `i` of `choice` to `values[i]`. `source` is its text ("width").
  static ChoiceFunction of(int choice, std::vector<double> values, std::string source = {});

  /// From parts, for readers of files. `scope` ascending, `dims` the option counts, `values` row
  /// major with the last choice fastest. Throws kInvalidArgument when they do not fit.
  static ChoiceFunction from_table(std::vector<int> scope, std::vector<int> dims,
                                   std::vector<double> values, std::string source = {});

  bool is_constant() const { return scope_.empty(); }
  /// The number of a constant function; throws kInvalidArgument while choices are open.
  double constant() const;
  /// The value under `options`, the option of every choice of the set (indexed by choice).
  double at(std::span<const int> options) const;
  double minimum() const;
  double maximum() const;

  const std::vector<int>& scope() const { return scope_; }
  const std::vector<int>& dims() const { return dims_; }
  const std::vector<double>& values() const { return values_; }
  /// The expression it came from, or the number; informative.
  const std::string& source() const { return source_; }
  ChoiceFunction with_source(std::string source) const;

  bool depends_on(int choice) const;

  /// Equal as functions (a choice without effect does not matter).
  friend bool operator==(const ChoiceFunction& a, const ChoiceFunction& b);

 private:
  friend ChoiceFunction combine(const ChoiceFunction&, const ChoiceFunction&,
                                const std::function<double(double, double)>&, std::string);
  std::vector<int> scope_;
  std::vector<int> dims_;
  std::vector<double> values_{0};
  std::string source_;
};

/// The pointwise combination over the union of both scopes. Throws kOutOfRange beyond 4,000,000
/// entries, naming the scope's size.
ChoiceFunction combine(const ChoiceFunction& a, const ChoiceFunction& b,
                       const std::function<double(double, double)>& f, std::string source = {});

ChoiceFunction operator+(const ChoiceFunction& a, const ChoiceFunction& b);
ChoiceFunction operator-(const ChoiceFunction& a, const ChoiceFunction& b);
/// Zero times infinity is zero: a dead node costs nothing.
ChoiceFunction operator*(const ChoiceFunction& a, const ChoiceFunction& b);
ChoiceFunction floordiv(const ChoiceFunction& a, const ChoiceFunction& b);
ChoiceFunction max(const ChoiceFunction& a, const ChoiceFunction& b);
/// Channel rounding of mobile networks: max(8, 8*floor((v+4)/8)), 8 more if below 0.9 v.
ChoiceFunction round8(const ChoiceFunction& a);

/// `function` with `choice` set to `option`; unchanged when it does not depend on it.
ChoiceFunction fix(const ChoiceFunction& function, int choice, int option);
/// `function` re-indexed to a subset of a choice's options (ascending old indices).
ChoiceFunction keep_options(const ChoiceFunction& function, int choice, std::span<const int> kept);
/// Folds one choice away: result = fold(result, value, option), beginning with `initial`.
ChoiceFunction reduce(const ChoiceFunction& function, int choice, double initial,
                      const std::function<double(double, double, int)>& fold);
ChoiceFunction minimum_over(const ChoiceFunction& function, int choice);
/// Without the choices on which it does not really depend.
ChoiceFunction simplify(const ChoiceFunction& function);
/// Choices renumbered: old index -> new index (order may change).
ChoiceFunction renumber(const ChoiceFunction& function, std::span<const int> new_index);

/// Sum over all assignments of value * product of the choices' probabilities (independent choices);
/// `probabilities[c]` are those of choice c.
double expectation(const ChoiceFunction& function,
                   std::span<const std::vector<double>> probabilities);

}  // namespace nasmyth
