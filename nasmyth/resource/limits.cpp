#include "nasmyth/resource/limits.h"

#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/resource/resource_model.h"

namespace nasmyth {

std::vector<Limit> parse_limits(const OptionMap& values, std::string_view where) {
  std::vector<Limit> limits;
  for (const auto& [name, text] : values) {
    resource_models().get(name, where);
    const std::string at = std::string(where) + "." + name;
    const double value = parse_number(text, at);
    if (!std::isfinite(value) || value <= 0)
      throw Error(ErrorKind::kOutOfRange, at, "a limit must be above 0; got " + text,
                  "write a number such as 20k or 1.5M");
    limits.push_back({name, value});
  }
  return limits;
}

bool within(double cost, const Limit& limit) { return cost <= limit.at_most; }

}  // namespace nasmyth
