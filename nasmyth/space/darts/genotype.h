#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nasmyth {

/// The published text form of a pair of cells: per node two (operation, source) pairs; sources 0
/// and 1 are the cell's inputs, 2.. the nodes.
struct Genotype {
  using Edge = std::pair<std::string, int>;
  std::vector<Edge> normal, reduce;
  std::vector<int> normal_concat, reduce_concat;
  bool operator==(const Genotype&) const = default;
};

/// Reads `Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, ...], reduce=[...],
/// reduce_concat=[...])`; `range(2, 6)` is understood. Throws kInvalidData naming the position.
Genotype parse_genotype(std::string_view text);
std::string print_genotype(const Genotype& genotype);

/// Published cells by name (DARTS_V2, PC_DARTS_cifar, NASNet ...).
std::vector<std::string> published_genotypes();
/// Null for an unknown name.
const Genotype* find_genotype(std::string_view name);

}  // namespace nasmyth
