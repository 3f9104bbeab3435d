// none, noise, pools and skip_connect of the DARTS cells.
#include "nasmyth/operation/darts/candidate.h"

namespace nasmyth {
namespace {

class None : public DartsCandidate {
 public:
  None() : DartsCandidate("no connection: zeros") {}
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    return e.add("zero", "zero", {inputs[0]}, {take(node, "stride", 1)});
  }
};

class Noise : public DartsCandidate {
 public:
  Noise() : DartsCandidate("normal noise in training, whatever its input (arXiv 1909.09656, S4)") {}
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    return mask_if_open(e, "mask",
                        e.add("gaussian_noise", "noise", {inputs[0]}, {take(node, "stride", 1)}));
  }
};

class Pool3x3 : public DartsCandidate {
 public:
  Pool3x3(std::string help, std::string primitive)
      : DartsCandidate(std::move(help)), primitive_(std::move(primitive)) {}
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    const int x = e.add(primitive_, "pool", {inputs[0]}, {{"kernel", 3}, take(node, "stride", 1)});
    if (node.constant("normalise", 0) == 0) return x;
    return mask_if_open(e, "mask", e.add("batch_norm", "bn", {x}, {{"affine", 0}}));
  }

 private:
  std::string primitive_;
};

class SkipConnect : public DartsCandidate {
 public:
  SkipConnect() : DartsCandidate("its input; at stride 2 a factorized_reduce") {}
  int expand(Expansion& e, const Node& node, std::span<const int> inputs) const override {
    if (node.constant("stride", 1) == 1) return e.add("identity", "identity", {inputs[0]});
    return e.add("factorized_reduce", "reduce", {inputs[0]}, {take(node, "affine", 1)});
  }
};

}  // namespace

std::unique_ptr<Operation> none_operation() { return std::make_unique<None>(); }
std::unique_ptr<Operation> noise_operation() { return std::make_unique<Noise>(); }
std::unique_ptr<Operation> max_pool_3x3_operation() {
  return std::make_unique<Pool3x3>("greatest value of each 3x3 window", "max_pool");
}
std::unique_ptr<Operation> avg_pool_3x3_operation() {
  return std::make_unique<Pool3x3>("mean of each 3x3 window, without the padding", "avg_pool");
}
std::unique_ptr<Operation> skip_connect_operation() { return std::make_unique<SkipConnect>(); }

}  // namespace nasmyth
