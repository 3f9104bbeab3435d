#include "tests/runtime/openvino_network.h"

#include <algorithm>
#include <openvino/openvino.hpp>

namespace nasmyth::test {
namespace {

ov::Core& core() {
  static ov::Core* core = new ov::Core;  // never destroyed: its plug-ins outlive the tests
  return *core;
}

}  // namespace

struct OpenVinoNetwork::Compiled {
  ov::CompiledModel model;
  ov::InferRequest request;
};

OpenVinoNetwork::OpenVinoNetwork(const std::string& onnx) : compiled_(new Compiled) {
  const auto model = core().read_model(onnx, ov::Tensor());
  for (const auto& node : model->get_ops()) ++operators_[node->get_type_name()];
  compiled_->model = core().compile_model(
      model, "CPU", ov::hint::inference_precision(ov::element::f32),
      ov::hint::execution_mode(ov::hint::ExecutionMode::ACCURACY), ov::inference_num_threads(1));
  compiled_->request = compiled_->model.create_infer_request();
}

OpenVinoNetwork::~OpenVinoNetwork() = default;

std::map<std::string, Values> OpenVinoNetwork::run(const std::map<std::string, Values>& inputs) {
  for (const auto& [name, values] : inputs) {
    ov::Tensor tensor(ov::element::f32, ov::Shape(values.shape.begin(), values.shape.end()));
    std::transform(values.data.begin(), values.data.end(), tensor.data<float>(),
                   [](double v) { return static_cast<float>(v); });
    compiled_->request.set_tensor(name, tensor);
  }
  compiled_->request.infer();
  std::map<std::string, Values> results;
  for (const auto& output : compiled_->model.outputs()) {
    const ov::Tensor tensor = compiled_->request.get_tensor(output);
    const ov::Shape shape = tensor.get_shape();
    const float* data = tensor.data<const float>();
    const Values values{{shape.begin(), shape.end()}, {data, data + tensor.get_size()}};
    for (const auto& name : output.get_names()) results[name] = values;
  }
  return results;
}

}  // namespace nasmyth::test
