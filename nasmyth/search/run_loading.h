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

/// The configuration that a run wrote, with the run's own copy of its space file.
SearchConfiguration load_configuration(const RunDirectory& directory);
/// Writes it, and a copy of the space file; a run that has a configuration keeps it.
void write_configuration(const RunDirectory& directory, const SearchConfiguration& configuration);

/// What a run wrote of its network: options of the choices, or a name or genotype. Throws kIo where
/// there is none, kInvalidData for a damaged file.
std::string architecture_text(const RunDirectory& directory);

/// The architecture that a run found or was given; errors name its file. Throws kIo where the run
/// has not found it yet, kUnsupported where it is none of the space's choices.
Architecture found_architecture(const RunDirectory& directory, const SearchSpace& space);

/// The trained network of a finished run. Throws kIo when the run has none yet.
struct LoadedNetwork {
  NetworkGraph graph;
  ParameterStore parameters;
};
LoadedNetwork load_network(const RunDirectory& directory);

/// The architecture of a run at any moment under `limits`: the one that the run found where these
/// are its own limits and it has finished its search; else the exact selection by the architecture
/// parameters that it saved last (none yet: the network that the limits were checked with). Loads
/// no executor. Throws kUnsupported for a run that has no architecture parameters (random search,
/// training of a given network) under other limits than its own.
struct RunDerivation {
  Selection selection;
  std::string genotype;   ///< the field's text form where the space has one
  bool scored = false;    ///< selected by architecture parameters; score and bound mean something
  bool finished = false;  ///< the architecture that the run found
};
RunDerivation derive_run(const RunDirectory& directory, const SearchConfiguration& configuration,
                         const SearchSpace& space, const Dataset& data,
                         const std::vector<Limit>& limits);

}  // namespace nasmyth
