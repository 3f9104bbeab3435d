#include "nasmyth/space/file/wiring.h"

#include <algorithm>
#include <map>

namespace nasmyth {
namespace {

class Wirer {
 public:
  Wirer(const DocumentErrors& errors, const DocumentNode& nodes,
        const std::vector<std::string>& inputs)
      : errors_(errors), nodes_(nodes), inputs_(inputs) {
    for (std::size_t i = 0; i < nodes.entries.size(); ++i) {
      const DocumentNode& name = nodes.entries[i].first;
      if (std::find(inputs.begin(), inputs.end(), name.text) != inputs.end())
        throw errors.error(name, "the node '" + name.text + "' has the name of an input",
                           "take another name");
      index_[name.text] = static_cast<int>(i);
    }
    reads_.resize(nodes.entries.size());
    for (std::size_t i = 0; i < nodes.entries.size(); ++i) find_reads(i);
  }

  Wiring wire() {
    state_.assign(reads_.size(), State::kNew);
    for (std::size_t i = 0; i < reads_.size(); ++i) visit(static_cast<int>(i));
    return std::move(wiring_);
  }

 private:
  enum class State { kNew, kOpen, kDone };

  void find_reads(std::size_t i) {
    const DocumentNode& body = nodes_.entries[i].second;
    const bool reads_before = !body.find("from") && !body.find("select");
    if (reads_before) {
      if (i > 0) reads_[i].push_back(static_cast<int>(i) - 1);
      if (i == 0 && !inputs_.empty()) wiring_.read.insert(inputs_[0]);
      if (i > 0) wiring_.read.insert(nodes_.entries[i - 1].first.text);
    }
    collect(body, i);
  }

  void collect(const DocumentNode& body, std::size_t i) {
    for (const char* key : {"from", "select"})
      if (const auto* names = body.find(key))
        for (const auto* name : names_in(errors_, *names)) add(*name, i);
    for (const char* key : {"choose", "options"})
      if (const auto* candidates = body.find(key); candidates && candidates->is_map())
        for (const auto& [label, candidate] : candidates->entries) collect(candidate, i);
  }

  void add(const DocumentNode& name, std::size_t i) {
    wiring_.read.insert(name.text);
    if (const auto it = index_.find(name.text); it != index_.end()) {
      reads_[i].push_back(it->second);
      return;
    }
    if (std::find(inputs_.begin(), inputs_.end(), name.text) != inputs_.end()) return;
    std::vector<std::string> known = inputs_;
    for (const auto& [node, index] : index_) known.push_back(node);
    throw unknown_name(errors_.at(name.place), "node", name.text.substr(0, 64), known);
  }

  // Depth first without recursion: a chain may be as long as the file.
  void visit(int first) {
    if (state_[at(first)] != State::kNew) return;
    std::vector<std::pair<int, std::size_t>> path{{first, 0}};
    state_[at(first)] = State::kOpen;
    while (!path.empty()) {
      const int node = path.back().first;
      if (path.back().second == reads_[at(node)].size()) {
        state_[at(node)] = State::kDone;
        wiring_.order.push_back(node);
        path.pop_back();
        continue;
      }
      const int next = reads_[at(node)][path.back().second++];
      if (state_[at(next)] == State::kOpen) throw circle(path, next);
      if (state_[at(next)] == State::kNew) {
        state_[at(next)] = State::kOpen;
        path.emplace_back(next, 0);
      }
    }
  }

  Error circle(const std::vector<std::pair<int, std::size_t>>& path, int closing) const {
    constexpr std::size_t kShown = 12;
    std::vector<std::string> names;
    bool within = false;
    for (const auto& [node, position] : path) {
      within = within || node == closing;
      if (within) names.push_back(nodes_.entries[at(node)].first.text);
    }
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (i < kShown || i + 1 == names.size())
        text += names[i] + " -> ";
      else if (i == kShown)
        text += "... -> ";
    return errors_.error(nodes_.entries[at(closing)].first,
                         "the nodes read each other in a circle: " + text + names[0],
                         "let one of them read an earlier node");
  }

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  const DocumentErrors& errors_;
  const DocumentNode& nodes_;
  const std::vector<std::string>& inputs_;
  std::map<std::string, int> index_;
  std::vector<std::vector<int>> reads_;
  std::vector<State> state_;
  Wiring wiring_;
};

}  // namespace

std::vector<const DocumentNode*> names_in(const DocumentErrors& errors, const DocumentNode& from) {
  std::vector<const DocumentNode*> names;
  if (from.is_list())
    for (const auto& item : from.items) names.push_back(&item);
  else
    names.push_back(&from);
  if (names.empty()) throw errors.error(from, "no node is named", "write [a, b]");
  for (const auto* name : names)
    if (!name->is_scalar() || name->text.empty())
      throw errors.error(*name, "expected the name of a node; got " + describe(*name),
                         "write from: name or from: [a, b]");
  return names;
}

Wiring wire(const DocumentErrors& errors, const DocumentNode& nodes,
            const std::vector<std::string>& inputs) {
  return Wirer(errors, nodes, inputs).wire();
}

}  // namespace nasmyth
