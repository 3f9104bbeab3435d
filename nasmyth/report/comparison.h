#pragma once

#include <string>
#include <vector>

#include "nasmyth/report/run_record.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth {

/// Runs beside each other as one HTML page: results, whether their differences can be told from
/// noise, differences of the configuration, curves, networks. Throws what RunDirectory::open
/// throws.
std::string write_comparison(const std::vector<RunDirectory>& directories);

/// Two runs on the same test images (McNemar's test).
struct RunPair {
  std::size_t first = 0, second = 0;  ///< places in the list of runs
  std::int64_t only_first = 0, only_second = 0;
  double p_value = 1;
  std::string words;  ///< the first is "better", "worse", "not distinguishable"
};

/// All pairs of runs whose own networks were tested on the same images; `notes` says of the others
/// why they cannot be compared.
std::vector<RunPair> compare_pairs(const std::vector<RunRecord>& runs,
                                   std::vector<std::string>& notes);

/// Runs that differ in nothing but their seed, and in what does not concern the found network.
struct RunGroup {
  std::vector<std::size_t> runs;   ///< places in the list of runs
  std::vector<double> accuracies;  ///< of the runs that were tested
};
std::vector<RunGroup> group_by_configuration(const std::vector<RunRecord>& runs);

/// Keys of the configuration that do not have the same value in all runs, each with its values;
/// absent: "".
std::vector<std::pair<std::string, std::vector<std::string>>> different_settings(
    const std::vector<RunRecord>& runs);

/// Names of runs for people: the last part of each path, or as much of it as tells them apart.
std::vector<std::string> run_names(const std::vector<RunRecord>& runs);

}  // namespace nasmyth
