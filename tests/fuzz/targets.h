#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nasmyth::test {

/// A reader of untrusted bytes. `run` gives it any bytes: errors that name a fault are fine; a
/// crash, another exception, an error of kind kInternal and a value that does not read back from
/// its own text are faults of the program and end the process.
struct FuzzTarget {
  std::string name;
  void (*run)(std::span<const std::byte>);
  /// Inputs that are whole, or nearly: what a mutation begins with. Made by this build.
  std::vector<std::string> (*seeds)();
};

/// All targets. Each has a folder of the same name in tests/fuzz/corpus.
const std::vector<FuzzTarget>& fuzz_targets();
/// Null for an unknown name.
const FuzzTarget* find_fuzz_target(std::string_view name);

// Text: text_targets.cpp.
void run_configuration(std::span<const std::byte> input);
void run_architecture(std::span<const std::byte> input);
void run_genotype(std::span<const std::byte> input);
void run_space_file(std::span<const std::byte> input);
void run_graph(std::span<const std::byte> input);
void run_run_files(std::span<const std::byte> input);
// Data: data_targets.cpp.
void run_picture(std::span<const std::byte> input);
void run_npy(std::span<const std::byte> input);
void run_npz(std::span<const std::byte> input);
void run_idx(std::span<const std::byte> input);
void run_cifar(std::span<const std::byte> input);
// Models and states: model_targets.cpp.
void run_onnx(std::span<const std::byte> input);
void run_checkpoint(std::span<const std::byte> input);

std::vector<std::string> configuration_seeds();
std::vector<std::string> architecture_seeds();
std::vector<std::string> genotype_seeds();
std::vector<std::string> space_file_seeds();
std::vector<std::string> graph_seeds();
std::vector<std::string> run_files_seeds();
std::vector<std::string> picture_seeds();
std::vector<std::string> npy_seeds();
std::vector<std::string> npz_seeds();
std::vector<std::string> idx_seeds();
std::vector<std::string> cifar_seeds();
std::vector<std::string> onnx_seeds();
std::vector<std::string> checkpoint_seeds();

}  // namespace nasmyth::test
