#include "nasmyth/search/hand_made.h"

#include <algorithm>

#include "nasmyth/resource/resource_model.h"

namespace nasmyth {
namespace {

constexpr int kGreatestWidth = 512;

bool fits(const NetworkGraph& network, const OperationSet& operations,
          std::span<const Limit> limits) {
  return std::all_of(limits.begin(), limits.end(), [&](const Limit& limit) {
    return within(make_resource_model(limit.resource)->cost(network, operations), limit);
  });
}

}  // namespace

NetworkGraph hand_made_network(const Form& form, int width) {
  GraphBuilder b;
  // Of a signal its length.
  const int size =
      form.input.height == 1 ? form.input.width : std::min(form.input.height, form.input.width);
  int x = b.image("image", form.input.channels, form.input.height, form.input.width);
  x = b.add("conv_bn", "stem", {x},
            {{"kernel", 3},
             {"stride", size >= 16 ? 2 : 1},
             {"channels", width},
             {"activation", std::string("relu")}});
  struct Block {
    int factor, stride, residual;
  };
  int index = 0;
  for (const auto& [factor, stride, residual] :
       {Block{2, 1, 0}, Block{2, 1, 1}, Block{4, size >= 8 ? 2 : 1, 0}, Block{4, 1, 1},
        Block{4, 1, 1}})
    x = b.add("depthwise_separable", "block" + std::to_string(index++), {x},
              {{"kernel", 3},
               {"stride", stride},
               {"channels", factor * width},
               {"residual", residual},
               {"activation", std::string("relu")}});
  x = b.add("global_pool", "head/pool", {x});
  b.output("logits", b.add("linear", "head/linear", {x}, {{"features", form.classes}}));
  return b.build();
}

std::optional<NetworkGraph> hand_made_within(const Form& form, const OperationSet& operations,
                                             std::span<const Limit> limits) {
  int low = 0, high = kGreatestWidth;  // width `low` fits; all costs grow with the width
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (fits(hand_made_network(form, middle), operations, limits))
      low = middle;
    else
      high = middle - 1;
  }
  if (low == 0) return std::nullopt;
  return hand_made_network(form, low);
}

std::vector<Limit> comparable_limits(const Costs& costs, std::vector<Limit> limits) {
  constexpr double kRoom = 1.25;
  for (const auto& [resource, cost] : costs) {
    if (resource != "params" && resource != "macs") continue;
    const auto it = std::find_if(limits.begin(), limits.end(), [&, name = resource](const auto& l) {
      return l.resource == name;
    });
    if (it == limits.end())
      limits.push_back({resource, kRoom * cost});
    else if (limits.size() == 1)
      it->at_most = std::min(it->at_most, kRoom * cost);
  }
  return limits;
}

}  // namespace nasmyth
