#include "nasmyth/space/file/document.h"

#include <algorithm>
#include <exception>

#include "nasmyth/core/yaml_document.h"

namespace nasmyth {
namespace {

constexpr std::size_t kMostBytes = 1'000'000;
constexpr int kGreatestDepth = 40;
constexpr int kMostValues = 50'000;
constexpr std::size_t kLongestScalar = 2000;
constexpr std::size_t kShownText = 40;

TextPlace place_of(const YAML::Mark& mark) {
  return mark.is_null() ? TextPlace{} : TextPlace{mark.line + 1, mark.column + 1};
}

std::string shortened(const std::string& text) {
  return text.size() <= kShownText ? text : text.substr(0, kShownText) + "...";
}

/// Copies a YAML tree, whose aliases may make it far greater than the file.
class Copier {
 public:
  explicit Copier(const DocumentErrors& errors) : errors_(errors) {}

  DocumentNode copy(const YAML::Node& node, int depth) {
    DocumentNode result;
    result.place = place_of(node.Mark());
    if (depth > kGreatestDepth)
      throw errors_.error(result, "values are nested too deeply",
                          "nest at most " + std::to_string(kGreatestDepth) + " deep");
    if (++values_ > kMostValues)
      throw errors_.error(
          result,
          "the file holds more than " + std::to_string(kMostValues) + " values, aliases expanded",
          "write a template once and use it, or fewer aliases");
    if (node.IsMap()) {
      result.kind = DocumentNode::Kind::kMap;
      copy_map(node, depth, result);
    } else if (node.IsSequence()) {
      result.kind = DocumentNode::Kind::kList;
      for (const auto& item : node) result.items.push_back(copy(item, depth + 1));
    } else if (node.IsScalar()) {
      result.kind = DocumentNode::Kind::kScalar;
      result.text = node.Scalar();
      result.quoted = node.Tag() == "!";
      if (result.text.size() > kLongestScalar)
        throw errors_.error(
            result, "a text of " + std::to_string(result.text.size()) + " characters is too long");
    }
    return result;
  }

 private:
  void copy_map(const YAML::Node& node, int depth, DocumentNode& result) {
    std::vector<DocumentNode> merged;
    for (const auto& entry : node) {
      DocumentNode key = copy(entry.first, depth + 1);
      if (!key.is_scalar()) throw errors_.error(key, "a key must be a word; got " + describe(key));
      if (key.text == "<<" && !key.quoted) {
        merged.push_back(copy(entry.second, depth + 1));
        continue;
      }
      if (const auto* first = result.find(key.text))
        throw errors_.error(key,
                            "the key '" + shortened(key.text) + "' stands twice; the first at " +
                                errors_.at(first->place),
                            "keep one of them");
      result.entries.emplace_back(std::move(key), copy(entry.second, depth + 1));
    }
    for (auto& base : merged) merge(base, result);
  }

  // `<<: *base`: the entries of another map that are not there yet.
  void merge(DocumentNode& base, DocumentNode& result) const {
    if (base.is_list()) {
      for (auto& item : base.items) merge(item, result);
      return;
    }
    if (!base.is_map())
      throw errors_.error(base, "'<<' merges a map; got " + describe(base), "write <<: *name");
    for (auto& entry : base.entries)
      if (!result.find(entry.first.text)) result.entries.push_back(std::move(entry));
  }

  const DocumentErrors& errors_;
  int values_ = 0;
};

}  // namespace

const DocumentNode* DocumentNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name.text == key) return &value;
  return nullptr;
}

std::vector<std::string> DocumentNode::keys() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : entries) names.push_back(name.text);
  return names;
}

std::string describe(const DocumentNode& node) {
  switch (node.kind) {
    case DocumentNode::Kind::kNull:
      return "nothing";
    case DocumentNode::Kind::kScalar:
      return "'" + shortened(node.text) + "'";
    case DocumentNode::Kind::kList:
      return "a list of " + std::to_string(node.items.size());
    case DocumentNode::Kind::kMap:
      return node.entries.empty()
                 ? "an empty map"
                 : "a map with the key '" + shortened(node.entries[0].first.text) + "'";
  }
  return {};
}

std::string DocumentErrors::at(TextPlace place) const {
  if (place.line == 0) return file_;
  return file_ + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

Error DocumentErrors::error(const DocumentNode& node, std::string_view what,
                            std::string_view remedy, ErrorKind kind) const {
  return Error(kind, at(node.place), what, remedy);
}

void DocumentErrors::check_keys(const DocumentNode& map, const std::vector<std::string>& known,
                                std::string_view what) const {
  for (const auto& [key, value] : map.entries)
    if (std::find(known.begin(), known.end(), key.text) == known.end())
      throw unknown_name(at(key.place), what, shortened(key.text), known);
}

DocumentNode parse_document(std::string_view yaml, const std::string& file) {
  const DocumentErrors errors(file);
  if (yaml.size() > kMostBytes)
    throw Error(ErrorKind::kInvalidData, file,
                "a space file of " + std::to_string(yaml.size()) + " bytes is too large",
                "use at most " + std::to_string(kMostBytes));
  try {
    const YamlDocument document = load_yaml(std::string(yaml));
    if (document.second)
      throw Error(ErrorKind::kInvalidData, errors.at(place_of(*document.second)),
                  "the file holds more than one document", "keep one without '---'");
    const DocumentNode root = Copier(errors).copy(document.root, 0);
    if (!root.is_map())
      throw errors.error(root, "a space file is a map of sections; got " + describe(root),
                         "begin with 'network:'");
    return root;
  } catch (const YAML::Exception& e) {
    throw Error(ErrorKind::kInvalidData, errors.at(place_of(e.mark)), "bad YAML: " + e.msg,
                "mend it there or in the line before");
  } catch (const std::out_of_range&) {  // yaml-cpp on some damaged escapes
    throw Error(ErrorKind::kInvalidData, file, "bad YAML");
  }
}

}  // namespace nasmyth
