// JSON and DOT forms of NetworkGraph.
#include <cmath>

#include "nasmyth/core/json.h"
#include "nasmyth/core/options.h"
#include "nasmyth/graph/network_graph.h"

namespace nasmyth {
namespace {

constexpr int kVersion = 1;

Json number_json(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value == std::floor(value) && std::abs(value) < 1e15
             ? Json(static_cast<std::int64_t>(value))
             : Json(value);
}

double number_from(const Json& json, std::string_view where) {
  if (json.is_number()) return json.get<double>();
  if (json == "inf") return kInfinity;
  if (json == "-inf") return -kInfinity;
  throw Error(ErrorKind::kInvalidData, where, "expected a number, got " + json_line(json));
}

Json function_json(const ChoiceSet& choices, const ChoiceFunction& f) {
  if (f.is_constant()) return number_json(f.constant());
  Json names = Json::array(), values = Json::array();
  for (int c : f.scope()) names.push_back(choices[c].name);
  for (double v : f.values()) values.push_back(number_json(v));
  Json object{{"choices", names}, {"values", values}};
  if (!f.source().empty()) object["source"] = f.source();
  return object;
}

ChoiceFunction function_from(const ChoiceSet& choices, const Json& json, std::string_view where) {
  if (!json.is_object()) return number_from(json, where);
  std::vector<int> scope, dims;
  for (const auto& name : json_at<std::vector<std::string>>(json, "choices", where)) {
    const int c = choices.find(name);
    if (c < 0)
      throw Error(ErrorKind::kInvalidData, where, "unknown choice '" + name + "'",
                  "mend it, or write the file anew");
    scope.push_back(c);
    dims.push_back(choices[c].size());
  }
  std::vector<double> values;
  for (const auto& v : json_at<std::vector<Json>>(json, "values", where))
    values.push_back(number_from(v, where));
  return ChoiceFunction::from_table(std::move(scope), std::move(dims), std::move(values),
                                    json.value("source", std::string()));
}

Json choice_json(const Choice& choice) {
  Json options = Json::array();
  for (const auto& option : choice.options) {
    Json o{{"label", option.label}, {"picks", option.picks}};
    if (option.value) o["value"] = number_json(*option.value);
    if (option.search_only) o["search_only"] = true;
    options.push_back(std::move(o));
  }
  Json object{{"name", choice.name}, {"options", options}};
  if (choice.ordered) object["ordered"] = true;
  return object;
}

Choice choice_from(const Json& json, std::string_view where) {
  Choice choice{json_at<std::string>(json, "name", where), {}, json.value("ordered", false)};
  for (const auto& o : json_at<std::vector<Json>>(json, "options", where)) {
    Option option;
    option.label = json_at<std::string>(o, "label", where);
    option.picks = json_at<std::uint64_t>(o, "picks", where);
    if (o.contains("value")) option.value = number_from(o["value"], where);
    option.search_only = o.value("search_only", false);
    choice.options.push_back(std::move(option));
  }
  return choice;
}

Json node_json(const ChoiceSet& choices, const Node& node) {
  Json object{{"operation", node.operation}, {"scope", node.scope}, {"inputs", node.inputs}};
  Json attributes = Json::object();
  for (const auto& [name, attribute] : node.attributes) {
    if (const auto* word = std::get_if<std::string>(&attribute))
      attributes[name] = {{"word", *word}};
    else
      attributes[name] = function_json(choices, std::get<ChoiceFunction>(attribute));
  }
  if (!attributes.empty()) object["attributes"] = std::move(attributes);
  if (node.choice >= 0) object["choice"] = choices[node.choice].name;
  if (!node.keys.empty()) object["keys"] = node.keys;
  if (!node.composite.empty()) {
    object["composite"] = node.composite;
    object["composite_scope"] = node.composite_scope;
  }
  return object;
}

Node node_from(const ChoiceSet& choices, const Json& json, std::string_view where) {
  Node node;
  node.operation = json_at<std::string>(json, "operation", where);
  node.scope = json_at<std::string>(json, "scope", where);
  node.inputs = json_at<std::vector<int>>(json, "inputs", where);
  if (json.contains("attributes"))
    for (const auto& [name, value] : json["attributes"].items()) {
      if (value.is_object() && value.contains("word"))
        node.attributes[name] = json_at<std::string>(value, "word", where);
      else
        node.attributes[name] = function_from(choices, value, where);
    }
  if (json.contains("choice")) {
    const auto name = json_at<std::string>(json, "choice", where);
    node.choice = choices.find(name);
    if (node.choice < 0)
      throw Error(ErrorKind::kInvalidData, where, "unknown choice '" + name + "'",
                  "mend it, or write the file anew");
  }
  if (json.contains("keys"))
    node.keys = json_at<std::map<std::string, std::string>>(json, "keys", where);
  node.composite = json.value("composite", std::string());
  node.composite_scope = json.value("composite_scope", std::string());
  return node;
}

NetworkGraph graph_from(const Json& json, std::string_view where) {
  if (const int version = json_at<int>(json, "version", where); version != kVersion)
    throw Error(ErrorKind::kInvalidData, where,
                "graph version " + std::to_string(version) + "; this program reads version 1",
                "write the file anew with this version");
  std::vector<Choice> list;
  for (const auto& c : json_at<std::vector<Json>>(json, "choices", where))
    list.push_back(choice_from(c, where));
  const ChoiceSet names(list);
  std::vector<ChoiceFunction> constraints;
  for (const auto& c : json_at<std::vector<Json>>(json, "constraints", where))
    constraints.push_back(function_from(names, c, where));
  GraphBuilder builder{ChoiceSet(std::move(list), std::move(constraints))};
  for (const auto& n : json_at<std::vector<Json>>(json, "nodes", where))
    builder.add(node_from(names, n, where));
  for (const auto& o : json_at<std::vector<Json>>(json, "outputs", where))
    builder.output(json_at<std::string>(o, "name", where), json_at<int>(o, "node", where),
                   o.value("training_only", false));
  for (const auto& c : json_at<std::vector<Json>>(json, "carries", where))
    builder.carry(json_at<std::string>(c, "output", where),
                  json_at<std::string>(c, "input", where));
  return builder.build();
}

std::string dot_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string dot_label(const Node& node) {
  std::string label = node.operation;
  for (const auto& [name, attribute] : node.attributes) {
    label += "\\n" + name + " ";
    if (const auto* word = std::get_if<std::string>(&attribute)) {
      label += *word;
      continue;
    }
    const auto& f = std::get<ChoiceFunction>(attribute);
    label += f.is_constant() ? print_number(f.constant())
                             : (f.source().empty() ? std::string("(open)") : f.source());
  }
  return label;
}

}  // namespace

std::string NetworkGraph::to_json() const {
  Json choices = Json::array(), constraints = Json::array(), nodes = Json::array(),
       outputs = Json::array(), carries = Json::array();
  for (const auto& choice : *choices_) choices.push_back(choice_json(choice));
  for (const auto& c : choices_->constraints()) constraints.push_back(function_json(*choices_, c));
  for (const auto& node : nodes_) nodes.push_back(node_json(*choices_, node));
  for (const auto& output : outputs_) {
    Json o{{"name", output.name}, {"node", output.node}};
    if (output.training_only) o["training_only"] = true;
    outputs.push_back(std::move(o));
  }
  for (const auto& c : carries_) carries.push_back({{"output", c.output}, {"input", c.input}});
  const Json object{{"format", "nasmyth graph"},  {"version", kVersion}, {"choices", choices},
                    {"constraints", constraints}, {"nodes", nodes},      {"outputs", outputs},
                    {"carries", carries}};
  return json_text(object, 1);
}

NetworkGraph NetworkGraph::from_json(std::string_view text, std::string_view where) {
  const Json json = parse_json(text, where);
  if (!json.is_object() || json.value("format", Json()) != "nasmyth graph")
    throw Error(ErrorKind::kInvalidData, where, "it is no graph file",
                "give a file written by `export --format json`");
  try {
    return graph_from(json, where);
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::kInvalidData, where, json_fault(e), "mend it, or write the file anew");
  }
}

std::string NetworkGraph::to_dot() const {
  std::string dot =
      "digraph network {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  for (int i = 0; i < size(); ++i) {
    const Node& n = node(i);
    dot += "  n" + std::to_string(i) + " [label=\"" + dot_label(n) +
           "\", tooltip=" + dot_quoted(n.scope) + (n.choice >= 0 ? ", style=dashed" : "") + "];\n";
    for (int input : n.inputs)
      dot += "  n" + std::to_string(input) + " -> n" + std::to_string(i) + ";\n";
  }
  for (const auto& output : outputs_)
    dot += "  " + dot_quoted("output " + output.name) + " [shape=ellipse];\n  n" +
           std::to_string(output.node) + " -> " + dot_quoted("output " + output.name) + ";\n";
  return dot + "}\n";
}

}  // namespace nasmyth
