#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/reference_interpreter.h"

namespace nasmyth::test {

/// A network that OpenVINO read from the bytes of an ONNX file and compiled for the CPU, with
/// float32 arithmetic and one thread.
class OpenVinoNetwork {
 public:
  explicit OpenVinoNetwork(const std::string& onnx);
  ~OpenVinoNetwork();

  /// All outputs by name. Numbers are rounded to float32.
  std::map<std::string, Values> run(const std::map<std::string, Values>& inputs);
  /// Operators of the compiled model, before the plug-in changes it, and how often each occurs.
  const std::map<std::string, int>& operators() const { return operators_; }

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
  std::map<std::string, int> operators_;
};

}  // namespace nasmyth::test
