#include "tests/report/well_formed.h"

#include <set>
#include <vector>

namespace nasmyth::test {
namespace {

std::string_view name_of(std::string_view tag) { return tag.substr(0, tag.find_first_of(" \n/")); }

// Where the tag that begins at `i` ends; quotes may hold brackets.
std::size_t tag_end(std::string_view html, std::size_t i) {
  bool quoted = false;
  for (; i < html.size(); ++i) {
    if (html[i] == '"') quoted = !quoted;
    if (html[i] == '>' && !quoted) return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string html_fault(std::string_view html) {
  const std::set<std::string_view> alone{"meta", "link", "img", "br", "!DOCTYPE"};
  std::vector<std::string_view> open;
  for (std::size_t i = 0; i < html.size(); ++i) {
    if (html[i] == '>')
      return "a '>' in text: " + std::string(html.substr(i < 40 ? 0 : i - 40, 60));
    if (html[i] != '<') continue;
    const std::size_t end = tag_end(html, i);
    if (end == std::string_view::npos) return "a tag that does not end";
    const std::string_view tag = html.substr(i + 1, end - i - 1);
    i = end;
    if (tag.starts_with("/")) {
      if (open.empty() || open.back() != tag.substr(1))
        return "</" + std::string(tag.substr(1)) + "> closes <" +
               std::string(open.empty() ? "nothing" : open.back()) + ">";
      open.pop_back();
      continue;
    }
    const std::string_view name = name_of(tag);
    if (name.empty()) return "a '<' in text: " + std::string(html.substr(end, 40));
    if (alone.contains(name) || tag.ends_with("/")) continue;
    if (name == "script" || name == "style") {
      i = html.find("</" + std::string(name) + ">", i);
      if (i == std::string_view::npos) return std::string(name) + " does not end";
      i += name.size() + 2;
      continue;
    }
    open.push_back(name);
  }
  return open.empty() ? "" : "<" + std::string(open.back()) + "> is never closed";
}

}  // namespace nasmyth::test
