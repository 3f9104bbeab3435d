#pragma once

#include <string>

#include "nasmyth/search/arm.h"
#include "nasmyth/search/forecast.h"
#include "nasmyth/search/run_journal.h"
#include "nasmyth/search/search_parts.h"

namespace nasmyth {

/// Keeps the time limit of a run. Each decision stands in the run's PlanLog, so that a run that
/// goes on or is repeated decides the same. All functions do nothing without a limit.

/// Before the search: the schedule that fits, in place of the configuration's. In words what was
/// changed; empty without a limit. Throws kOutOfRange as fit_schedule does.
std::string plan_search(SearchParts& parts, RunJournal& journal);
/// The schedule that the log of an earlier process has; nothing where there is none.
void apply_plan(SearchConfiguration& configuration, const PlanLog& log);

/// Before the found network is trained: as many epochs as leave time for the controls, by timed
/// steps of this network. What the trainer is to keep to is written to the configuration.
std::string plan_retraining(SearchParts& parts, RunJournal& journal, const NetworkGraph& network,
                            const Costs& costs);

/// Before the controls: they are trained for the epochs of the search's network.
void plan_controls(SearchParts& parts, const ArmResult& search);
/// Seconds for the random search of the control, at most `search_seconds`.
double plan_random_control(SearchParts& parts, RunJournal& journal, double search_seconds);

}  // namespace nasmyth
