#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/registry.h"
#include "nasmyth/resource/open_network.h"

namespace nasmyth {

/// The cost of every architecture of an open network: the greatest over `parts` of the sum of a
/// part's functions. They read the choices and the named functions of the OpenNetwork.
struct CostTerms {
  std::string unit;
  std::vector<std::vector<ChoiceFunction>> parts;
};

/// What a network stores or needs for one sample. Stateless; thread-safe.
class ResourceModel {
 public:
  virtual ~ResourceModel() = default;
  /// For people: "parameters", "multiply-accumulates", "bytes".
  virtual std::string unit() const = 0;
  /// The exact cost of a closed network, without training-only outputs. Throws kInvalidArgument
  /// for an open one.
  virtual double cost(const NetworkGraph& closed, const OperationSet& operations) const = 0;
  /// The costs of all architectures of an open network; empty for a black box, which has neither
  /// expected costs nor an exact selection.
  virtual std::optional<CostTerms> terms(OpenNetwork& open) const;
};

struct ResourceModelEntry {
  std::string help;  ///< one sentence
  std::unique_ptr<ResourceModel> (*make)();
};

/// The models of the program, in the order of `resource_models.def`.
Registry<ResourceModelEntry>& resource_models();

/// A model by name. Unknown names are errors with a suggestion.
std::unique_ptr<ResourceModel> make_resource_model(std::string_view name);

}  // namespace nasmyth
