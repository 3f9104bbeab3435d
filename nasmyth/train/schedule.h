#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"

namespace nasmyth {

/// How a number changes over a training run: a linear warm-up from near 0 to `maximum`, then a
/// curve. The curve's position is t of T, in steps or (per = epoch) in whole epochs, after the
/// warm-up.
///
///   constant     maximum
///   linear       maximum + (minimum - maximum) t/T
///   cosine       minimum + (maximum - minimum) (1 + cos(pi t/T)) / 2   (SGDR, arXiv 1608.03983)
///   one_cycle    cosine from maximum / start_divisor up to maximum at `peak` of the run, then
///                cosine down to minimum at the last position (arXiv 1708.07120)
///   exponential  maximum (minimum / maximum)^(t/T); minimum > 0
///   step         maximum * factor^floor(epoch / period), not below minimum
struct ScheduleOptions {
  std::string schedule = "cosine";
  double maximum = 0.1;
  double minimum = 0;
  double warmup = 0;  ///< epochs
  std::string per = "step";
  double peak = 0.3;          ///< one_cycle: part of the run
  double start_divisor = 25;  ///< one_cycle
  double factor = 0.1;        ///< step
  double period = 30;         ///< step, epochs
};

void describe(OptionFields<ScheduleOptions>& fields);

/// The names of the curves, in the order above.
const std::vector<std::string>& schedule_names();

/// Throws kOutOfRange where options do not fit each other (exponential without a minimum, minimum
/// above maximum); `where` as in parse_options.
void check(const ScheduleOptions& options, std::string_view where);

/// The number in force at `step` of `total_steps`, counted from 0. Pure; steps at or beyond the
/// total give the last value.
double schedule_value(const ScheduleOptions& options, std::int64_t step, std::int64_t total_steps,
                      std::int64_t steps_per_epoch);

}  // namespace nasmyth
