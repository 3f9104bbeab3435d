#include "tests/fuzz/targets.h"

#include <algorithm>

namespace nasmyth::test {

const std::vector<FuzzTarget>& fuzz_targets() {
  static const std::vector<FuzzTarget> targets{
      {"configuration", run_configuration, configuration_seeds},
      {"architecture", run_architecture, architecture_seeds},
      {"genotype", run_genotype, genotype_seeds},
      {"space_file", run_space_file, space_file_seeds},
      {"graph", run_graph, graph_seeds},
      {"run_files", run_run_files, run_files_seeds},
      {"picture", run_picture, picture_seeds},
      {"npy", run_npy, npy_seeds},
      {"npz", run_npz, npz_seeds},
      {"idx", run_idx, idx_seeds},
      {"cifar", run_cifar, cifar_seeds},
      {"onnx", run_onnx, onnx_seeds},
      {"checkpoint", run_checkpoint, checkpoint_seeds},
  };
  return targets;
}

const FuzzTarget* find_fuzz_target(std::string_view name) {
  const auto& targets = fuzz_targets();
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [&](const FuzzTarget& target) { return target.name == name; });
  return found == targets.end() ? nullptr : &*found;
}

}  // namespace nasmyth::test
