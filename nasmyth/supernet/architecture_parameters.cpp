#include "nasmyth/supernet/architecture_parameters.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

std::vector<double> flatten(const OptionWeights& rows) {
  std::vector<double> flat;
  for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
  return flat;
}

}  // namespace

std::vector<double> softmax(const std::vector<double>& logits, double temperature) {
  const double top = *std::max_element(logits.begin(), logits.end());
  std::vector<double> p;
  double sum = 0;
  for (double x : logits) sum += p.emplace_back(std::exp((x - top) / temperature));
  for (double& x : p) x /= sum;
  return p;
}

OptionWeights rounded(OptionWeights weights, int digits) {
  const double scale = std::pow(10.0, digits);
  for (auto& row : weights)
    for (double& w : row) w = std::round(w * scale) / scale;
  return weights;
}

double mean_entropy(const OptionWeights& probabilities) {
  double sum = 0;
  int rows = 0;
  for (const auto& row : probabilities) {
    if (row.size() < 2) continue;
    double entropy = 0;
    for (double p : row)
      if (p > 0) entropy -= p * std::log(p);
    sum += entropy / std::log(static_cast<double>(row.size()));
    ++rows;
  }
  return rows ? sum / rows : 0;
}

ArchitectureParameters::ArchitectureParameters(ChoiceSetPtr choices, double deviation,
                                               RandomStream random)
    : choices_(std::move(choices)) {
  for (const auto& choice : *choices_) {
    RandomStream stream = random.fork(choice.name);
    auto& row = logits_.emplace_back();
    for (int o = 0; o < choice.size(); ++o) row.push_back(deviation * stream.normal());
  }
}

OptionWeights ArchitectureParameters::probabilities() const {
  OptionWeights p;
  for (const auto& row : logits_) p.push_back(softmax(row));
  return p;
}

void ArchitectureParameters::update(const OptimizerSpec& spec, double learning_rate,
                                    const OptionWeights& gradients) {
  std::vector<double> values = flatten(logits_);
  const std::vector<double> flat = flatten(gradients);
  if (state_.steps.empty())
    state_ = OptimizerState::zeros(spec, static_cast<std::int64_t>(values.size()), 1);
  const OptimizerSegment<double> segment{
      values, flat, state_.first, state_.second, state_.steps.data(), true};
  nasmyth::update<double>(spec, learning_rate, {&segment, 1});
  std::size_t at = 0;
  for (auto& row : logits_)
    for (double& x : row) x = values[at++];
}

std::string ArchitectureParameters::serialize() const {
  const std::vector<double> flat = flatten(logits_);
  std::string bytes(sizeof(std::uint64_t) + flat.size() * sizeof(double), '\0');
  const std::uint64_t n = flat.size();
  std::memcpy(bytes.data(), &n, sizeof n);
  std::memcpy(bytes.data() + sizeof n, flat.data(), flat.size() * sizeof(double));
  return bytes + (state_.steps.empty() ? std::string() : state_.serialize());
}

void ArchitectureParameters::restore(std::string_view bytes, std::string_view where) {
  OptionWeights logits = logits_;
  std::size_t count = 0;
  for (const auto& row : logits) count += row.size();
  std::uint64_t n = 0;
  if (bytes.size() >= sizeof n) std::memcpy(&n, bytes.data(), sizeof n);
  if (n != count || bytes.size() < sizeof n + count * sizeof(double))
    throw Error(ErrorKind::kInvalidData, where, "the architecture parameters do not fit the space");
  bytes.remove_prefix(sizeof n);
  for (auto& row : logits)
    for (double& x : row) {
      std::memcpy(&x, bytes.data(), sizeof x);
      bytes.remove_prefix(sizeof x);
    }
  OptimizerState state =
      bytes.empty() ? OptimizerState{} : OptimizerState::deserialize(bytes, where);
  const bool fits = state.first.size() == count && state.steps.size() == 1 &&
                    (state.second.empty() || state.second.size() == count);
  if (!bytes.empty() && !fits)
    throw Error(ErrorKind::kInvalidData, where,
                "the optimiser state does not fit the architecture parameters");
  logits_ = std::move(logits);
  state_ = std::move(state);
}

}  // namespace nasmyth
