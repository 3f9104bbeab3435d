#pragma once

#include <functional>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/graph/network_graph.h"

namespace nasmyth::test {

/// What a random space may hold.
struct SpaceShape {
  int layers = 3;
  bool nested = false;  ///< selects in branches of selects, several levels deep
  bool constraints = true;
  int greatest_assignments = 4000;
};

/// A random open network of convolutions with some thousand architectures at most: one-of
/// and subset selects, depth prefixes, value expressions over several choices, choices shared by
/// several nodes, shared parameter keys of different sizes, search-only options, constraints, a
/// choice of the recipe and a training-only output.
NetworkGraph random_space(RandomStream& random, const SpaceShape& shape = {});

/// Calls `visit` for every complete architecture, search-only options and constraint violations
/// included when `all`.
void for_each_architecture(const ChoiceSetPtr& choices, bool all,
                           const std::function<void(const Architecture&)>& visit);
double assignments(const ChoiceSet& choices);

/// Does a select of the choice, or a node with an attribute that reads it, live in the network of
/// an architecture? Found by walking the graph, for comparison.
std::vector<char> acting_choices(const NetworkGraph& deployed, const Architecture& architecture);

/// Uniform numbers from [low, high) for every option.
std::vector<std::vector<double>> random_scores(const ChoiceSet& choices, RandomStream& random,
                                               double low, double high);
std::vector<std::vector<double>> random_probabilities(const ChoiceSet& choices,
                                                      RandomStream& random);

}  // namespace nasmyth::test
