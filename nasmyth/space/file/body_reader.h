#pragma once

#include <map>
#include <string>
#include <vector>

#include "nasmyth/space/file/scope.h"

namespace nasmyth {

/// A network or one use of a template: what names mean within, and the nodes so far.
struct Instance {
  Scope scope;
  std::map<std::string, int> results;  ///< of nodes and inputs by name: node of the network
};

/// Reads the nodes of a network, and of the templates that they use, into the network of `in`.
class BodyReader {
 public:
  /// `root`: the whole file, whose templates are used; `file`: its names. Both are borrowed.
  BodyReader(Interpretation& in, const DocumentNode& root, const Scope& file)
      : in_(in), root_(root), file_(file) {}

  /// A `nodes:` section; fills `instance.results`. `inputs`: names of what it may read from
  /// outside, of which the first node reads the first one unless it says otherwise. `output`: where
  /// the section's owner names its output, else null.
  void nodes(const DocumentNode& section, Instance& instance,
             const std::vector<std::string>& inputs, const DocumentNode* output);

 private:
  /// How a body is read: for which node, from where if it does not say so.
  struct Place {
    std::string scope;        // of the node
    std::vector<int> inputs;  // unless the body has `from`
    int index = 0;            // of the repetition
  };
  /// An attribute or parameter as it stands in the file.
  struct Given {
    SpaceValue value;
    const DocumentNode* at = nullptr;
  };
  using Values = std::map<std::string, Given>;
  /// The branches of a choice.
  struct Candidates {
    SpaceValue decision;                   // a choice, or a list of one label
    std::vector<std::string> labels;       // one for each branch
    const DocumentNode* bodies = nullptr;  // by label; null where labels name what to run
  };

  int node(const DocumentNode& body, const Instance& instance, const Place& place);
  int repeated(const DocumentNode& body, const DocumentNode& repeat, const Instance& instance,
               const Place& place);
  int single(const DocumentNode& body, const Instance& instance, const Place& place);
  int operation(const DocumentNode& at, const std::string& name, const Values& values,
                const Place& place, const std::string& share);
  int use(const DocumentNode& at, const std::string& name, const Values& values,
          const Place& place);
  void enter(const DocumentNode& at, const std::string& name, const DocumentNode& text);
  void declare_parameters(const DocumentNode& at, const std::string& name, const DocumentNode& text,
                          const Values& values, Scope& scope);
  int result(const DocumentNode& named, const Instance& instance) const;

  int choose(const DocumentNode& body, const Instance& instance, const Place& place);
  Candidates candidates(const DocumentNode& body, const Instance& instance, const Place& place);
  int candidate(const DocumentNode& at, const std::string& label, const DocumentNode* body,
                const Values& values, const Instance& instance, const Place& place);
  int select(const DocumentNode& body, const Instance& instance, const Place& place);
  int subset(const DocumentNode& body, const DocumentNode& pick, const Instance& instance,
             const Place& place, const std::vector<int>& inputs);
  int add_select(const DocumentNode& at, const std::string& scope, std::vector<int> inputs,
                 int choice);

  std::vector<int> inputs_of(const DocumentNode& body, const Instance& instance,
                             const Place& place) const;
  /// `owner`: "attribute of relu", for keys that are not among `known`.
  void check_keys(const DocumentNode& body, const std::vector<std::string>& known,
                  const std::vector<std::string>& reserved, const std::string& owner) const;
  Values values_of(const DocumentNode& body, const std::vector<std::string>& reserved,
                   const Instance& instance, const Place& place);
  std::string word(const DocumentNode& node, const Instance& instance, const Place& place) const;
  NodeScope names(const Instance& instance, const Place& place) const {
    return NodeScope(instance.scope, place.inputs.empty() ? -1 : place.inputs[0], place.index);
  }
  const DocumentNode* find_template(const std::string& name) const;
  /// Attributes of an operation or parameters of a template; empty for an unknown name.
  std::vector<std::string> keys_of(const std::string& name) const;

  Interpretation& in_;
  const DocumentNode& root_;
  const Scope& file_;
  std::vector<std::string> uses_;  // templates that are being used, outermost first
};

/// The section `key` of a map, which must be a map that is not empty. `what`: whose it is.
const DocumentNode& required_section(const Interpretation& in, const DocumentNode& map,
                                     const char* key, std::string_view what);

/// An unknown-name error for a node that `instance` does not have.
Error unknown_node(const Interpretation& in, const DocumentNode& name, const Instance& instance);

}  // namespace nasmyth
