#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nasmyth/resource/branch_and_bound.h"
#include "nasmyth/resource/limits.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/resource/selection.h"

namespace nasmyth {

/// What a SelectionProblem knows; shared by its copies.
struct SelectionData {
  SelectionData(const NetworkGraph& open_target, const OperationSet& operations,
                std::vector<Limit> limits);

  std::vector<int> variables(const Architecture& architecture) const;
  Architecture architecture(const std::vector<int>& x) const;
  double cost(std::size_t limit, const std::vector<int>& x) const;
  /// Exact costs of the bound network, by limit.
  std::vector<double> counted(const Architecture& architecture) const;
  bool allowed(const std::vector<int>& x) const;
  bool within_limits(const std::vector<int>& x) const;

  /// Roles of the rows: those of `limit` as `own`, the others as `others`.
  std::vector<RowRole> roles(std::size_t limit, RowRole own, RowRole others) const;

  NetworkGraph graph;  ///< deployed, open
  const OperationSet& operations;
  std::vector<Limit> limits;
  std::vector<std::unique_ptr<ResourceModel>> models;  ///< by limit
  std::vector<NamedFunction> named;
  std::vector<ChoiceFunction> activity;  ///< by choice
  std::vector<std::size_t> row_limit;    ///< of each row of the problem
  BoundedProblem problem;
  /// A solution within the limits, where one was found at once.
  std::optional<std::vector<int>> incumbent;

 private:
  std::vector<ChoiceFunction> hard_functions() const;
  void fill_problem(const std::vector<std::vector<ChoiceFunction>>& rows);
};

}  // namespace nasmyth
