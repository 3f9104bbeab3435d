#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nasmyth/cli/arguments.h"
#include "nasmyth/core/configuration.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// The options by which commands name a network: a space with its options, an architecture, a form,
/// input and classes. They come from the command line and, below it, from a configuration file
/// (`space.name`, `space.<option>`, `architecture`, `form`, `input`, `classes`).
class NetworkOptions {
 public:
  /// Declares --space, --set, --config.
  void add_space(Arguments arguments);
  /// Declares --form, --input, --classes.
  void add_form(Arguments arguments);
  /// Declares --architecture.
  void add_architecture(Arguments arguments);

  /// The configuration file with the command line on top. Read once, before the members below.
  void resolve();

  const Configuration& configuration() const { return configuration_; }
  const std::string& space_name() const { return space_; }
  /// The space; an error names --space where none is given.
  std::unique_ptr<SearchSpace> space() const;
  Form form() const;
  /// Input and classes where neither the command line nor the configuration gives them.
  void fall_back(const ImageSpec& input, int classes);
  /// The same with those that fit the space.
  void fall_back(const SearchSpace& space);
  bool has_architecture() const { return !architecture_.empty(); }
  /// Text of the architecture: the option itself, or the content of the file that it names.
  std::string architecture_text() const;
  /// The closed network of the architecture, or the open one where none is given.
  NetworkGraph network(const SearchSpace& space) const;

 private:
  std::string space_, config_, architecture_, form_, input_, classes_;
  std::vector<std::string> settings_;
  Configuration configuration_;
};

/// `3x32x32` as channels, height and width, each 1 to 65536.
ImageSpec parse_image_spec(std::string_view text, std::string_view where);

}  // namespace nasmyth
