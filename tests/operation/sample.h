#pragma once

#include <string>
#include <vector>

#include "nasmyth/graph/operation_set.h"

namespace nasmyth::test {

/// How to put one operation into a small network.
struct Sample {
  std::string operation;
  std::vector<TensorShape> inputs;
  Attributes attributes;  ///< the required ones
};

/// A sample of every built-in operation, in the order of the registry.
std::vector<Sample> samples();
Sample sample_of(const std::string& operation);

/// One node named "node" that is also the output; a `select` gets a choice of its inputs.
NetworkGraph network(const Sample& sample);

/// `network` on [channels, size, size] images with attributes beside the required ones.
NetworkGraph network(const std::string& operation, int channels, int size,
                     const Attributes& attributes = {});

}  // namespace nasmyth::test
