#include "nasmyth/search/derive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "nasmyth/core/json.h"
#include "nasmyth/train/metric.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kBatch = 256;

// The images that rank all candidates: a spread over search-validation, which may be ordered by
// class.
std::vector<std::int64_t> ranking_images(const ShortTraining& training, std::int64_t count,
                                         RandomStream order) {
  std::vector<std::int64_t> images = training.splits.search_validation;
  if (static_cast<std::int64_t>(images.size()) <= count) return images;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    std::swap(images[i], images[i + order.below(images.size() - i)]);
  images.resize(static_cast<std::size_t>(count));
  return images;
}

// The objective of one candidate with weights taken out of the supernet.
double inherited_objective(const Architecture& architecture, const DeriveOptions& options,
                           const RankingParts& parts, std::span<const std::int64_t> images,
                           RandomStream random) {
  const ShortTraining& t = parts.training;
  const NetworkGraph network = parts.search_form.bind(architecture).deployed();
  ParameterStore weights = parts.weights.materialise(expand(network, t.operations), t.operations);
  recalibrate_batch_norm(network, t.operations, weights, t.executor, t.data, t.splits.search_train,
                         options.recalibration_batches, kBatch, random);
  return metric(t.objective, evaluate(network, weights, t.executor, t.data, images, kBatch), t.data,
                images);
}

double score_of(const Architecture& architecture, const OptionWeights& scores) {
  double sum = 0;
  for (std::size_t c = 0; c < scores.size(); ++c)
    if (const int o = architecture.option(static_cast<int>(c)); o >= 0)
      sum += scores[c][static_cast<std::size_t>(o)];
  return sum;
}

// Different draws from the choice probabilities; of `draws` for each place, those that use most of
// the limits. A decided search has few different ones.
std::vector<RankedCandidate> draw_candidates(const SelectionProblem& problem,
                                             const NetworkGraph& search_form,
                                             const OptionWeights& scores,
                                             const OptionWeights& logits,
                                             const DeriveOptions& options, RandomStream random) {
  std::vector<std::pair<double, RankedCandidate>> drawn;
  std::set<std::string> seen;
  const auto sampling = make_discretizer("sampling");
  for (std::int64_t i = 0; i < options.draws * (options.candidates - 1); ++i) {
    RandomStream stream = random.fork(static_cast<std::uint64_t>(i));
    const Architecture a =
        problem.select(sampling->scores(*search_form.choices(), logits, stream)).architecture;
    const Architecture canonical = search_form.canonical(a);
    if (seen.insert(canonical.to_text()).second)
      drawn.push_back({use_of_limits(problem, a), {a, score_of(canonical, scores)}});
  }
  std::stable_sort(drawn.begin(), drawn.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<RankedCandidate> kept;
  for (auto& [use, candidate] : drawn)
    if (static_cast<std::int64_t>(kept.size()) < options.candidates - 1)
      kept.push_back(std::move(candidate));
  return kept;
}

// Orders candidates by the objective with the supernet's weights; false when it was stopped.
bool rank(std::vector<RankedCandidate>& candidates, const DeriveOptions& options,
          const RankingParts& parts, const RandomStream& random, RunJournal& journal) {
  ProgressPhase phase(journal.progress(), "rank", static_cast<std::int64_t>(candidates.size()),
                      "architectures");
  const RandomStream ranking = random.fork("ranking");
  const auto images = ranking_images(parts.training, options.images, ranking.fork("images"));
  std::int64_t done = 0;
  for (auto& c : candidates) {
    if (journal.stopped()) {
      journal.save();
      return false;
    }
    c.validation = *journal.number("rank:" + c.architecture.to_text(), [&] {
      return std::optional(
          inherited_objective(c.architecture, options, parts, images, ranking.fork("recalibrate")));
    });
    const std::array<std::pair<std::string, double>, 1> figures{{{"validation", c.validation}}};
    phase.advance(++done, figures);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const RankedCandidate& a, const RankedCandidate& b) {
                     return a.validation > b.validation;
                   });
  return true;
}

// Orders the first of them by a short training; false when it was stopped.
bool train_finalists(std::vector<RankedCandidate>& candidates, const DeriveOptions& options,
                     const RankingParts& parts, const RandomStream& random, RunJournal& journal) {
  const std::size_t count =
      std::min(candidates.size(), static_cast<std::size_t>(options.finalists));
  ProgressPhase phase(journal.progress(), "finalists", static_cast<std::int64_t>(count),
                      "architectures");
  for (std::size_t i = 0; i < count; ++i) {
    const auto accuracy = parts.training.measure(
        candidates[i].architecture, options.finalist_epochs, random.fork("finalist"), journal,
        "finalist:" + candidates[i].architecture.to_text());
    if (!accuracy) return false;
    candidates[i].short_training = *accuracy;
    const std::array<std::pair<std::string, double>, 1> figures{
        {{"validation", candidates[i].short_training}}};
    phase.advance(static_cast<std::int64_t>(i) + 1, figures);
  }
  std::stable_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count),
                   [](const RankedCandidate& a, const RankedCandidate& b) {
                     return a.short_training > b.short_training;
                   });
  return true;
}

}  // namespace

std::optional<Derivation> derive(const SelectionProblem& problem, const OptionWeights& scores,
                                 const OptionWeights& logits, const DeriveOptions& options,
                                 const RankingParts& parts, RandomStream random,
                                 RunJournal& journal) {
  Derivation result;
  result.selection = problem.select(scores);
  result.architecture = result.selection.architecture;
  result.candidates.push_back({result.architecture, result.selection.score});
  if (options.candidates <= 1) return result;
  const std::string best = parts.search_form.canonical(result.architecture).to_text();
  for (auto& c :
       draw_candidates(problem, parts.search_form, scores, logits, options, random.fork("draws")))
    if (parts.search_form.canonical(c.architecture).to_text() != best)
      result.candidates.push_back(std::move(c));
  if (!rank(result.candidates, options, parts, random, journal)) return std::nullopt;
  if (options.finalists > 1 && !train_finalists(result.candidates, options, parts, random, journal))
    return std::nullopt;
  result.architecture = result.candidates.front().architecture;
  return result;
}

std::string logits_to_json(const ChoiceSet& choices, const OptionWeights& logits) {
  Json object = Json::object();
  for (int c = 0; c < choices.size(); ++c)
    for (int o = 0; o < choices[c].size(); ++o)
      object[choices[c].name][choices[c].options[static_cast<std::size_t>(o)].label] =
          logits[static_cast<std::size_t>(c)][static_cast<std::size_t>(o)];
  return json_text(object, 1);
}

OptionWeights logits_from_json(const ChoiceSet& choices, std::string_view text,
                               std::string_view where) {
  const Json object = parse_json(text, where);
  OptionWeights logits;
  for (const auto& choice : choices) {
    const Json row = json_at<Json>(object, choice.name.c_str(), where);
    auto& values = logits.emplace_back();
    for (const auto& option : choice.options)
      values.push_back(json_at<double>(row, option.label.c_str(), where));
  }
  if (object.size() != static_cast<std::size_t>(choices.size()))
    throw Error(ErrorKind::kInvalidData, where, "it holds choices that the space does not have");
  return logits;
}

}  // namespace nasmyth
