#include "nasmyth/core/configuration.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/text.h"
#include "nasmyth/core/yaml_document.h"

namespace nasmyth {
namespace {

// Bounds against files that expand without end through aliases.
constexpr std::size_t kGreatestDepth = 20;
constexpr std::size_t kMostKeys = 100000;

constexpr std::string_view kPlainPunctuation = "_./+-";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What is wrong with a dotted key; empty when nothing is.
std::string_view key_fault(std::string_view key) {
  if (key.empty() || key.front() == '.' || key.back() == '.' ||
      key.find("..") != std::string_view::npos)
    return "a key or a part of it is empty";
  if (static_cast<std::size_t>(std::ranges::count(key, '.')) >= kGreatestDepth)
    return "the key has too many parts";
  for (const char c : key)
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f ||
        std::string_view("=:,[]{}<>\"'#").find(c) != std::string_view::npos)
      return "a key holds a character that is not allowed";
  return {};
}

bool is_plain(std::string_view text) {
  if (text.empty() || text != trim(text) || text.substr(0, 2) == "- " || text == "-" ||
      text.substr(0, 3) == "---" || text.substr(0, 3) == "...")
    return false;
  if (const std::string lower = to_lower(text); lower == "null") return false;
  return std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == ' ' || kPlainPunctuation.find(c) != std::string_view::npos;
  });
}

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

// A list that reads back as the same text is a YAML sequence; any other text is a scalar.
std::string yaml_value(std::string_view text) {
  if (text.empty() || text.front() != '[') return yaml_scalar(text);
  std::vector<std::string> elements;
  try {
    elements = parse_list(text, {});
  } catch (const Error&) {
    return yaml_scalar(text);
  }
  if (print_list(elements) != text) return yaml_scalar(text);
  for (std::string& element : elements) element = yaml_scalar(element);
  return "[" + join(elements, ", ") + "]";
}

/// A section with its names in order, for writing.
struct Section {
  std::string value;  // leaves only
  std::vector<std::pair<std::string, std::unique_ptr<Section>>> children;

  Section& child(std::string_view name) {
    for (auto& [key, section] : children)
      if (key == name) return *section;
    children.emplace_back(name, std::make_unique<Section>());
    return *children.back().second;
  }

  void write(std::string& out, std::size_t indent) const {
    for (const auto& [name, section] : children) {
      out.append(indent, ' ').append(yaml_scalar(name)).append(":");
      if (section->children.empty()) {
        out.append(" ").append(section->value).append("\n");
      } else {
        out.append("\n");
        section->write(out, indent + 2);
      }
    }
  }
};

// `key` from its first part on as many parts as `section` has, replaced by `section`.
std::string with_section(std::string_view key, std::string_view section) {
  std::size_t at = 0;
  for (auto parts = std::ranges::count(section, '.') + 1; parts > 0; --parts) {
    at = key.find('.', at);
    if (at == std::string_view::npos) return std::string(section);
    if (parts > 1) ++at;
  }
  return std::string(section) + std::string(key.substr(at));
}

}  // namespace

/// Walks a YAML tree and puts its scalars into a configuration.
struct Configuration::Loader {
  Configuration& result;
  std::string name;

  std::string place(const YAML::Mark& mark) const {
    if (mark.is_null()) return name;
    return name + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  }

  [[noreturn]] void fail(const YAML::Mark& mark, std::string_view what,
                         std::string_view remedy = "mend it there") const {
    throw Error(ErrorKind::kInvalidData, place(mark), what, remedy);
  }

  void load(std::string_view text) {
    const YamlDocument document = load_yaml(std::string(text));
    if (document.second)
      fail(*document.second, "the file holds more than one document", "keep one without '---'");
    if (document.root.IsNull()) return;
    if (!document.root.IsMap())
      fail(document.root.Mark(), "the file holds no keys", "write it as 'key: value' lines");
    map(document.root, "", 1);
  }

  void map(const YAML::Node& node, const std::string& prefix, std::size_t depth) {
    if (depth > kGreatestDepth) fail(node.Mark(), "sections are nested too deeply");
    for (const auto& item : node) {
      if (!item.first.IsScalar()) fail(item.first.Mark(), "a key is no plain word");
      const std::string key = prefix + item.first.Scalar();
      if (const auto fault = key_fault(key); !fault.empty())
        fail(item.first.Mark(), std::string(fault) + "; got '" + key + "'");
      if (item.second.IsMap())
        map(item.second, key + ".", depth + 1);
      else
        value(key, item.first.Mark(), item.second);
    }
  }

  void value(const std::string& key, const YAML::Mark& mark, const YAML::Node& node) {
    if (result.entries_.size() >= kMostKeys) fail(mark, "the file holds too many keys");
    if (const Entry* first = result.find(key))
      fail(mark, "the key '" + key + "' is set twice; the first is at " + first->origin,
           "keep one of them");
    try {
      result.put(
          {key, node.IsSequence() ? sequence(node) : scalar(node), place(mark), node.IsNull()});
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::kInvalidData) throw;
      throw Error(ErrorKind::kInvalidData, place(mark),
                  std::string_view(e.what()).substr(e.where().size() + 3));
    }
  }

  std::string scalar(const YAML::Node& node) const {
    return node.IsNull() ? "none" : node.Scalar();
  }

  std::string sequence(const YAML::Node& node) const {
    std::vector<std::string> elements;
    for (const YAML::Node& element : node) {
      if (!element.IsScalar() && !element.IsNull())
        fail(element.Mark(), "a list may hold plain values only", "write it as [a, b, c]");
      if (elements.size() >= kMostKeys) fail(element.Mark(), "the list is too long");
      elements.push_back(scalar(element));
    }
    return print_list(elements);
  }
};

Configuration Configuration::load(const std::filesystem::path& path) {
  return parse(read_file(path), path.string());
}

Configuration Configuration::parse(std::string_view yaml, std::string_view name) {
  Configuration result;
  Loader loader{result, std::string(name)};
  try {
    loader.load(yaml);
  } catch (const YAML::Exception& e) {
    const bool vague = e.msg == "bad file";  // what the library says of too many levels
    throw Error(ErrorKind::kInvalidData, loader.place(e.mark),
                vague ? "it is no YAML, or nested too deeply" : e.msg,
                "mend the YAML there: 'key: value' lines, sections indented by spaces");
  }
  return result;
}

void Configuration::set(std::string_view assignment) {
  const auto equals = assignment.find('=');
  const std::string_view key = trim(assignment.substr(0, equals));
  if (equals == std::string_view::npos || key.empty())
    throw Error(ErrorKind::kInvalidArgument, "--set",
                "no assignment; got '" + std::string(assignment) + "'", "write it as key=value");
  set_value(key, trim(assignment.substr(equals + 1)), "--set " + std::string(key));
}

void Configuration::set_value(std::string_view key, std::string_view value,
                              std::string_view origin) {
  put({std::string(key), std::string(value), std::string(origin)});
}

void Configuration::put(Entry entry) {
  const std::string& key = entry.key;
  if (const auto fault = key_fault(key); !fault.empty())
    throw Error(ErrorKind::kInvalidArgument, entry.origin,
                std::string(fault) + "; got '" + key + "'", "write keys such as search.epochs");
  if (const auto below = index_.lower_bound(key + ".");
      below != index_.end() && below->first.starts_with(key + ".")) {
    if (entry.is_null) return;
    throw Error(ErrorKind::kInvalidArgument, entry.origin,
                "'" + key + "' is a section and takes no value",
                "set a key below it, such as '" + below->first + "'");
  }
  make_room_for_sections(key, entry.origin);
  if (const auto found = index_.find(key); found != index_.end()) {
    entries_[found->second] = std::move(entry);
    return;
  }
  index_[key] = entries_.size();
  entries_.push_back(std::move(entry));
}

// Each section on the way to `key` must hold no value of its own.
void Configuration::make_room_for_sections(std::string_view key, std::string_view origin) {
  for (auto dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1)) {
    const std::string_view section = key.substr(0, dot);
    const Entry* value = find(section);
    if (value == nullptr) continue;
    if (!value->is_null)
      throw Error(ErrorKind::kInvalidArgument, origin,
                  "'" + std::string(section) + "' has a value (" + value->origin +
                      ") and cannot hold '" + std::string(key) + "'",
                  "leave one of them out");
    erase(section);
  }
}

void Configuration::erase(std::string_view key) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
  index_.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i) index_[entries_[i].key] = i;
}

void Configuration::merge(const Configuration& other) {
  for (const Entry& entry : other.entries_) put(entry);
}

const Configuration::Entry* Configuration::find(std::string_view key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

std::optional<std::string> Configuration::get(std::string_view key) const {
  asked_keys_.emplace(key);
  const Entry* entry = find(key);
  if (entry == nullptr) return std::nullopt;
  entry->read = true;
  return entry->value;
}

OptionMap Configuration::section(std::string_view prefix) const {
  asked_sections_.emplace(prefix);
  if (const Entry* empty = find(prefix); empty != nullptr && empty->is_null) empty->read = true;
  const std::string start = std::string(prefix) + ".";
  OptionMap values;
  for (auto it = index_.lower_bound(start); it != index_.end() && it->first.starts_with(start);
       ++it) {
    const Entry& entry = entries_[it->second];
    entry.read = true;
    values[entry.key.substr(start.size())] = entry.value;
  }
  return values;
}

bool Configuration::has(std::string_view key) const {
  if (find(key) != nullptr) return true;
  const std::string start = std::string(key) + ".";
  const auto below = index_.lower_bound(start);
  return below != index_.end() && below->first.starts_with(start);
}

std::vector<std::string> Configuration::children(std::string_view prefix) const {
  const std::string start = prefix.empty() ? "" : std::string(prefix) + ".";
  std::vector<std::string> names;
  std::set<std::string, std::less<>> seen;
  for (const Entry& entry : entries_) {
    if (!entry.key.starts_with(start)) continue;
    const std::string rest = entry.key.substr(start.size());
    std::string name = rest.substr(0, rest.find('.'));
    if (seen.insert(name).second) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> Configuration::keys() const {
  std::vector<std::string> keys;
  for (const Entry& entry : entries_) keys.push_back(entry.key);
  return keys;
}

std::string Configuration::origin(std::string_view key) const {
  const Entry* entry = find(key);
  return entry == nullptr ? std::string() : entry->origin;
}

std::vector<std::string> Configuration::unread() const {
  std::vector<std::string> keys;
  for (const Entry& entry : entries_)
    if (!entry.read) keys.push_back(entry.key);
  return keys;
}

void Configuration::check_all_read() const {
  const std::vector<std::string> keys = unread();
  if (keys.empty()) return;
  const std::string& key = keys.front();
  if (asked_sections_.contains(key))
    throw Error(ErrorKind::kInvalidArgument, origin(key),
                "'" + key + "' is a section and takes no value; got '" + find(key)->value + "'",
                "set the keys below it, such as " + key + ".NAME");
  std::vector<std::string> candidates(asked_keys_.begin(), asked_keys_.end());
  for (const std::string& section : asked_sections_)
    candidates.push_back(with_section(key, section));
  const std::string_view nearest = nearest_name(key, candidates);
  throw Error(ErrorKind::kUnknownName, origin(key), "unknown configuration key '" + key + "'",
              nearest.empty() ? "remove it" : "did you mean '" + std::string(nearest) + "'?");
}

std::string Configuration::to_yaml() const {
  Section root;
  for (const Entry& entry : entries_) {
    Section* section = &root;
    std::string_view rest = entry.key;
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
      section = &section->child(rest.substr(0, dot));
      rest.remove_prefix(dot + 1);
    }
    section->child(rest).value = entry.is_null ? "~" : yaml_value(entry.value);
  }
  std::string text;
  root.write(text, 0);
  return text;
}

}  // namespace nasmyth
