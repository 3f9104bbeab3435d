#include "nasmyth/space/file/network_reader.h"

#include <algorithm>

#include "nasmyth/space/file/body_reader.h"

namespace nasmyth {
namespace {

/// The sections of a file, in the order in which they depend on each other.
class NetworkReader {
 public:
  NetworkReader(Interpretation& in, const DocumentNode& root)
      : in_(in), root_(root), file_(in, nullptr, "", "") {}

  void read(const OptionMap& options);

 private:
  void read_templates();
  void read_parameters(const OptionMap& options);
  SpaceValue parameter(const std::string& name, const std::string& text,
                       const SpaceValue& original) const;
  int image(const DocumentNode& network);
  void read_outputs(const DocumentNode& network, const Instance& instance);
  void output(const DocumentNode& at, const std::string& name, const DocumentNode& node,
              bool training_only, const Instance& instance);

  Interpretation& in_;
  const DocumentNode& root_;
  Scope file_;
};

void NetworkReader::read(const OptionMap& options) {
  in_.errors.check_keys(root_,
                        {"description", "parameters", "choices", "templates", "network",
                         "constraints", "input", "classes"},
                        "section");
  read_templates();
  read_parameters(options);
  file_.declare_choices(root_.find("choices"));
  const DocumentNode& network = required_section(in_, root_, "network", "the space");
  in_.errors.check_keys(network, {"nodes", "output", "outputs"}, "key of a network");
  Instance instance{file_, {{"image", image(network)}}};
  BodyReader(in_, root_, file_)
      .nodes(required_section(in_, network, "nodes", "the network"), instance, {"image"},
             network.find("output"));
  read_outputs(network, instance);
  file_.read_constraints(root_.find("constraints"));
}

void NetworkReader::read_templates() {
  const auto* templates = root_.find("templates");
  if (!templates || templates->is_null()) return;
  if (!templates->is_map())
    throw in_.errors.error(*templates, "'templates' is a map; got " + describe(*templates),
                           "write templates: {stage: {nodes: ...}}");
  for (const auto& [name, text] : templates->entries) {
    check_name(in_, name, name.text, "template");
    if (in_.operations.find(name.text))
      throw in_.errors.error(name, "the template '" + name.text + "' has the name of an operation",
                             "take another name");
    in_.declare("template '" + name.text + "'", name);
    in_.templates.insert(name.text);
  }
}

// The defaults of the file, replaced by options.
void NetworkReader::read_parameters(const OptionMap& options) {
  const std::vector<OptionInfo> infos = nasmyth::read_parameters(in_.errors, root_);
  check_option_names(options, infos, "space " + in_.errors.file());
  const auto* section = root_.find("parameters");
  if (!section || section->is_null()) return;
  for (const auto& [name, node] : section->entries) {
    SpaceValue value = read_value(in_, node, file_, {});
    if (const auto it = options.find(name.text); it != options.end())
      value = parameter(name.text, it->second, value);
    file_.declare(name, name.text, std::move(value), "parameter");
  }
}

// An option is text; it must be of the kind of the default.
SpaceValue NetworkReader::parameter(const std::string& name, const std::string& text,
                                    const SpaceValue& original) const {
  const std::string where = "space." + name;
  SpaceValue value;
  if (original.kind == SpaceValue::Kind::kList) {
    std::vector<SpaceValue> items;
    for (const auto& item : parse_list(text, where))
      items.push_back(evaluate(item, true, file_, where));
    value = SpaceValue::of_list(std::move(items));
  } else {
    value = evaluate(text, true, file_, where);
  }
  if (value.kind != original.kind)
    throw Error(ErrorKind::kInvalidArgument, where,
                "expected " + std::string(original.is_number() ? "a number" : "a word") +
                    "; got '" + text + "'");
  return value;
}

int NetworkReader::image(const DocumentNode& network) {
  const ImageSpec& image = in_.form.input;
  Node input;
  input.operation = "input";
  input.scope = "image";
  input.attributes = {{"type", std::string("image")},
                      {"channels", image.channels},
                      {"height", image.height},
                      {"width", image.width}};
  return in_.add(network, std::move(input));
}

void NetworkReader::output(const DocumentNode& at, const std::string& name,
                           const DocumentNode& node, bool training_only, const Instance& instance) {
  if (!node.is_scalar())
    throw in_.errors.error(node, "expected the name of a node; got " + describe(node));
  const auto it = instance.results.find(node.text);
  if (it == instance.results.end()) throw unknown_node(in_, node, instance);
  const TensorShape& shape = in_.shape(it->second);
  if ((name == "logits" || name == "auxiliary") &&
      !(shape.rank() == 1 && shape[0] == ChoiceFunction(in_.form.classes)))
    throw in_.errors.error(at,
                           "the output '" + name + "' needs the shape [" +
                               std::to_string(in_.form.classes) + "] (classes); got " +
                               in_.node_text(it->second),
                           "end with {op: linear, features: classes}", ErrorKind::kShape);
  in_.use("node '" + node.text + "'");
  in_.builder.output(name, it->second, training_only);
}

void NetworkReader::read_outputs(const DocumentNode& network, const Instance& instance) {
  const DocumentNode* outputs = network.find("outputs");
  if (!outputs) {
    const auto* single = network.find("output");
    const auto& last = network.find("nodes")->entries.back().first;
    output(single ? *single : last, "logits", single ? *single : last, false, instance);
    return;
  }
  if (network.find("output") || !outputs->is_map() || !outputs->find("logits"))
    throw in_.errors.error(*outputs,
                           "'outputs' is a map with 'logits', and stands without 'output'",
                           "write outputs: {logits: head}");
  for (const auto& [name, value] : outputs->entries) {
    check_name(in_, name, name.text, "output");
    if (!value.is_map()) {
      output(name, name.text, value, false, instance);
      continue;
    }
    in_.errors.check_keys(value, {"from", "training_only"}, "key of an output");
    const DocumentNode* from = value.find("from");
    if (!from) throw in_.errors.error(value, "the output names no node", "add from: name");
    const DocumentNode* only = value.find("training_only");
    const bool training_only = only && read_whole(in_, *only, read_value(in_, *only, file_, {}), 0,
                                                  1, "training_only", file_) != 0;
    if (training_only && name.text == "logits")
      throw in_.errors.error(*only, "the output 'logits' is what the user gets",
                             "leave training_only out");
    output(name, name.text, *from, training_only, instance);
  }
}

}  // namespace

void read_network(Interpretation& in, const DocumentNode& root, const OptionMap& options) {
  NetworkReader(in, root).read(options);
}

std::vector<OptionInfo> read_parameters(const DocumentErrors& errors, const DocumentNode& root) {
  const auto* section = root.find("parameters");
  std::vector<OptionInfo> infos;
  if (!section || section->is_null()) return infos;
  if (!section->is_map())
    throw errors.error(*section, "'parameters' is a map; got " + describe(*section),
                       "write parameters: {channels: 16}");
  for (const auto& [name, value] : section->entries) {
    if (value.is_null() || value.is_map())
      throw errors.error(value.is_null() ? name : value,
                         "the parameter '" + name.text.substr(0, 64) + "' needs a default",
                         "write a number, a word or a list");
    OptionInfo info;
    info.name = name.text;
    info.help = "parameter of the file, line " + std::to_string(name.place.line);
    info.type = value.is_list() ? "list" : "value";
    std::vector<std::string> items;
    for (const auto& item : value.items) items.push_back(item.is_list() ? "[...]" : item.text);
    info.default_value = value.is_list() ? print_list(items) : value.text;
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace nasmyth
