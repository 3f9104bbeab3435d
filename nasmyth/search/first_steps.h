#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nasmyth {

/// The losses of a search's first steps, exactly, and the environment that computed them: what
/// `verify` compares. A run keeps them as first_steps.json.
struct FirstSteps {
  struct Step {
    std::string kind;  ///< "weights", "architecture"
    std::int64_t number = 0;
    double loss = 0;
    bool operator==(const Step&) const = default;
  };
  std::vector<Step> steps;
  std::vector<std::pair<std::string, std::string>> environment;

  /// Weight steps that are recorded.
  static constexpr std::int64_t kCount = 20;
};

std::string to_json(const FirstSteps& first);
/// Throws kInvalidData naming `where`.
FirstSteps first_steps_from_json(std::string_view text, std::string_view where);

/// What `verify` finds.
struct Verification {
  std::int64_t compared = 0;
  std::int64_t first_difference = -1;  ///< index of a step; -1: all are equal bit for bit
  FirstSteps recorded, repeated;
  /// Names of what differs between the environments.
  std::vector<std::string> differences;
};
Verification compare(FirstSteps recorded, FirstSteps repeated);

}  // namespace nasmyth
