#pragma once

#include <string>

#include "nasmyth/report/run_record.h"

namespace nasmyth {

/// How a report calls things, so that all sections call them alike.

/// "found network" for the arm "search", "random search", "hand-made network".
std::string arm_title(const std::string& arm);

/// "91.50 %" with its 95 % confidence interval below it, as HTML.
std::string accuracy_html(const ArmRecord& arm);

/// A p-value in a sentence: "p = 0.031", "p < 0.0001".
std::string p_phrase(double p);

/// A cost against its limit, as HTML: number and bar. `cost` may be NaN.
std::string cost_html(double cost, const Limit& limit);

/// "MACs" for "macs", other names as they are.
std::string resource_title(const std::string& resource);

/// "balanced accuracy" for "balanced_accuracy", "macro F1", "AUC".
std::string metric_title(const std::string& metric);

}  // namespace nasmyth
