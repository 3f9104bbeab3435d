#pragma once

#include <memory>

#include "nasmyth/data/dataset.h"
#include "nasmyth/search/derive.h"
#include "nasmyth/search/run_directory.h"
#include "nasmyth/search/search_configuration.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// Role, input and classes of the networks for a data set.
Form form_of(const Dataset& data, FormRole role);

/// The open network of a form; kUnsupported for a space that has none.
NetworkGraph open_network(const SearchSpace& space, const Form& form);

/// The configuration that a run wrote.
SearchConfiguration load_configuration(const RunDirectory& directory);

/// The trained network of a finished run. Throws kIo when the run has none yet.
struct LoadedNetwork {
  NetworkGraph graph;
  ParameterStore parameters;
};
LoadedNetwork load_network(const RunDirectory& directory);

/// The derivation of a run at any moment from the architecture parameters that it saved last (none
/// yet: the network that the limits were checked with), under `limits`. Loads no executor.
struct RunDerivation {
  Selection selection;
  std::string genotype;   ///< the field's text form where the space has one
  bool searched = false;  ///< false: the search had not saved anything yet
};
RunDerivation derive_run(const RunDirectory& directory, const SearchConfiguration& configuration,
                         const SearchSpace& space, const Dataset& data,
                         const std::vector<Limit>& limits);

}  // namespace nasmyth
