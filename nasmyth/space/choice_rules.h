#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/configuration.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// What a user knows about the choices of a space, from the section `choices` of a configuration.
/// Keys are names of choices in which `*` stands for any text and `.` also for `/`.
struct ChoiceRules {
  OptionMap pin;     ///< pattern -> the option, or the list of options, that stay
  OptionMap forbid;  ///< pattern -> the options that go
  OptionMap prior;   ///< `pattern.option` -> log-odds added to the initial logit

  bool empty() const { return pin.empty() && forbid.empty() && prior.empty(); }
  /// Reads `choices.pin`, `choices.forbid`, `choices.prior`; other keys below `choices` stay
  /// unread.
  static ChoiceRules read(const Configuration& configuration);
};

/// True when `name` is what `pattern` says: `*` any text, `.` in the pattern itself or `/`.
bool matches(std::string_view pattern, std::string_view name);

/// What the pins and forbidden options leave of the choices. A pattern that matches no choice, an
/// option that no matched choice has, and a choice without an option left are errors.
Restriction restriction_of(const ChoiceRules& rules, const ChoiceSet& choices);

/// The space with only what the pins and forbidden options leave: random draws, supernets, exact
/// selection and derivation all see the smaller space. A choice with one option left stays in the
/// set; the network has it bound. Returns `space` itself where nothing is restricted.
std::unique_ptr<SearchSpace> restrict_space(std::unique_ptr<SearchSpace> space,
                                            const ChoiceRules& rules);

/// The prior of each option of each choice, 0 without one; empty where there is no prior at all.
std::vector<std::vector<double>> prior_logits(const ChoiceRules& rules, const ChoiceSet& choices);

}  // namespace nasmyth
