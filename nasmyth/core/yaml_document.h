#pragma once

// The YAML library of the project, for sources only.
#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

namespace nasmyth {

/// The first document of a text, and where a second one begins.
struct YamlDocument {
  YAML::Node root;
  std::optional<YAML::Mark> second;
};

/// Throws what the library throws. Its own LoadAll makes empty documents until memory is full of a
/// text that begins with a comma.
YamlDocument load_yaml(const std::string& text);

}  // namespace nasmyth
