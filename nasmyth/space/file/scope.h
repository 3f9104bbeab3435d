#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nasmyth/space/file/interpretation.h"

namespace nasmyth {

/// The names that expressions see in the file as a whole or in one use of a template: parameters,
/// choices, symbols. A template sees its own and those of the file.
class Scope : public NameTable {
 public:
  /// `outer`: of the file, null for it. `prefix`: scope of the nodes within ("stage0"), empty for
  /// the file. `owner`: for warnings, " of template 'stage'".
  Scope(Interpretation& in, const Scope* outer, std::string prefix, std::string owner);

  std::optional<SpaceValue> find(std::string_view name) const override;
  std::vector<std::string> known() const override;
  std::vector<std::string> words() const override;
  bool is_word(std::string_view text) const override;
  const std::vector<Choice>& choices() const override { return in_.builder.choices(); }
  void spend(std::size_t work) const override { in_.spend(work); }

  Interpretation& in() const { return in_; }
  const std::string& prefix() const { return prefix_; }
  const std::string& owner() const { return owner_; }
  /// "stage0/conv" for a name within.
  std::string path(const std::string& name) const {
    return prefix_.empty() ? name : prefix_ + "/" + name;
  }
  /// Makes a name known; a symbol or a name that is known here already is an error. `what`
  /// ("parameter") is for warnings about names that nothing reads; empty: no warning.
  void declare(const DocumentNode& at, const std::string& name, SpaceValue value,
               std::string_view what);
  /// The choices of a `choices:` section.
  void declare_choices(const DocumentNode* section);
  /// The conditions of a `constraints:` section, read after the nodes within.
  void read_constraints(const DocumentNode* section) const;

 private:
  struct Entry {
    SpaceValue value;
    std::string use;  // what a look-up uses
  };
  Interpretation& in_;
  const Scope* outer_;
  std::string prefix_, owner_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// What the expressions of one node see beside the names of its scope: `index` of the repetition,
/// `in_channels`, `in_height`, `in_width` of its first input.
class NodeScope : public NameTable {
 public:
  /// `input`: node of the network, -1 for none. `index`: of the repetition, 0 without one.
  NodeScope(const Scope& scope, int input, int index)
      : scope_(scope), input_(input), index_(index) {}

  std::optional<SpaceValue> find(std::string_view name) const override;
  std::vector<std::string> known() const override;
  std::vector<std::string> words() const override { return scope_.words(); }
  bool is_word(std::string_view text) const override { return scope_.is_word(text); }
  const std::vector<Choice>& choices() const override { return scope_.choices(); }
  void spend(std::size_t work) const override { scope_.spend(work); }

 private:
  const Scope& scope_;
  int input_, index_;
};

/// The value that stands at `node`: an expression, a list, `{search: a, target: b}` by the form,
/// or `{choose: [a, b]}`, which makes a choice named `own_choice` (empty: not allowed there).
SpaceValue read_value(Interpretation& in, const DocumentNode& node, const NameTable& names,
                      const std::string& own_choice);

/// What a choice is made of beside its name.
struct ChoiceForm {
  bool ordered = false;
  std::vector<std::string> search_only;
};

/// A choice between the numbers or the words of a list; a single option is no choice but that
/// number, or the list itself. Errors are at `at`.
SpaceValue make_choice(Interpretation& in, const DocumentNode& at, const std::string& name,
                       const SpaceValue& list, const ChoiceForm& form = {});

/// The words of `search_only: [none]`; empty where the key is absent.
std::vector<std::string> read_words(const Interpretation& in, const DocumentNode* node);

/// The number of a value that has to be a whole number without choices in [least, most].
int read_whole(Interpretation& in, const DocumentNode& at, const SpaceValue& value, int least,
               int most, std::string_view what, const NameTable& names);

}  // namespace nasmyth
