#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nasmyth/graph/graph_expander.h"
#include "nasmyth/space/file/document.h"
#include "nasmyth/space/file/space_value.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// What one reading of a space file for one form shares: the network that grows, its shapes, what
/// is used of the file, and how much it may cost. Not thread-safe.
class Interpretation {
 public:
  /// `known`: choices of earlier readings, which keep their indices; null for the first one.
  Interpretation(const DocumentErrors& errors, const Form& form, const ChoiceSet* known);

  const DocumentErrors& errors;
  const OperationSet& operations;
  const Form& form;
  GraphBuilder builder;
  std::set<std::string, std::less<>> templates;  ///< their names, which are words in expressions

  /// Appends a node: infers its shape at once, and says with its place what does not fit. Returns
  /// its index in the network.
  int add(const DocumentNode& at, Node node);
  /// Shape of a node of the network.
  const TensorShape& shape(int node) const {
    return expander_.shape(expanded_[static_cast<std::size_t>(node)]);
  }
  /// "'stem' [8, 16, 16]"
  std::string node_text(int node) const;

  /// A choice made at `at`; a name that this reading has made already is an error.
  int choice(const DocumentNode& at, Choice choice);
  /// A function of 0 and 1 that has to be 1.
  void constraint(const DocumentNode& at, const ChoiceFunction& holds);

  /// Counts a step, so that a small file that unfolds without end stops.
  void step(const DocumentNode& at);
  /// Counts entries of tables.
  void spend(std::size_t work);
  /// An error of a lower level with its place in the file.
  Error located(const DocumentNode& at, const Error& error, std::string_view context = {}) const;

  /// Names of the file for warnings: what is declared (with its place) and what is used.
  void declare(const std::string& what, const DocumentNode& at);
  void use(const std::string& what) { used_.insert(what); }
  const std::map<std::string, TextPlace>& declared() const { return declared_; }
  const std::set<std::string>& used() const { return used_; }
  /// The constraints so far, those of earlier readings first.
  const std::vector<ChoiceFunction>& constraints() const { return constraints_; }
  /// What else is probably not meant, with its place.
  const std::vector<std::string>& remarks() const { return remarks_; }
  /// Names of the choices that this reading made.
  const std::set<std::string>& made() const { return made_; }

 private:
  void check_work(const DocumentNode& at, const Node& node);
  void check_sizes(const DocumentNode& at, std::size_t first);

  GraphExpander expander_;
  std::vector<int> expanded_;  // of each node of the network
  std::map<std::string, TextPlace> declared_;
  std::set<std::string> used_, made_;
  std::vector<ChoiceFunction> constraints_;
  std::vector<std::string> remarks_;
  std::map<std::string, std::string> shared_;  // weight key -> operation
  std::int64_t steps_ = 0, work_ = 0;
};

/// Throws at `at` unless `name` is a letter followed by letters, digits and underscores.
void check_name(const Interpretation& in, const DocumentNode& at, const std::string& name,
                std::string_view what);

}  // namespace nasmyth
