#include "nasmyth/report/network_drawing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "nasmyth/core/options.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/text.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/layered_layout.h"
#include "nasmyth/report/node_words.h"

namespace nasmyth {
namespace {

constexpr int kWholeNetwork = 48;  // nodes up to which a network is drawn as it is
constexpr double kBoxWidth = 228, kBoxHeight = 62, kTagHeight = 38, kPillHeight = 24, kCircle = 24;
constexpr double kMargin = 14;
constexpr double kLetter = 6.6;  // width of a letter of a label, in pixels
constexpr std::string_view kTimes = "\xc3\x97";
constexpr std::string_view kDot = " \xc2\xb7 ";

enum class Look {
  kBox,     // operation, shape, detail, costs
  kTag,     // in a cell of many: operation, params
  kPill,    // one line
  kCircle,  // a sign
};

struct DrawnNode {
  Look look = Look::kBox;
  std::string family;  // CSS class
  std::string title, detail, shape, cost, tip;
  std::string block;
  double width_share = 0;  // of the widest layer
};

struct Drawing {
  std::vector<DrawnNode> nodes;
  std::vector<std::pair<int, int>> edges;
};

std::string block_of(const Node& node) { return node.scope.substr(0, node.scope.find('/')); }

// Nodes that are drawn: drop-path is how a network was trained, not what it is.
bool hidden(const Node& node) { return node.operation == "drop_path"; }

class Drawer {
 public:
  Drawer(const NetworkGraph& graph, const CountedNetwork* counted) : graph_(graph) {
    if (counted)
      for (const auto& layer : counted->layers) {
        layers_[layer.scope] = &layer;
        widest_ = std::max(widest_, channels(layer.shape));
      }
  }

  std::string draw() {
    int shown = 0;
    for (const auto& node : graph_.nodes()) shown += !hidden(node);
    std::vector<int> all;
    for (int i = 0; i < graph_.size(); ++i) all.push_back(i);
    if (shown <= kWholeNetwork) return figure(part(all, true), "The network", true);
    return blocks();
  }

 private:
  static double channels(const std::string& shape) {
    return shape.size() > 1 ? std::strtod(shape.c_str() + 1, nullptr) : 0;
  }

  // The earlier node that is drawn for node `i`.
  int shown_source(int i) const {
    while (hidden(graph_.node(i)) && !graph_.node(i).inputs.empty()) i = graph_.node(i).inputs[0];
    return i;
  }

  DrawnNode drawn(const Node& node) const {
    DrawnNode d;
    d.family = family_of(node.operation);
    d.title = node.operation;
    d.tip = tip_of(node);
    d.block = block_of(node);
    const auto it = layers_.find(node.scope);
    if (it != layers_.end()) {
      d.shape = shape_text(it->second->shape);
      if (widest_ > 0) d.width_share = channels(it->second->shape) / widest_;
      const NetworkCount& count = it->second->count;
      if (count.params > 0 || count.macs > 0)
        d.cost = format_si(count.params) + " params" + std::string(kDot) + format_si(count.macs) +
                 " MACs";
    }
    if (node.operation == "sum" || node.operation == "multiply") {
      d.look = Look::kCircle;
      d.title = node.operation == "sum" ? "+" : std::string(kTimes);
      return d;
    }
    d.detail = detail_of(node);
    if (node.operation == "input") {
      d.title = node.scope;
      d.detail.clear();
    }
    if (d.family == "plain" || d.family == "input" || d.family == "skip") d.look = Look::kPill;
    if (d.look == Look::kBox && d.detail.empty() && d.cost.empty()) d.look = Look::kPill;
    return d;
  }

  // Nodes of the graph as a drawing; what they read from outside is a pill with its block's name.
  Drawing part(const std::vector<int>& nodes, bool with_outputs) const {
    Drawing drawing;
    std::map<int, int> place;
    std::map<std::string, int> outside;
    const std::set<int> inside(nodes.begin(), nodes.end());
    for (int i : nodes)
      for (int input : graph_.node(i).inputs) {
        const int source = shown_source(input);
        if (inside.contains(source) || hidden(graph_.node(i))) continue;
        const std::string from = block_of(graph_.node(source));
        if (!outside.contains(from)) {
          outside[from] = static_cast<int>(drawing.nodes.size());
          drawing.nodes.push_back({Look::kPill, "input", "from " + from, {}, {}, {}, {}, from, 0});
        }
        place[source] = outside[from];
      }
    for (int i : nodes) {
      const Node& node = graph_.node(i);
      if (hidden(node)) continue;
      place[i] = static_cast<int>(drawing.nodes.size());
      drawing.nodes.push_back(drawn(node));
      for (int input : node.inputs)
        if (const auto from = place.find(shown_source(input)); from != place.end())
          drawing.edges.emplace_back(from->second, place.at(i));
    }
    if (with_outputs)
      for (const auto& output : graph_.outputs()) {
        if (const auto from = place.find(shown_source(output.node)); from != place.end())
          drawing.edges.emplace_back(from->second, static_cast<int>(drawing.nodes.size()));
        drawing.nodes.push_back(
            {Look::kPill, "input", output.name, {}, {}, {}, {}, "output " + output.name, 0});
      }
    return drawing;
  }

  // --- networks of many layers -----------------------------------------------------------------

  struct Block {
    std::string name;
    std::vector<int> nodes;
    std::string signature;
    NetworkCount count;
    std::string shape;
    int kind = 0;
  };

  // What a block does, but for its width: operations, attributes, and where each input comes from.
  std::string signature(const Block& block) const {
    std::map<int, int> own;
    for (std::size_t k = 0; k < block.nodes.size(); ++k) own[block.nodes[k]] = static_cast<int>(k);
    std::string text;
    int outside = 0;
    for (int i : block.nodes) {
      const Node& node = graph_.node(i);
      text += node.operation + "(" + detail_of(node);
      for (int input : node.inputs) {
        const auto it = own.find(input);
        text +=
            it == own.end() ? ",out" + std::to_string(outside++) : "," + std::to_string(it->second);
      }
      text += ")";
    }
    return text;
  }

  std::vector<Block> find_blocks() const {
    std::vector<Block> blocks;
    std::map<std::string, std::size_t> index;
    for (int i = 0; i < graph_.size(); ++i) {
      const Node& node = graph_.node(i);
      const std::string name = block_of(node);
      const auto [it, fresh] = index.emplace(name, blocks.size());
      if (fresh) blocks.push_back({name, {}, {}, {}, {}, 0});
      Block& block = blocks[it->second];
      block.nodes.push_back(i);
      if (const auto layer = layers_.find(node.scope); layer != layers_.end()) {
        block.count.params += layer->second->count.params;
        block.count.macs += layer->second->count.macs;
        block.shape = layer->second->shape;
      }
    }
    std::map<std::string, int> kinds;
    for (auto& block : blocks) {
      block.signature = signature(block);
      block.kind = kinds.emplace(block.signature, static_cast<int>(kinds.size())).first->second;
    }
    return blocks;
  }

  // A block drawn small: its layers have much the same shape, and there may be many of them.
  Drawing cell(const std::vector<int>& nodes) const {
    Drawing drawing = part(nodes, false);
    for (auto& node : drawing.nodes) {
      node.shape.clear();
      if (node.look != Look::kBox) continue;
      node.look = Look::kTag;
      node.cost = node.cost.substr(0, node.cost.find(kDot));
      if (node.cost.starts_with("0 ")) node.cost.clear();
    }
    return drawing;
  }

  static std::string names(const std::vector<const Block*>& blocks) {
    std::vector<std::string> all;
    for (const Block* block : blocks) all.push_back(block->name);
    if (all.size() > 8) {
      const std::string last = all.back();
      all.resize(6);
      all.insert(all.end(), {"\xe2\x80\xa6", last});
    }
    return join(all, ", ");
  }

  std::string blocks() const {
    const std::vector<Block> blocks = find_blocks();
    std::map<int, std::vector<const Block*>> kinds;
    std::map<int, std::string> letters;  // of kinds that are drawn one by one
    for (const auto& block : blocks) {
      kinds[block.kind].push_back(&block);
      if (block.nodes.size() > 3 && !letters.contains(block.kind))
        letters[block.kind] = std::string(1, static_cast<char>('A' + letters.size() % 26));
    }
    std::string html = figure(overview(blocks, letters), "The network by its blocks", false);
    for (const auto& [kind, letter] : letters)
      html += figure(
          cell(kinds[kind].front()->nodes),
          "Kind " + letter + ": " + names(kinds[kind]) +
              (kinds[kind].size() > 1 ? " (counts are those of " + kinds[kind].front()->name + ")"
                                      : ""),
          false);
    return html;
  }

  Drawing overview(const std::vector<Block>& blocks,
                   const std::map<int, std::string>& letters) const {
    Drawing drawing;
    std::map<std::string, int> place;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const Block& block = blocks[b];
      DrawnNode d;
      d.title = block.name;
      d.block = block.name;
      d.shape = shape_text(block.shape);
      if (widest_ > 0) d.width_share = channels(block.shape) / widest_;
      if (block.count.params > 0)
        d.cost = format_si(block.count.params) + " params" + std::string(kDot) +
                 format_si(block.count.macs) + " MACs";
      const auto letter = letters.find(block.kind);
      d.family = letter == letters.end() ? family_of(graph_.node(block.nodes.front()).operation)
                                         : "kind" + std::to_string((letter->second[0] - 'A') % 4);
      d.detail = letter == letters.end() ? "" : "kind " + letter->second;
      d.tip = block.name;
      if (block.count.params == 0) d.look = Look::kPill;
      const int own = static_cast<int>(drawing.nodes.size());
      std::set<int> sources;
      for (int i : block.nodes)
        for (int input : graph_.node(i).inputs)
          // What a block reads of one that begins later is left out: the drawing leads downwards.
          if (const auto from = place.find(block_of(graph_.node(input))); from != place.end())
            sources.insert(from->second);
      place[block.name] = own;
      for (int source : sources) drawing.edges.emplace_back(source, own);
      drawing.nodes.push_back(std::move(d));
    }
    return drawing;
  }

  // --- SVG -------------------------------------------------------------------------------------

  static std::pair<double, double> size(const DrawnNode& node) {
    switch (node.look) {
      case Look::kBox:
        return {kBoxWidth, kBoxHeight};
      case Look::kTag:
        return {std::max(96.0, 24 + 7.6 * text_width(node.title)), kTagHeight};
      case Look::kCircle:
        return {kCircle, kCircle};
      case Look::kPill:
        break;
    }
    const double letters = text_width(node.title) + text_width(node.shape) +
                           (node.shape.empty() ? 0 : 3) +
                           (node.detail.empty() ? 0 : text_width(node.detail) + 3);
    return {std::max(60.0, 26 + kLetter * letters), kPillHeight};
  }

  static std::string coordinate(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
  }

  static std::string clipped(const std::string& text, double width) {
    const int most = static_cast<int>(width / kLetter);
    if (text_width(text) <= most || most < 4) return text;
    std::string out;
    int count = 0;
    for (char c : text) {
      const bool start = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      if (start && ++count >= most) break;
      out += c;
    }
    return out + "\xe2\x80\xa6";
  }

  static std::string label(double x, double y, const char* classes, const std::string& text) {
    if (text.empty()) return {};
    return "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" class=\"" + classes +
           "\">" + escape_html(text) + "</text>";
  }

  static std::string box(const DrawnNode& node, double left, double top) {
    const double right = left + kBoxWidth - 10;
    const double for_title = kBoxWidth - 34 - kLetter * text_width(node.shape);
    std::string svg = rectangle(left, top, kBoxWidth, kBoxHeight, 7);
    if (node.width_share > 0)
      svg += "<rect class=\"width\" x=\"" + coordinate(left + 10) + "\" y=\"" +
             coordinate(top + kBoxHeight - 5) + "\" width=\"" +
             coordinate((kBoxWidth - 20) * std::min(1.0, node.width_share)) +
             "\" height=\"2.5\" rx=\"1.2\"/>";
    return svg + label(left + 10, top + 18, "title", clipped(node.title, for_title)) +
           label(right, top + 18, "shape end", node.shape) +
           label(left + 10, top + 34, "detail", clipped(node.detail, kBoxWidth)) +
           label(left + 10, top + 49, "detail", node.cost);
  }

  static std::string rectangle(double x, double y, double width, double height, double radius) {
    return "<rect class=\"body\" x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" width=\"" +
           coordinate(width) + "\" height=\"" + coordinate(height) + "\" rx=\"" +
           coordinate(radius) + "\"/>";
  }

  static std::string shape(const DrawnNode& node, Point center) {
    const auto [width, height] = size(node);
    const double left = center.x - width / 2, top = center.y - height / 2;
    std::string svg = "<g class=\"op " + node.family + "\">";
    if (!node.tip.empty()) svg += "<title>" + escape_html(node.tip) + "</title>";
    if (node.look == Look::kBox) return svg + box(node, left, top) + "</g>\n";
    if (node.look == Look::kTag)
      return svg + rectangle(left, top, width, height, 7) +
             label(center.x, center.y + (node.cost.empty() ? 4 : -2), "title middle", node.title) +
             label(center.x, center.y + 12, "detail middle", node.cost) + "</g>\n";
    svg += rectangle(left, top, width, height, height / 2);
    std::string text = node.title;
    if (!node.detail.empty()) text += std::string(kDot) + node.detail;
    if (!node.shape.empty() && node.look == Look::kPill) text += std::string(kDot) + node.shape;
    return svg + label(center.x, center.y + 4, "middle", text) + "</g>\n";
  }

  static std::string arrow(const std::vector<Point>& route) {
    std::string path = "M" + coordinate(route[0].x) + " " + coordinate(route[0].y);
    for (std::size_t k = 1; k < route.size(); ++k) {
      const Point a = route[k - 1], b = route[k];
      const double half = (a.y + b.y) / 2;
      path += " C" + coordinate(a.x) + " " + coordinate(half) + " " + coordinate(b.x) + " " +
              coordinate(half) + " " + coordinate(b.x) + " " + coordinate(b.y);
    }
    return "<path class=\"edge\" d=\"" + path + "\" marker-end=\"url(#arrow)\"/>\n";
  }

  // A frame around the nodes of each block that has several, where frames do not get in each
  // other's way.
  static std::string frames(const Drawing& drawing, const Layout& layout) {
    struct Frame {
      double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
      int count = 0;
    };
    std::map<std::string, Frame> frames;
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
      Frame& f = frames[drawing.nodes[i].block];
      const auto [width, height] = size(drawing.nodes[i]);
      const Point c = layout.centers[i];
      f.left = std::min(f.left, c.x - width / 2 - 9);
      f.right = std::max(f.right, c.x + width / 2 + 9);
      f.top = std::min(f.top, c.y - height / 2 - 9);
      f.bottom = std::max(f.bottom, c.y + height / 2 + 9);
      ++f.count;
    }
    std::string svg;
    for (const auto& [name, f] : frames) {
      const bool free = std::none_of(frames.begin(), frames.end(), [&](const auto& other) {
        const Frame& o = other.second;
        return other.first != name && o.left < f.right && f.left < o.right && o.top < f.bottom &&
               f.top < o.bottom;
      });
      if (f.count < 2 || !free) continue;
      svg += "<rect class=\"frame\" x=\"" + coordinate(f.left) + "\" y=\"" + coordinate(f.top) +
             "\" width=\"" + coordinate(f.right - f.left) + "\" height=\"" +
             coordinate(f.bottom - f.top) + "\" rx=\"10\"/>" +
             label(f.right + 8, f.top + 14, "frame-name", name) + "\n";
    }
    return svg;
  }

  std::string figure(const Drawing& drawing, const std::string& title, bool framed) const {
    LayoutProblem problem;
    for (const auto& node : drawing.nodes) problem.boxes.push_back(size(node));
    problem.edges = drawing.edges;
    if (!framed) problem.gap_x = 14;
    const Layout layout = layered_layout(problem);
    // Room for the names of the frames.
    const double beside = framed ? 70 : 0;
    const double width = layout.width + 2 * kMargin + beside;
    const double height = layout.height + 2 * kMargin;
    std::string svg = "<figure class=\"network\">\n<figcaption>" + escape_html(title) +
                      "</figcaption>\n<svg viewBox=\"" + coordinate(-kMargin) + " " +
                      coordinate(-kMargin) + " " + coordinate(width) + " " + coordinate(height) +
                      "\" width=\"" + coordinate(width) + "\" height=\"" + coordinate(height) +
                      "\" role=\"img\" aria-label=\"" + escape_html(title) + "\">\n";
    if (framed) svg += frames(drawing, layout);
    for (const auto& route : layout.routes) svg += arrow(route);
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i)
      svg += shape(drawing.nodes[i], layout.centers[i]);
    return svg + "</svg>\n</figure>\n";
  }

  const NetworkGraph& graph_;
  std::map<std::string, const LayerCount*> layers_;  // by scope
  double widest_ = 0;
};

}  // namespace

std::string shape_text(std::string_view shape) {
  if (shape.size() < 2 || shape.front() != '[') return std::string(shape);
  std::string text;
  for (char c : shape.substr(1, shape.size() - 2)) {
    if (c == ',')
      text += kTimes;
    else if (c != ' ')
      text += c;
  }
  return text;
}

std::string draw_network(const NetworkGraph& closed, const CountedNetwork* counted) {
  // One marker for all drawings of a page.
  return "<svg class=\"defs\" aria-hidden=\"true\"><defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" "
         "refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 "
         "0.8 L7.4 4 L0 7.2 Z\"/></marker></defs></svg>\n" +
         Drawer(closed, counted).draw();
}

}  // namespace nasmyth
