#include "nasmyth/search/predict.h"

#include <algorithm>

#include "nasmyth/core/json.h"
#include "nasmyth/data/picture.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/supernet/architecture_parameters.h"
#include "nasmyth/train/evaluation.h"

namespace nasmyth {
namespace {

constexpr std::size_t kBatch = 64;

std::vector<float> network_input(const std::filesystem::path& path, const NetworkData& data) {
  const Picture picture = with_channels(
      resized(read_picture(path), data.height, data.width, Resize::kCrop), data.channels);
  const std::vector<std::uint8_t> planes = as_planes(picture);
  const std::size_t plane = planes.size() / static_cast<std::size_t>(data.channels);
  std::vector<float> values;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const std::size_t c = i / plane;
    values.push_back(static_cast<float>((planes[i] / 255.0 - data.mean[c]) / data.deviation[c]));
  }
  return values;
}

std::vector<std::pair<std::string, double>> probabilities(std::span<const double> logits,
                                                          const NetworkData& data) {
  if (logits.size() != data.classes.size())
    throw Error(ErrorKind::kShape, std::string(RunDirectory::kData),
                std::to_string(data.classes.size()) + " classes for a network with " +
                    std::to_string(logits.size()));
  const std::vector<double> p = softmax({logits.begin(), logits.end()});
  std::vector<std::pair<std::string, double>> classes;
  for (std::size_t c = 0; c < p.size(); ++c) classes.emplace_back(data.classes[c], p[c]);
  std::stable_sort(classes.begin(), classes.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return classes;
}

// Predicts the pictures that could be read, together.
void run_batch(Step& step, const std::string& input, ParameterStore& parameters,
               const NetworkData& data, const std::vector<float>& values,
               std::span<Prediction*> pictures) {
  if (pictures.empty()) return;
  Batch batch;
  batch.size = static_cast<std::int64_t>(pictures.size());
  batch.inputs[input] = {values.data(), {batch.size, data.channels, data.height, data.width}};
  const StepResult result = step.run(batch, {}, {&parameters, nullptr}, {}, RandomStream());
  const auto& logits = result.outputs.at("logits");
  const std::size_t width = logits.size() / pictures.size();
  for (std::size_t i = 0; i < pictures.size(); ++i)
    pictures[i]->classes = probabilities(std::span(logits).subspan(i * width, width), data);
}

}  // namespace

NetworkData network_data(const Dataset& data) {
  return {static_cast<int>(data.channels),
          static_cast<int>(data.height),
          static_cast<int>(data.width),
          data.mean,
          data.deviation,
          data.classes};
}

std::string to_json(const NetworkData& data) {
  return Json{{"channels", data.channels}, {"height", data.height},       {"width", data.width},
              {"mean", data.mean},         {"deviation", data.deviation}, {"classes", data.classes}}
             .dump(2) +
         "\n";
}

NetworkData network_data_from_json(std::string_view text, std::string_view where) {
  const Json json = parse_json(text, where);
  NetworkData data{json_at<int>(json, "channels", where),
                   json_at<int>(json, "height", where),
                   json_at<int>(json, "width", where),
                   json_at<std::vector<double>>(json, "mean", where),
                   json_at<std::vector<double>>(json, "deviation", where),
                   json_at<std::vector<std::string>>(json, "classes", where)};
  const auto channels = static_cast<std::size_t>(std::max(data.channels, 0));
  if ((data.channels != 1 && data.channels != 3) || data.height < 1 || data.width < 1 ||
      data.mean.size() != channels || data.deviation.size() != channels || data.classes.empty())
    throw Error(ErrorKind::kInvalidData, where, "its numbers contradict each other");
  return data;
}

std::vector<Prediction> predict(const RunDirectory& directory, Executor& executor,
                                const std::vector<std::filesystem::path>& pictures) {
  LoadedNetwork network = load_network(directory);
  const NetworkData data = network_data_from_json(directory.read(RunDirectory::kData),
                                                  directory.file(RunDirectory::kData).string());
  StepSpec spec;
  spec.loss = false;
  const auto step = executor.prepare(network.graph, spec);
  const std::string input = image_input(network.graph);
  std::vector<Prediction> predictions(pictures.size());
  std::vector<float> values;
  std::vector<Prediction*> batch;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    predictions[i].picture = pictures[i];
    try {
      const std::vector<float> one = network_input(pictures[i], data);
      values.insert(values.end(), one.begin(), one.end());
      batch.push_back(&predictions[i]);
    } catch (const Error& e) {
      predictions[i].fault = e.what();
    }
    if (batch.size() < kBatch && i + 1 < pictures.size()) continue;
    run_batch(*step, input, network.parameters, data, values, batch);
    values.clear();
    batch.clear();
  }
  return predictions;
}

}  // namespace nasmyth
