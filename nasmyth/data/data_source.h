#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// Where a data set comes from. `argument` is what follows the colon of a spec; empty without one.
struct DataSourceEntry {
  std::string help;                      ///< one sentence
  std::string form;                      ///< how a spec is written: "cifar10:<folder>"
  std::vector<OptionInfo> (*options)();  ///< of sources that generate their images; else empty
  /// Throws kIo with a remedy for missing files, kInvalidData for damaged ones, kInvalidArgument
  /// for arguments that the source does not take.
  DatasetPair (*load)(const std::string& argument);
  /// Whether the files are there; does not read them.
  bool (*available)(const std::string& argument);
};

/// The sources of the program, in the order of `data_sources.def`. Filled on first use; add before
/// use.
Registry<DataSourceEntry>& data_sources();

/// The data set of a spec, `<source>` or `<source>:<argument>`: "fashion-mnist",
/// "cifar10:/data/cifar", "planted:train=2000,noise=10". Both parts have the statistics of the
/// training part. Unknown sources are errors with a suggestion.
DatasetPair load_data(const std::string& spec);

/// Whether load_data would find its files (it may still find them damaged). Throws for unknown
/// sources.
bool data_available(const std::string& spec);

}  // namespace nasmyth
