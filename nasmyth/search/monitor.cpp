#include "nasmyth/search/monitor.h"

#include <algorithm>
#include <cmath>

#include "nasmyth/core/state_bytes.h"
#include "nasmyth/core/table_text.h"

namespace nasmyth {
namespace {

constexpr std::string_view kState = "monitor 1";
// Skips lead in more than this part of a group, or of what would be derived of it: DARTS+ (arXiv
// 1909.06035) takes two of the eight edges of a derived cell as the sign of collapse, that is a
// quarter; one more tolerates chance.
constexpr double kTooManySkips = 0.3;
// A stage of two or three layers may well do with fewer: that is its depth, no collapse.
constexpr std::size_t kLeastGroup = 6;
constexpr std::int64_t kEpochsToLearn = 3;

int skip_option(const Choice& choice) {
  for (const char* name : {"skip_connect", "skip", "identity"})
    if (const int o = choice.index_of(name); o >= 0) return o;
  return -1;
}

// Skips among choices.
struct SkipCount {
  double skips = 0, choices = 0;

  void add(bool skip) {
    ++choices;
    skips += skip;
  }
  bool many() const {
    return choices >= static_cast<double>(kLeastGroup) && skips > kTooManySkips * choices;
  }
  std::string words() const { return print_number(skips) + " of " + print_number(choices); }
};

// The option that would be derived by its probability alone.
int leader(const Choice& choice, const std::vector<double>& probabilities) {
  int best = -1;
  for (int o = 0; o < choice.size(); ++o) {
    if (choice.options[static_cast<std::size_t>(o)].search_only) continue;
    if (best < 0 ||
        probabilities[static_cast<std::size_t>(o)] > probabilities[static_cast<std::size_t>(best)])
      best = o;
  }
  return best;
}

}  // namespace

void describe(OptionFields<EarlyStopOptions>& f) {
  f.add("rule", &EarlyStopOptions::rule,
        {"none; collapse: at the first alarm that skips take over; stable: when no leading option "
         "has changed for some epochs",
         "",
         {},
         {},
         {"none", "collapse", "stable"}})
      .add("stable_epochs", &EarlyStopOptions::stable_epochs,
           {"without a change, for the rule stable", "epochs", 1, 10000});
}

SearchMonitor::SearchMonitor(ChoiceSetPtr choices, std::vector<Limit> limits, std::int64_t classes,
                             EarlyStopOptions options)
    : choices_(std::move(choices)),
      limits_(std::move(limits)),
      classes_(classes),
      options_(std::move(options)) {
  for (int c = 0; c < choices_->size(); ++c)
    if ((*choices_)[c].size() > 1 && skip_option((*choices_)[c]) >= 0) {
      const std::string& name = (*choices_)[c].name;
      groups_[name.substr(0, name.find('/'))].choices.push_back(c);
    }
}

bool SearchMonitor::watches_skips() const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [](const auto& group) { return group.second.choices.size() >= kLeastGroup; });
}

bool SearchMonitor::skip_leads(int choice) const {
  return leaders_[static_cast<std::size_t>(choice)] == skip_option((*choices_)[choice]);
}

void SearchMonitor::warn(const std::string& kind, std::string text, MonitorFigures& figures) {
  if (std::find(given_.begin(), given_.end(), kind) != given_.end()) return;
  given_.push_back(kind);
  figures.warnings.push_back(std::move(text));
}

void SearchMonitor::watch_skips(std::int64_t epoch, const OptionWeights& probabilities,
                                const Architecture* derived, MonitorFigures& figures) {
  double led = 0, all = 0;
  for (auto& [name, group] : groups_) {
    SkipCount leading, kept;
    double held = 0;
    for (int c : group.choices) {
      const int skip = skip_option((*choices_)[c]);
      leading.add(skip_leads(c));
      if (skip_leads(c))
        held += probabilities[static_cast<std::size_t>(c)][static_cast<std::size_t>(skip)];
      if (derived && derived->option(c) >= 0) kept.add(derived->option(c) == skip);
    }
    led += leading.skips;
    all += leading.choices;
    const bool many = leading.many() || kept.many();
    group.since = !many ? 0 : group.since > 0 ? group.since : epoch;
    if (!many) continue;
    const std::string words = leading.many()
                                  ? "a skip leads in " + leading.words() + " choices of '" + name +
                                        "' since epoch " + std::to_string(group.since) + ", with " +
                                        format_percent(held / leading.skips) + " of their weight"
                                  : "of '" + name + "', " + kept.words() +
                                        " choices that would be derived are skips since epoch " +
                                        std::to_string(group.since);
    warn("collapse " + name,
         words +
             ": likely collapse; try fewer epochs, search.partial_channels=4, or --early-stop "
             "collapse",
         figures);
    if (options_.rule == "collapse") figures.stop = "skips take over '" + name + "'";
  }
  figures.skip_share = all > 0 ? led / all : 0;
}

void SearchMonitor::watch_learning(const SearchEpoch& epoch, std::int64_t total,
                                   MonitorFigures& figures) {
  const double chance = 1.0 / static_cast<double>(classes_);
  if (epoch.epoch >= kEpochsToLearn && epoch.train_accuracy < 1.2 * chance)
    warn("learning",
         "after " + std::to_string(epoch.epoch) + " epochs the supernet is right in " +
             format_percent(epoch.train_accuracy) + ", no better than chance (" +
             format_percent(chance) + "); try a lower search.learning_rate, and look at the labels",
         figures);
  const bool late = 4 * epoch.epoch >= 3 * total;
  if (late && epoch.entropy > 0.98)
    warn("entropy",
         "three quarters of the search are over and hardly anything is decided (entropy " +
             format_percent(epoch.entropy) +
             "); try more epochs or a higher search.architecture_learning_rate",
         figures);
  for (const auto& [resource, cost] : epoch.expected_costs)
    for (const auto& limit : limits_)
      if (late && limit.resource == resource && cost > 1.25 * limit.at_most)
        warn("limit " + resource,
             "the expected " + resource + " are " + format_si(cost) + ", the limit is " +
                 format_si(limit.at_most) +
                 ": the network will keep it, but was not searched for it; try a higher "
                 "search.final_penalty",
             figures);
}

MonitorFigures SearchMonitor::observe(const SearchEpoch& epoch, std::int64_t total,
                                      const OptionWeights& probabilities,
                                      const Architecture* derived) {
  MonitorFigures figures;
  std::vector<int> leaders;
  for (int c = 0; c < choices_->size(); ++c)
    leaders.push_back(leader((*choices_)[c], probabilities[static_cast<std::size_t>(c)]));
  for (std::size_t c = 0; c < leaders_.size(); ++c)
    figures.changed_leaders += leaders_[c] != leaders[c];
  stable_ = leaders_.empty() || figures.changed_leaders > 0 ? 0 : stable_ + 1;
  leaders_ = std::move(leaders);
  watch_skips(epoch.epoch, probabilities, derived, figures);
  watch_learning(epoch, total, figures);
  if (options_.rule == "stable" && stable_ >= options_.stable_epochs)
    figures.stop = "no leading option has changed for " + std::to_string(stable_) + " epochs";
  return figures;
}

std::string SearchMonitor::save() const {
  StateWriter w(kState);
  w.number(static_cast<std::int64_t>(leaders_.size()));
  for (int leader : leaders_) w.number(leader);
  w.number(stable_);
  w.number(static_cast<std::int64_t>(groups_.size()));
  for (const auto& [name, group] : groups_) w.number(group.since);
  w.number(static_cast<std::int64_t>(given_.size()));
  for (const auto& kind : given_) w.text(kind);
  return w.finish();
}

void SearchMonitor::load(std::string_view bytes, std::string_view where) {
  StateReader r(bytes, kState, where);
  const std::int64_t leaders = r.number();
  if (leaders != 0 && leaders != choices_->size())
    throw Error(ErrorKind::kInvalidData, where, "the monitor's state is that of another space");
  leaders_.clear();
  for (std::int64_t i = 0; i < leaders; ++i) leaders_.push_back(static_cast<int>(r.number()));
  stable_ = r.number();
  if (r.number() != static_cast<std::int64_t>(groups_.size()))
    throw Error(ErrorKind::kInvalidData, where, "the monitor's state is that of another space");
  for (auto& [name, group] : groups_) group.since = r.number();
  given_.clear();
  for (std::int64_t i = r.number(); i > 0; --i) given_.emplace_back(r.text());
}

}  // namespace nasmyth
