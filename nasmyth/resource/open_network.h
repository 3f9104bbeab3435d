#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/graph/operation_set.h"

namespace nasmyth {

/// A name for a function of choices whose table would make others too wide: a further variable
/// whose option i stands for values[i]. `function` reads choices and earlier named functions.
struct NamedFunction {
  ChoiceFunction function;
  std::vector<double> values;  ///< ascending, the distinct values of the function
};

/// From which size on a function is named. Selection wants narrow tables, since it walks through
/// them one decision at a time; expectations want few names.
enum class Naming { kNarrow, kWide };

/// An open (or closed) network as the resource models see it: without training-only outputs, with
/// its primitives, and with the condition under which each node is needed (its liveness, a function
/// of 0 and 1). Variables are the choices of the graph by index, then the named functions. Shared
/// by models, so that all speak of the same names. Not thread-safe.
class OpenNetwork {
 public:
  OpenNetwork(const NetworkGraph& network, const OperationSet& operations, Naming naming);

  const NetworkGraph& graph() const { return graph_; }
  const ExpandedGraph& expanded() const { return expanded_; }
  const OperationSet& operations() const { return operations_; }

  /// Liveness of a primitive of `expanded()`.
  const ChoiceFunction& live(int primitive) const {
    return live_[static_cast<std::size_t>(origin_[static_cast<std::size_t>(primitive)])];
  }
  /// When does `choice` act: a select of it, or a node with an attribute that depends on it, is
  /// alive. A choice that no node reads (of the recipe) always acts.
  ChoiceFunction activity(int choice);

  /// `function` itself, or a named function equal to it where its table is large.
  ChoiceFunction narrow(ChoiceFunction function);
  /// The greater of two functions, narrowed.
  ChoiceFunction narrow_max(const ChoiceFunction& a, const ChoiceFunction& b);

  const std::vector<NamedFunction>& named() const { return named_; }
  /// Option counts of all variables.
  std::vector<int> dims() const;

 private:
  void find_origins();
  void find_liveness(int node);
  ChoiceFunction name(const ChoiceFunction& function);
  bool always_one(const std::vector<const ChoiceFunction*>& functions) const;

  NetworkGraph graph_;
  ExpandedGraph expanded_;
  const OperationSet& operations_;
  Naming naming_;
  std::vector<int> origin_;           // of each primitive: node of graph_
  std::vector<ChoiceFunction> live_;  // of each node of graph_
  std::vector<NamedFunction> named_;
  using Table = std::pair<std::vector<int>, std::vector<double>>;  // scope and values
  std::map<Table, int> names_;
  std::map<std::pair<Table, Table>, ChoiceFunction> maxima_;  // known results of narrow_max
};

/// Appends the options of the named functions to the options of the choices (-1 counts as 0).
std::vector<int> complete_variables(std::span<const int> options,
                                    std::span<const NamedFunction> named);

/// 0 where the option of `variable` tells the value of the named function, infinity elsewhere.
ChoiceFunction definition(const NamedFunction& named, int variable);

/// The product without source text; zero times infinity is zero.
ChoiceFunction times(const ChoiceFunction& a, const ChoiceFunction& b);

/// The same sum with one table a scope, and scopes within another absorbed by it. Tables that are
/// zero are dropped.
std::vector<ChoiceFunction> merge_terms(const std::vector<ChoiceFunction>& terms);

}  // namespace nasmyth
