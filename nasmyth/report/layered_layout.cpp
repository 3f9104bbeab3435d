#include "nasmyth/report/layered_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr int kSweeps = 16;
constexpr double kBendWidth = 10;     // of the place that an edge takes in a layer that it crosses
constexpr double kBendWeight = 0.05;  // boxes stand in straight lines, and edges go round them

// A box, or the place where an edge crosses a layer.
struct Place {
  double width = 0;
  int layer = 0;
  double x = 0;
  std::vector<int> above, below;  // neighbours
  bool bend = false;
};

class Layering {
 public:
  explicit Layering(const LayoutProblem& p) : p_(p) {
    find_layers();
    add_edges();
    order_layers();
    place();
  }

  Layout layout() const {
    Layout layout;
    const std::size_t n = p_.boxes.size();
    std::vector<double> heights(order_.size(), 0), tops(order_.size() + 1, 0);
    for (std::size_t i = 0; i < n; ++i) {
      double& height = heights[static_cast<std::size_t>(places_[i].layer)];
      height = std::max(height, p_.boxes[i].second);
    }
    for (std::size_t l = 0; l < order_.size(); ++l) tops[l + 1] = tops[l] + heights[l] + p_.gap_y;
    double left = std::numeric_limits<double>::infinity(), right = -left;
    for (const auto& place : places_) {
      left = std::min(left, place.x - place.width / 2);
      right = std::max(right, place.x + place.width / 2);
    }
    const auto middle = [&](const Place& place) {
      const auto l = static_cast<std::size_t>(place.layer);
      return Point{place.x - left, tops[l] + heights[l] / 2};
    };
    for (std::size_t i = 0; i < n; ++i) {
      layout.centers.push_back(middle(places_[i]));
      layout.layers.push_back(places_[i].layer);
    }
    for (std::size_t e = 0; e < p_.edges.size(); ++e) layout.routes.push_back(route(e, middle));
    layout.width = n ? right - left : 0;
    layout.height = n ? tops.back() - p_.gap_y : 0;
    return layout;
  }

 private:
  template <class Middle>
  std::vector<Point> route(std::size_t edge, const Middle& middle) const {
    const auto [from, to] = p_.edges[edge];
    const auto box = [&](int i) { return places_[static_cast<std::size_t>(i)]; };
    std::vector<Point> points{middle(box(from))};
    points.front().y += p_.boxes[static_cast<std::size_t>(from)].second / 2;
    for (int bend : bends_[edge]) points.push_back(middle(box(bend)));
    points.push_back(middle(box(to)));
    points.back().y -= p_.boxes[static_cast<std::size_t>(to)].second / 2;
    return points;
  }

  void find_layers() {
    const int n = static_cast<int>(p_.boxes.size());
    places_.resize(p_.boxes.size());
    for (std::size_t i = 0; i < p_.boxes.size(); ++i) places_[i].width = p_.boxes[i].first;
    std::vector<std::pair<int, int>> edges = p_.edges;
    for (const auto& [from, to] : edges)
      if (from < 0 || from >= to || to >= n)
        throw Error(ErrorKind::kInvalidArgument, "layout", "an edge does not lead forward");
    std::sort(edges.begin(), edges.end(),
              [](const auto& a, const auto& b) { return a.second < b.second; });
    std::vector<bool> reads(p_.boxes.size(), false);
    for (const auto& [from, to] : edges) {
      int& layer = places_[static_cast<std::size_t>(to)].layer;
      layer = std::max(layer, places_[static_cast<std::size_t>(from)].layer + 1);
      reads[static_cast<std::size_t>(to)] = true;
    }
    // What reads nothing stands right above what reads it.
    for (int i = 0; i < n; ++i) {
      if (reads[static_cast<std::size_t>(i)]) continue;
      int below = std::numeric_limits<int>::max();
      for (const auto& [from, to] : edges)
        if (from == i) below = std::min(below, places_[static_cast<std::size_t>(to)].layer);
      if (below != std::numeric_limits<int>::max())
        places_[static_cast<std::size_t>(i)].layer = below - 1;
    }
  }

  void join(int above, int below) {
    places_[static_cast<std::size_t>(above)].below.push_back(below);
    places_[static_cast<std::size_t>(below)].above.push_back(above);
  }

  void add_edges() {
    for (const auto& [from, to] : p_.edges) {
      auto& bends = bends_.emplace_back();
      int last = from;
      const int end = places_[static_cast<std::size_t>(to)].layer;
      for (int l = places_[static_cast<std::size_t>(from)].layer + 1; l < end; ++l) {
        const int bend = static_cast<int>(places_.size());
        Place place;
        place.width = kBendWidth;
        place.layer = l;
        place.bend = true;
        places_.push_back(std::move(place));
        bends.push_back(bend);
        join(last, bend);
        last = bend;
      }
      join(last, to);
    }
    int layers = 0;
    for (const auto& place : places_) layers = std::max(layers, place.layer + 1);
    order_.resize(static_cast<std::size_t>(layers));
    for (std::size_t i = 0; i < places_.size(); ++i)
      order_[static_cast<std::size_t>(places_[i].layer)].push_back(static_cast<int>(i));
  }

  // Position in its layer of each place.
  std::vector<double> positions() const {
    std::vector<double> position(places_.size(), 0);
    for (const auto& layer : order_)
      for (std::size_t i = 0; i < layer.size(); ++i)
        position[static_cast<std::size_t>(layer[i])] = static_cast<double>(i);
    return position;
  }

  std::int64_t crossings() const {
    const std::vector<double> position = positions();
    std::int64_t count = 0;
    for (const auto& layer : order_) {
      std::vector<double> ends;  // below, in the order of the ends above
      for (int i : layer) {
        std::vector<double> own;
        for (int b : places_[static_cast<std::size_t>(i)].below)
          own.push_back(position[static_cast<std::size_t>(b)]);
        std::sort(own.begin(), own.end());
        for (double end : own)
          count +=
              std::count_if(ends.begin(), ends.end(), [&](double other) { return other > end; });
        ends.insert(ends.end(), own.begin(), own.end());
      }
    }
    return count;
  }

  void order_layer(std::vector<int>& layer, bool by_above, std::vector<double>& position) {
    std::vector<std::pair<double, int>> wanted;
    for (int i : layer) {
      const Place& place = places_[static_cast<std::size_t>(i)];
      const auto& neighbours = by_above ? place.above : place.below;
      double sum = 0;
      for (int k : neighbours) sum += position[static_cast<std::size_t>(k)];
      wanted.emplace_back(neighbours.empty() ? position[static_cast<std::size_t>(i)]
                                             : sum / static_cast<double>(neighbours.size()),
                          i);
    }
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < layer.size(); ++i) {
      layer[i] = wanted[i].second;
      position[static_cast<std::size_t>(layer[i])] = static_cast<double>(i);
    }
  }

  void order_layers() {
    auto best = order_;
    std::int64_t fewest = crossings();
    for (int sweep = 0; sweep < kSweeps && fewest > 0; ++sweep) {
      std::vector<double> position = positions();
      const bool down = sweep % 2 == 0;
      for (std::size_t l = 0; l < order_.size(); ++l)
        order_layer(order_[down ? l : order_.size() - 1 - l], down, position);
      if (const std::int64_t now = crossings(); now < fewest) {
        fewest = now;
        best = order_;
      }
    }
    order_ = std::move(best);
  }

  // The places of one layer nearest to `wanted` in the least-squares sense that keep their order
  // and distances: isotonic regression by pooling adjacent violators.
  void settle(const std::vector<int>& layer, const std::vector<double>& wanted) {
    struct Pool {
      double sum, weight;
      std::size_t count;
    };
    std::vector<double> offsets;
    double offset = 0;
    std::vector<Pool> pools;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      const Place& place = places_[static_cast<std::size_t>(layer[i])];
      if (i > 0) {
        const Place& before = places_[static_cast<std::size_t>(layer[i - 1])];
        offset += before.width / 2 + p_.gap_x + place.width / 2;
      }
      offsets.push_back(offset);
      const double weight = place.bend ? kBendWeight : 1;
      pools.push_back({weight * (wanted[i] - offset), weight, 1});
      while (pools.size() > 1) {
        Pool& last = pools.back();
        Pool& before = pools[pools.size() - 2];
        if (before.sum / before.weight <= last.sum / last.weight) break;
        before = {before.sum + last.sum, before.weight + last.weight, before.count + last.count};
        pools.pop_back();
      }
    }
    std::size_t i = 0;
    for (const auto& pool : pools)
      for (std::size_t k = 0; k < pool.count; ++k, ++i)
        places_[static_cast<std::size_t>(layer[i])].x = pool.sum / pool.weight + offsets[i];
  }

  void place() {
    for (const auto& layer : order_) settle(layer, std::vector<double>(layer.size(), 0));
    for (int sweep = 0; sweep < 2 * kSweeps; ++sweep)
      for (std::size_t k = 0; k < order_.size(); ++k) {
        const auto& layer = order_[sweep % 2 == 0 ? k : order_.size() - 1 - k];
        std::vector<double> wanted;
        for (int i : layer) wanted.push_back(wanted_x(places_[static_cast<std::size_t>(i)]));
        settle(layer, wanted);
      }
  }

  // The mean of all neighbours.
  double wanted_x(const Place& place) const {
    double sum = 0, weight = 0;
    for (const auto* neighbours : {&place.above, &place.below})
      for (int k : *neighbours) {
        const Place& other = places_[static_cast<std::size_t>(k)];
        const double w = other.bend ? kBendWeight : 1;
        sum += w * other.x;
        weight += w;
      }
    return weight > 0 ? sum / weight : place.x;
  }

  const LayoutProblem& p_;
  std::vector<Place> places_;            // boxes, then bends
  std::vector<std::vector<int>> bends_;  // of each edge
  std::vector<std::vector<int>> order_;  // of each layer, from left to right
};

}  // namespace

Layout layered_layout(const LayoutProblem& problem) { return Layering(problem).layout(); }

}  // namespace nasmyth
