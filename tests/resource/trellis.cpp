#include "tests/resource/trellis.h"

#include <string>

namespace nasmyth::test {
namespace {

class TrellisBuilder {
 public:
  NetworkGraph build(int layers, int scales) {
    std::vector<int> states(static_cast<std::size_t>(scales), -1);
    states[0] = b_.add("conv2d", "stem", {b_.image("image", 3, 16, 16)}, {{"channels", 4}});
    for (int l = 0; l < layers; ++l) {
      std::vector<int> next(states.size(), -1);
      for (int s = 0; s < scales; ++s) next[static_cast<std::size_t>(s)] = state(l, s, states);
      states = std::move(next);
    }
    std::vector<int> ends;
    std::vector<std::string> labels;
    for (std::size_t s = 0; s < states.size(); ++s)
      if (states[s] >= 0) {
        labels.push_back("s" + std::to_string(s));
        ends.push_back(b_.add("conv2d", "end" + labels.back(), {states[s]}, {{"channels", 4}}));
      }
    b_.output("map", b_.select("end", ends, b_.choice(one_of("end", labels))));
    return b_.build();
  }

 private:
  int state(int layer, int scale, const std::vector<int>& previous) {
    const std::string at = "l" + std::to_string(layer) + "s" + std::to_string(scale);
    std::vector<int> from;
    std::vector<std::string> labels;
    for (int p = scale - 1; p <= scale + 1; ++p) {
      if (p < 0 || p >= static_cast<int>(previous.size()) ||
          previous[static_cast<std::size_t>(p)] < 0)
        continue;
      labels.push_back("s" + std::to_string(p));
      from.push_back(b_.add("conv2d", at + "/from" + std::to_string(p),
                            {previous[static_cast<std::size_t>(p)]}, {{"channels", 4 << scale}}));
    }
    if (from.empty()) return -1;
    int x = from[0];
    if (from.size() > 1) x = b_.select(at + "/from", from, b_.choice(one_of(at + "/from", labels)));
    std::vector<int> branches{b_.add("identity", at + "/identity", {x}),
                              b_.add("conv2d", at + "/conv3", {x}, {{"kernel", 3}}),
                              b_.add("conv2d", at + "/conv5", {x}, {{"kernel", 5}})};
    return b_.select(
        at, branches,
        b_.choice(one_of("operation" + std::to_string(layer % 2), {"identity", "conv3", "conv5"})));
  }

  GraphBuilder b_;
};

}  // namespace

NetworkGraph trellis(int layers, int scales) { return TrellisBuilder().build(layers, scales); }

}  // namespace nasmyth::test
