#include "nasmyth/graph/choice_function.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "nasmyth/core/error.h"
#include "nasmyth/core/options.h"

namespace nasmyth {
namespace {

constexpr std::size_t kGreatestTable = 4'000'000;

std::size_t position(const std::vector<int>& scope, int choice) {
  auto it = std::lower_bound(scope.begin(), scope.end(), choice);
  if (it == scope.end() || *it != choice) return scope.size();
  return static_cast<std::size_t>(it - scope.begin());
}

std::size_t product(const std::vector<int>& dims, std::size_t from) {
  std::size_t n = 1;
  for (std::size_t i = from; i < dims.size(); ++i) n *= static_cast<std::size_t>(dims[i]);
  return n;
}

// Strides of a table along each variable of a wider scope; 0 where it does not depend on it.
std::vector<std::size_t> strides_in(const std::vector<int>& scope, const std::vector<int>& dims,
                                    const std::vector<int>& wide) {
  std::vector<std::size_t> strides(wide.size(), 0);
  std::size_t stride = 1;
  for (std::size_t i = scope.size(); i-- > 0; stride *= static_cast<std::size_t>(dims[i]))
    strides[position(wide, scope[i])] = stride;
  return strides;
}

std::string joined(const ChoiceFunction& a, const char* symbol, const ChoiceFunction& b) {
  if (a.source().empty() || b.source().empty()) return {};
  return "(" + a.source() + " " + symbol + " " + b.source() + ")";
}

std::string called(const char* name, const ChoiceFunction& a, const ChoiceFunction& b) {
  if (a.source().empty() || b.source().empty()) return {};
  return std::string(name) + "(" + a.source() + ", " + b.source() + ")";
}

double round_to_8(double value) {
  const double rounded = std::max(8.0, 8 * std::floor((value + 4) / 8));
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}

}  // namespace

ChoiceFunction::ChoiceFunction(double constant) : values_{constant} {
  source_ = print_number(constant);
}

ChoiceFunction ChoiceFunction::of(int choice, std::vector<double> values, std::string source) {
  const int size = static_cast<int>(values.size());
  return from_table({choice}, {size}, std::move(values), std::move(source));
}

ChoiceFunction ChoiceFunction::from_table(std::vector<int> scope, std::vector<int> dims,
                                          std::vector<double> values, std::string source) {
  bool good = scope.size() == dims.size() && std::is_sorted(scope.begin(), scope.end()) &&
              std::adjacent_find(scope.begin(), scope.end()) == scope.end();
  std::size_t entries = 1;
  for (int d : dims) {
    good = good && d > 0 && entries <= kGreatestTable;
    if (good) entries *= static_cast<std::size_t>(d);
  }
  if (!good || entries != values.size())
    throw Error(ErrorKind::kInvalidArgument, "choice function",
                "scope, option counts and values do not fit each other");
  ChoiceFunction f;
  f.scope_ = std::move(scope);
  f.dims_ = std::move(dims);
  f.values_ = std::move(values);
  f.source_ = std::move(source);
  if (f.scope_.empty() && f.source_.empty()) f.source_ = print_number(f.values_[0]);
  return f;
}

double ChoiceFunction::constant() const {
  if (!is_constant())
    throw Error(ErrorKind::kInvalidArgument, "choice function",
                "a value still depends on " + std::to_string(scope_.size()) + " open choice(s)" +
                    (source_.empty() ? "" : ": " + source_),
                "bind the graph to an architecture first");
  return values_[0];
}

double ChoiceFunction::at(std::span<const int> options) const {
  std::size_t index = 0;
  for (std::size_t s = 0; s < scope_.size(); ++s)
    index = index * static_cast<std::size_t>(dims_[s]) +
            static_cast<std::size_t>(options[static_cast<std::size_t>(scope_[s])]);
  return values_[index];
}

double ChoiceFunction::minimum() const { return *std::min_element(values_.begin(), values_.end()); }
double ChoiceFunction::maximum() const { return *std::max_element(values_.begin(), values_.end()); }

ChoiceFunction ChoiceFunction::with_source(std::string source) const {
  ChoiceFunction f = *this;
  f.source_ = std::move(source);
  return f;
}

bool ChoiceFunction::depends_on(int choice) const {
  return position(scope_, choice) != scope_.size();
}

bool operator==(const ChoiceFunction& a, const ChoiceFunction& b) {
  if (a.scope_ == b.scope_) return a.values_ == b.values_;
  const ChoiceFunction differ = combine(a, b, [](double x, double y) { return double(x != y); });
  return differ.maximum() == 0;
}

ChoiceFunction combine(const ChoiceFunction& a, const ChoiceFunction& b,
                       const std::function<double(double, double)>& f, std::string source) {
  if (a.is_constant() && b.is_constant()) return ChoiceFunction(f(a.values_[0], b.values_[0]));
  std::map<int, int> dims;
  for (const auto* t : {&a, &b})
    for (std::size_t i = 0; i < t->scope_.size(); ++i) {
      const auto [known, fresh] = dims.emplace(t->scope_[i], t->dims_[i]);
      if (known->second != t->dims_[i])
        throw Error(ErrorKind::kInvalidArgument, "choice function",
                    "choice " + std::to_string(t->scope_[i]) + " has " +
                        std::to_string(known->second) + " options in one function and " +
                        std::to_string(t->dims_[i]) + " in the other",
                    "combine functions of one set of choices");
    }
  ChoiceFunction r;
  std::size_t entries = 1;
  for (auto [choice, size] : dims) {
    r.scope_.push_back(choice);
    r.dims_.push_back(size);
    entries *= static_cast<std::size_t>(size);
    if (entries > kGreatestTable)
      throw Error(ErrorKind::kOutOfRange, "choice function",
                  "a table over " + std::to_string(dims.size()) + " choices is too large",
                  "make the expression depend on fewer choices");
  }
  const auto step_a = strides_in(a.scope_, a.dims_, r.scope_);
  const auto step_b = strides_in(b.scope_, b.dims_, r.scope_);
  r.values_.resize(entries);
  r.source_ = std::move(source);
  std::vector<int> x(r.scope_.size(), 0);
  std::size_t ia = 0, ib = 0;
  for (std::size_t i = 0; i < entries; ++i) {
    r.values_[i] = f(a.values_[ia], b.values_[ib]);
    for (std::size_t k = x.size(); k-- > 0;) {
      ia += step_a[k], ib += step_b[k];
      if (++x[k] < r.dims_[k]) break;
      const auto n = static_cast<std::size_t>(r.dims_[k]);
      ia -= step_a[k] * n, ib -= step_b[k] * n, x[k] = 0;
    }
  }
  return r;
}

ChoiceFunction operator+(const ChoiceFunction& a, const ChoiceFunction& b) {
  return combine(a, b, std::plus<>(), joined(a, "+", b));
}
ChoiceFunction operator-(const ChoiceFunction& a, const ChoiceFunction& b) {
  return combine(a, b, std::minus<>(), joined(a, "-", b));
}
ChoiceFunction operator*(const ChoiceFunction& a, const ChoiceFunction& b) {
  return combine(
      a, b, [](double x, double y) { return x == 0 || y == 0 ? 0 : x * y; }, joined(a, "*", b));
}
ChoiceFunction floordiv(const ChoiceFunction& a, const ChoiceFunction& b) {
  return combine(
      a, b, [](double x, double y) { return std::floor(x / y); }, called("floordiv", a, b));
}
ChoiceFunction max(const ChoiceFunction& a, const ChoiceFunction& b) {
  return combine(
      a, b, [](double x, double y) { return std::max(x, y); }, called("max", a, b));
}
ChoiceFunction round8(const ChoiceFunction& a) {
  const std::string source = a.source().empty() ? "" : "round8(" + a.source() + ")";
  return combine(
      a, 0, [](double x, double) { return round_to_8(x); }, source);
}

ChoiceFunction reduce(const ChoiceFunction& function, int choice, double initial,
                      const std::function<double(double, double, int)>& fold) {
  const std::size_t k = position(function.scope(), choice);
  if (k == function.scope().size()) {
    std::vector<double> values(function.values().size(), initial);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = fold(initial, function.values()[i], 0);
    return ChoiceFunction::from_table(function.scope(), function.dims(), std::move(values));
  }
  auto scope = function.scope();
  auto dims = function.dims();
  const auto options = static_cast<std::size_t>(dims[k]);
  const std::size_t inner = product(dims, k + 1);
  scope.erase(scope.begin() + static_cast<std::ptrdiff_t>(k));
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(k));
  std::vector<double> values(function.values().size() / options, initial);
  for (std::size_t i = 0; i < function.values().size(); ++i) {
    double& out = values[i / (inner * options) * inner + i % inner];
    out = fold(out, function.values()[i], static_cast<int>(i / inner % options));
  }
  return ChoiceFunction::from_table(std::move(scope), std::move(dims), std::move(values));
}

ChoiceFunction fix(const ChoiceFunction& function, int choice, int option) {
  if (!function.depends_on(choice)) return function;
  const std::size_t k = position(function.scope(), choice);
  if (option < 0 || option >= function.dims()[k])
    throw Error(ErrorKind::kOutOfRange, "choice function",
                "option " + std::to_string(option) + " of choice " + std::to_string(choice));
  return reduce(function, choice, 0,
                [option](double kept, double x, int o) { return o == option ? x : kept; });
}

ChoiceFunction keep_options(const ChoiceFunction& function, int choice, std::span<const int> kept) {
  const std::size_t k = position(function.scope(), choice);
  if (k == function.scope().size()) return function;
  auto dims = function.dims();
  const auto old_options = static_cast<std::size_t>(dims[k]);
  const std::size_t inner = product(dims, k + 1);
  const std::size_t outer = function.values().size() / (inner * old_options);
  dims[k] = static_cast<int>(kept.size());
  std::vector<double> values;
  values.reserve(outer * kept.size() * inner);
  for (std::size_t a = 0; a < outer; ++a)
    for (int o : kept)
      for (std::size_t b = 0; b < inner; ++b)
        values.push_back(
            function.values()[(a * old_options + static_cast<std::size_t>(o)) * inner + b]);
  return ChoiceFunction::from_table(function.scope(), std::move(dims), std::move(values),
                                    function.source());
}

ChoiceFunction minimum_over(const ChoiceFunction& function, int choice) {
  if (!function.depends_on(choice)) return function;
  return reduce(function, choice, kInfinity,
                [](double least, double x, int) { return std::min(least, x); });
}

ChoiceFunction simplify(const ChoiceFunction& function) {
  ChoiceFunction f = function;
  for (std::size_t k = f.scope().size(); k-- > 0;) {
    const int choice = f.scope()[k];
    const auto least = minimum_over(f, choice);
    const auto greatest =
        reduce(f, choice, -kInfinity, [](double m, double x, int) { return std::max(m, x); });
    if (least.values() == greatest.values()) f = least.with_source(f.source());
  }
  if (f.is_constant()) f = f.with_source(print_number(f.constant()));
  return f;
}

ChoiceFunction renumber(const ChoiceFunction& function, std::span<const int> new_index) {
  if (function.is_constant()) return function;
  const std::size_t n = function.scope().size();
  std::vector<std::pair<int, std::size_t>> order;
  for (std::size_t i = 0; i < n; ++i)
    order.emplace_back(new_index[static_cast<std::size_t>(function.scope()[i])], i);
  std::sort(order.begin(), order.end());
  std::vector<int> scope, dims;
  std::vector<std::size_t> stride(n, 1);
  for (std::size_t i = n; i-- > 1;)
    stride[i - 1] = stride[i] * static_cast<std::size_t>(function.dims()[i]);
  for (auto [index, old] : order) {
    scope.push_back(index);
    dims.push_back(function.dims()[old]);
  }
  std::vector<double> values(function.values().size());
  std::vector<int> x(n, 0);
  for (double& value : values) {
    std::size_t from = 0;
    for (std::size_t k = 0; k < n; ++k)
      from += static_cast<std::size_t>(x[k]) * stride[order[k].second];
    value = function.values()[from];
    for (std::size_t k = n; k-- > 0;) {
      if (++x[k] < dims[k]) break;
      x[k] = 0;
    }
  }
  return ChoiceFunction::from_table(std::move(scope), std::move(dims), std::move(values),
                                    function.source());
}

double expectation(const ChoiceFunction& function,
                   std::span<const std::vector<double>> probabilities) {
  ChoiceFunction f = function;
  while (!f.is_constant()) {
    const int choice = f.scope().back();
    const auto& p = probabilities[static_cast<std::size_t>(choice)];
    f = reduce(f, choice, 0, [&p](double sum, double x, int o) {
      return sum + p[static_cast<std::size_t>(o)] * x;
    });
  }
  return f.constant();
}

}  // namespace nasmyth
