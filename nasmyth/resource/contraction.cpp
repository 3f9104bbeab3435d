#include "nasmyth/resource/contraction.h"

#include <algorithm>
#include <set>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::size_t kGreatestTable = std::size_t{1} << 22;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// 1 where the named variable tells the function's value, 0 elsewhere.
ChoiceFunction indicator(const NamedFunction& named, int variable) {
  return combine(named.function, ChoiceFunction::of(variable, named.values),
                 [](double a, double b) { return a == b ? 1 : 0; });
}

// The function and the definitions that it needs.
std::vector<ChoiceFunction> closure(const ChoiceFunction& function,
                                    const std::vector<NamedFunction>& named, int choices) {
  std::vector<ChoiceFunction> tables{function};
  std::set<int> done;
  for (std::size_t t = 0; t < tables.size(); ++t)
    for (int v : std::vector<int>(tables[t].scope()))
      if (v >= choices && done.insert(v).second)
        tables.push_back(indicator(named[at(v - choices)], v));
  return tables;
}

bool contains(const std::vector<int>& scope, int variable) {
  return std::binary_search(scope.begin(), scope.end(), variable);
}

// Capped, so that it cannot overflow.
std::size_t table_size(const std::vector<int>& scope, const std::vector<int>& dims) {
  std::size_t size = 1;
  for (int v : scope) size = std::min(size * at(dims[at(v)]), kGreatestTable + 1);
  return size;
}

// For each entry of a row-major table over `wide`, the entry of one over `scope`.
std::vector<std::uint32_t> index_map(const std::vector<int>& wide, const std::vector<int>& scope,
                                     const std::vector<int>& dims) {
  std::size_t size = 1, stride = 1;
  for (int v : wide) size *= at(dims[at(v)]);
  std::vector<std::size_t> strides(wide.size(), 0);
  for (std::size_t k = scope.size(); k-- > 0; stride *= at(dims[at(scope[k])]))
    strides[static_cast<std::size_t>(std::find(wide.begin(), wide.end(), scope[k]) -
                                     wide.begin())] = stride;
  std::vector<std::uint32_t> index(size);
  std::vector<int> x(wide.size(), 0);
  std::size_t from = 0;
  for (auto& entry : index) {
    entry = static_cast<std::uint32_t>(from);
    for (std::size_t k = x.size(); k-- > 0;) {
      const std::size_t n = at(dims[at(wide[k])]);
      from += strides[k];
      if (at(++x[k]) < n) break;
      from -= strides[k] * n;
      x[k] = 0;
    }
  }
  return index;
}

}  // namespace

// Something that still has to be multiplied in: a function or the message of a step.
struct Contraction::Factor {
  std::vector<int> scope;  // ascending
  int function = -1, step = -1;
};

std::vector<const Contraction::Factor*> Contraction::touching(const std::vector<Factor>& factors,
                                                              int variable) {
  std::vector<const Factor*> found;
  for (const auto& f : factors)
    if (contains(f.scope, variable)) found.push_back(&f);
  return found;
}

std::vector<int> Contraction::united(const std::vector<const Factor*>& factors) {
  std::set<int> all;
  for (const auto* f : factors) all.insert(f->scope.begin(), f->scope.end());
  return {all.begin(), all.end()};
}

// The variable of the smallest product; of equals the one that shrinks it most.
int Contraction::cheapest(const std::set<int>& open, const std::vector<Factor>& factors,
                          const std::vector<int>& dims) {
  int best = -1;
  std::size_t least = 0;
  for (int v : open) {
    const std::size_t size = table_size(united(touching(factors, v)), dims);
    if (best < 0 || size < least || (size == least && dims[at(v)] > dims[at(best)])) {
      best = v;
      least = size;
    }
  }
  if (least > kGreatestTable)
    throw Error(ErrorKind::kUnsupported, "expected cost",
                "the conditions under which nodes are alive depend on too many choices at once",
                "search without limits in the loss (penalty 0); the selection still obeys them");
  return best;
}

Contraction::Contraction(const ChoiceFunction& function, const std::vector<NamedFunction>& named,
                         const std::vector<int>& dims, int choices) {
  if (function.is_constant())
    constant_ = function.constant();
  else
    plan(closure(function, named, choices), dims, choices);
}

void Contraction::plan(const std::vector<ChoiceFunction>& tables, const std::vector<int>& dims,
                       int choices) {
  std::vector<Factor> factors;
  std::set<int> open;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    factors.push_back({tables[t].scope(), static_cast<int>(t), -1});
    open.insert(tables[t].scope().begin(), tables[t].scope().end());
  }
  while (!open.empty()) {
    const int variable = cheapest(open, factors, dims);
    open.erase(variable);
    const auto found = touching(factors, variable);
    std::vector<int> rest = united(found);
    std::erase(rest, variable);
    steps_.push_back(step(variable, rest, found, tables, dims, choices));
    std::erase_if(factors, [&](const Factor& f) { return contains(f.scope, variable); });
    const int index = static_cast<int>(steps_.size()) - 1;
    if (rest.empty())
      last_.push_back(at(index));
    else
      factors.push_back({rest, -1, index});
  }
}

Contraction::Step Contraction::step(int variable, const std::vector<int>& rest,
                                    const std::vector<const Factor*>& found,
                                    const std::vector<ChoiceFunction>& tables,
                                    const std::vector<int>& dims, int choices) {
  Step step;
  step.variable = variable;
  step.options = at(dims[at(variable)]);
  step.weighted = variable < choices;
  step.size = table_size(rest, dims);
  std::vector<int> wide = rest;
  wide.push_back(variable);
  for (const auto* f : found) {
    auto index = index_map(wide, f->scope, dims);
    if (f->step >= 0) {
      step.inputs.push_back({at(f->step), std::move(index)});
      continue;
    }
    const auto& values = tables[at(f->function)].values();
    if (step.table.empty()) step.table.assign(index.size(), 1);
    for (std::size_t i = 0; i < index.size(); ++i) step.table[i] *= values[index[i]];
  }
  return step;
}

void Contraction::forward(const std::vector<std::vector<double>>& probabilities,
                          Messages& messages) const {
  messages.resize(steps_.size());
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const Step& step = steps_[s];
    const double* p = step.weighted ? probabilities[at(step.variable)].data() : nullptr;
    messages[s].assign(step.size, 0);
    std::size_t i = 0;
    for (double& out : messages[s])
      for (std::size_t o = 0; o < step.options; ++o, ++i) {
        double product = step.table.empty() ? 1 : step.table[i];
        for (const auto& in : step.inputs) product *= messages[in.step][in.index[i]];
        out += p ? product * p[o] : product;
      }
  }
}

void Contraction::backward(const Step& step, const std::vector<std::vector<double>>& probabilities,
                           const std::vector<double>& message_slope, const Messages& messages,
                           Messages& slopes, std::vector<std::vector<double>>& gradient) const {
  const double* p = step.weighted ? probabilities[at(step.variable)].data() : nullptr;
  double* g = step.weighted ? gradient[at(step.variable)].data() : nullptr;
  std::size_t i = 0;
  for (double slope : message_slope)
    for (std::size_t o = 0; o < step.options; ++o, ++i) {
      const double own = slope * (step.table.empty() ? 1 : step.table[i]);
      if (own == 0) continue;
      double product = own;
      for (const auto& in : step.inputs) product *= messages[in.step][in.index[i]];
      if (g) g[o] += product;
      const double weight = p ? own * p[o] : own;
      for (std::size_t a = 0; a < step.inputs.size(); ++a) {
        double others = weight;
        for (std::size_t b = 0; b < step.inputs.size(); ++b)
          if (b != a) others *= messages[step.inputs[b].step][step.inputs[b].index[i]];
        slopes[step.inputs[a].step][step.inputs[a].index[i]] += others;
      }
    }
}

double Contraction::value(const std::vector<std::vector<double>>& probabilities) const {
  Messages messages;
  forward(probabilities, messages);
  double value = constant_;
  for (std::size_t s : last_) value *= messages[s][0];
  return value;
}

double Contraction::value_and_gradient(const std::vector<std::vector<double>>& probabilities,
                                       std::vector<std::vector<double>>& gradient) const {
  Messages messages, slopes(steps_.size());
  forward(probabilities, messages);
  double value = constant_;
  for (std::size_t s : last_) value *= messages[s][0];
  for (std::size_t s = 0; s < steps_.size(); ++s) slopes[s].assign(steps_[s].size, 0);
  for (std::size_t s : last_) {
    slopes[s][0] = constant_;
    for (std::size_t t : last_)
      if (t != s) slopes[s][0] *= messages[t][0];
  }
  for (std::size_t s = steps_.size(); s-- > 0;)
    backward(steps_[s], probabilities, slopes[s], messages, slopes, gradient);
  return value;
}

}  // namespace nasmyth
