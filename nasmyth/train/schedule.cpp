#include "nasmyth/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

// Where a run stands after its warm-up: `at` of `length`, in steps or in epochs.
struct Position {
  double at = 0;
  double length = 1;
  double epoch = 0;  // whole or fractional, from the end of the warm-up

  double part() const { return at / length; }
};

double cosine(double from, double to, double part) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * part)) / 2;
}

// The last position has the least value, so there are length - 1 intervals.
double one_cycle(const ScheduleOptions& o, const Position& p) {
  const double top = std::max(o.peak * p.length - 1, 0.0);
  const double last = std::max(p.length - 1, top + 1);
  if (p.at <= top && top > 0) return cosine(o.maximum / o.start_divisor, o.maximum, p.at / top);
  return cosine(o.maximum, o.minimum, std::min((p.at - top) / (last - top), 1.0));
}

double curve(const ScheduleOptions& o, const Position& p) {
  if (o.schedule == "constant") return o.maximum;
  if (o.schedule == "linear") return o.maximum + (o.minimum - o.maximum) * p.part();
  if (o.schedule == "cosine") return cosine(o.maximum, o.minimum, p.part());
  if (o.schedule == "one_cycle") return one_cycle(o, p);
  if (o.schedule == "exponential") return o.maximum * std::pow(o.minimum / o.maximum, p.part());
  if (o.schedule == "step")
    return std::max(o.maximum * std::pow(o.factor, std::floor(p.epoch / o.period)), o.minimum);
  throw unknown_name("schedule", "schedule", o.schedule, schedule_names());
}

Position position(const ScheduleOptions& o, std::int64_t step, std::int64_t total,
                  std::int64_t steps_per_epoch, double warmup_steps) {
  const double per_epoch = static_cast<double>(steps_per_epoch);
  const double after = static_cast<double>(step) - warmup_steps;
  const double length = std::max(static_cast<double>(total) - warmup_steps, 1.0);
  if (o.per != "epoch") return {after, length, after / per_epoch};
  const double epoch = std::floor(after / per_epoch);
  return {epoch, std::max(std::ceil(length / per_epoch), 1.0), epoch};
}

}  // namespace

const std::vector<std::string>& schedule_names() {
  static const std::vector<std::string> names = {"constant",  "linear",      "cosine",
                                                 "one_cycle", "exponential", "step"};
  return names;
}

void describe(OptionFields<ScheduleOptions>& f) {
  using O = ScheduleOptions;
  f.add("schedule", &O::schedule, {.help = "curve after the warm-up", .choices = schedule_names()});
  f.add("maximum", &O::maximum, {"greatest value", "", 0});
  f.add("minimum", &O::minimum, {"least value", "", 0});
  f.add("warmup", &O::warmup, {"linear warm-up", "epochs", 0});
  f.add("per", &O::per, {.help = "when the value changes", .choices = {"step", "epoch"}});
  f.add("peak", &O::peak, {"one_cycle: part of the run before the peak", "", 0, 1});
  f.add("start_divisor", &O::start_divisor, {"one_cycle: maximum over first value", "", 1});
  f.add("factor", &O::factor, {"step: factor of each drop", "", 0, 1});
  f.add("period", &O::period, {"step: time between drops", "epochs", 1e-3});
}

void check(const ScheduleOptions& o, std::string_view where) {
  const auto& names = schedule_names();
  if (std::find(names.begin(), names.end(), o.schedule) == names.end())
    throw unknown_name(where, "schedule", o.schedule, names);
  if (o.minimum > o.maximum)
    throw Error(ErrorKind::kOutOfRange, where,
                "the least value " + print_number(o.minimum) + " of the schedule is above its " +
                    "greatest, " + print_number(o.maximum));
  if (o.schedule == "exponential" && !(o.minimum > 0))
    throw Error(ErrorKind::kOutOfRange, where, "an exponential schedule cannot end at 0",
                "give a least value above 0");
}

double schedule_value(const ScheduleOptions& o, std::int64_t step, std::int64_t total_steps,
                      std::int64_t steps_per_epoch) {
  total_steps = std::max<std::int64_t>(total_steps, 1);
  steps_per_epoch = std::max<std::int64_t>(steps_per_epoch, 1);
  step = std::clamp<std::int64_t>(step, 0, total_steps - 1);
  const double warmup = std::min(std::round(o.warmup * static_cast<double>(steps_per_epoch)),
                                 static_cast<double>(total_steps));
  if (static_cast<double>(step) < warmup) return o.maximum * static_cast<double>(step + 1) / warmup;
  return curve(o, position(o, step, total_steps, steps_per_epoch, warmup));
}

}  // namespace nasmyth
