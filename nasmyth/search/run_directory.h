#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nasmyth {

/// The directory of one run, which holds everything: configuration, metrics, states, result,
/// network. Files are replaced atomically; metrics are appended line by line.
class RunDirectory {
 public:
  /// Makes the directory. Throws kInvalidArgument when it exists and is not empty: nothing is
  /// overwritten; kIo when it cannot be made.
  static RunDirectory create(const std::filesystem::path& path);
  /// A free name below `parent`: `name`, or `name-2`, `name-3` ...
  static std::filesystem::path free_name(const std::filesystem::path& parent,
                                         const std::string& name);
  /// An existing run; throws kIo when there is none, with what is missing.
  static RunDirectory open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(std::string_view name) const { return path_ / name; }
  bool has(std::string_view name) const;
  std::string read(std::string_view name) const;
  void write(std::string_view name, std::string_view bytes) const;
  /// One line of metrics.jsonl; `json` is an object without line breaks.
  void append_metrics(std::string_view json) const;

  static constexpr std::string_view kConfiguration = "configuration.yaml";
  static constexpr std::string_view kSpace = "space.yaml";
  static constexpr std::string_view kMetrics = "metrics.jsonl";
  static constexpr std::string_view kArchitecture = "architecture.json";
  static constexpr std::string_view kResult = "result.json";
  static constexpr std::string_view kOnnx = "network.onnx";
  static constexpr std::string_view kGraph = "network.json";
  static constexpr std::string_view kDot = "network.dot";
  static constexpr std::string_view kWeights = "weights.bin";
  static constexpr std::string_view kData = "data.json";
  static constexpr std::string_view kPredictions = "predictions.json";
  static constexpr std::string_view kFirstSteps = "first_steps.json";
  static constexpr std::string_view kDecisions = "decisions.jsonl";
  static constexpr std::string_view kLogits = "architecture_parameters.json";

 private:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace nasmyth
