#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/space/file/document.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// A search space that a YAML file describes (docs/spaces.md). The file is read anew for each form,
/// input and number of classes; its choices are the same in all of them.
class FileSpace : public SearchSpace {
 public:
  /// `yaml`: content of the file; `file` stands for it in messages. `parameters` replace those of
  /// the file. Both forms are built once, for the input that the file names. Throws with
  /// `file:line:column`.
  FileSpace(std::string_view yaml, const std::string& file, const OptionMap& parameters);

  const ChoiceSetPtr& choices() const override { return choices_; }
  std::optional<NetworkGraph> graph(const Form& form) const override;

  /// The file's own words about it; may be empty.
  const std::string& description() const { return description_; }
  /// The parameters of the file with their defaults.
  const std::vector<OptionInfo>& parameters() const { return infos_; }
  /// Input and classes with which the file was checked.
  Form example() const override { return example_; }
  /// What is allowed but probably not meant, each with its place: names that nothing uses, choices
  /// that act in one form only.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void read_head();
  void read_forms();

  DocumentErrors errors_;
  std::shared_ptr<const DocumentNode> root_;
  OptionMap options_;
  std::string description_;
  std::vector<OptionInfo> infos_;
  Form example_;
  ChoiceSetPtr choices_;
  std::vector<std::string> warnings_;
};

}  // namespace nasmyth
