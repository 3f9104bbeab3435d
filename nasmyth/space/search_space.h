#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/registry.h"
#include "nasmyth/graph/network_graph.h"

namespace nasmyth {

/// What the form of a space is for.
enum class FormRole {
  kSearch,  ///< trained with choices open: small scale, batch norm without affine where published
  kTarget,  ///< what the user gets: its own scale, affine, auxiliary head, drop-path
};

/// One image without the batch dimension.
struct ImageSpec {
  int channels = 3;
  int height = 32;
  int width = 32;
};

/// Role, input and number of classes of a graph of a space.
struct Form {
  FormRole role = FormRole::kTarget;
  ImageSpec input;
  int classes = 10;
};

/// A set of networks over named choices. Both forms are graphs over the same choices; one
/// architecture closes either. Immutable; thread-safe.
class SearchSpace {
 public:
  virtual ~SearchSpace() = default;

  virtual const ChoiceSetPtr& choices() const = 0;
  /// The open network; empty for a space whose networks are no sub-networks of one graph.
  virtual std::optional<NetworkGraph> graph(const Form& form) const = 0;
  /// The closed network of one architecture. Default: graph(form)->bind(architecture).
  virtual NetworkGraph network(const Architecture& architecture, const Form& form) const;
  /// Equal for architectures that are the same network. Default: the canonical architecture's text.
  virtual std::string equivalence_key(const Architecture& architecture) const;

  /// The input and classes that fit the space where no data say so.
  virtual Form example() const { return {}; }

  /// Names of published architectures, and the text form of cells where the field has one.
  virtual std::vector<std::string> published() const { return {}; }
  /// An architecture from a published name, genotype text, or the project's own text or JSON.
  /// Unknown names are errors with a suggestion.
  virtual Architecture architecture(std::string_view text) const;
  /// The field's text form of an architecture; empty where there is none.
  virtual std::string genotype(const Architecture& architecture) const;
  /// A closed network straight from text, also for published cells that are no architectures of
  /// this space (NASNet, AmoebaNet in `darts`). Default: network(architecture(text), form).
  virtual NetworkGraph network_from_text(std::string_view text, const Form& form) const;
};

/// How a space is found and described without being built.
struct SpaceEntry {
  std::string help;                      ///< one sentence
  std::vector<OptionInfo> (*options)();  ///< its options
  std::unique_ptr<SearchSpace> (*make)(const OptionMap& options);
};

/// The spaces of the program, in the order of `spaces.def`. Filled on first use; add before use.
Registry<SpaceEntry>& search_spaces();

/// A space by name, or of a space file (see open_space). Unknown names and options are errors with
/// a suggestion.
std::unique_ptr<SearchSpace> make_space(std::string_view name, const OptionMap& options = {});

}  // namespace nasmyth
