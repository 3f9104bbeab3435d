#pragma once

#include "nasmyth/operation/composite_parts.h"

namespace nasmyth {

/// A candidate of the DARTS cells (arXiv 1806.09055): every one takes the same attributes and keeps
/// the width of its input.
class DartsCandidate : public Composite {
 public:
  explicit DartsCandidate(std::string help) : help_(std::move(help)) {}
  std::string help() const override { return help_; }
  std::vector<AttributeInfo> attributes() const override {
    return {stride_attribute(),
            affine_attribute(),
            {"normalise", "1: batch normalisation without affine after a pool", "0"}};
  }

 private:
  std::string help_;
};

}  // namespace nasmyth
