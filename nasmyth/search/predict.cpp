#include "nasmyth/search/predict.h"

#include <algorithm>
#include <iterator>

#include "nasmyth/core/json.h"
#include "nasmyth/data/array_data.h"
#include "nasmyth/data/picture.h"
#include "nasmyth/data/reading.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/supernet/architecture_parameters.h"
#include "nasmyth/train/evaluation.h"

namespace nasmyth {
namespace {

constexpr std::size_t kBatch = 64;

bool is_array_name(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".npy") || name.ends_with(".npy.gz") || name.ends_with(".npz");
}

// Raw values of a picture as the network takes them.
std::vector<float> picture_values(const std::filesystem::path& path, const NetworkData& data) {
  if ((data.channels != 1 && data.channels != 3) || data.scale == 1)
    throw Error(ErrorKind::kInvalidArgument, path.string(),
                "a picture for a network that was trained on arrays of " +
                    std::to_string(data.channels) + " channel(s)" +
                    (data.scale == 1 ? " of numbers that are no bytes" : ""),
                "give an .npy file");
  const Picture picture = with_channels(
      resized(read_picture(path), data.height, data.width, Resize::kCrop), data.channels);
  const std::vector<std::uint8_t> planes = as_planes(picture);
  return {planes.begin(), planes.end()};
}

// Raw values of all samples in a file.
std::vector<float> raw_values(const std::filesystem::path& path, const NetworkData& data) {
  if (!is_array_name(path)) return picture_values(path, data);
  return read_samples(path, {data.channels, data.height, data.width, data.layout, data.scale != 1});
}

// In place, of whole samples.
void normalise(std::vector<float>& values, const NetworkData& data) {
  const auto plane = static_cast<std::size_t>(data.height) * static_cast<std::size_t>(data.width);
  const auto channels = static_cast<std::size_t>(data.channels);
  const bool bytes = data.scale != 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = i / plane % channels;
    const double value = bytes ? values[i] / 255.0 : values[i];
    values[i] = static_cast<float>((value - data.mean[c]) / data.deviation[c]);
  }
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

// Predicts samples, one for each of `into`.
void run_batch(Step& step, const std::string& input, ParameterStore& parameters,
               const NetworkData& data, std::span<const float> values, std::span<Prediction> into) {
  Batch batch;
  batch.size = static_cast<std::int64_t>(into.size());
  batch.inputs[input] = {values.data(), {batch.size, data.channels, data.height, data.width}};
  const StepResult result = step.run(batch, {}, {&parameters, nullptr}, {}, RandomStream());
  const auto& logits = result.outputs.at("logits");
  const std::size_t width = logits.size() / into.size();
  for (std::size_t i = 0; i < into.size(); ++i)
    into[i].classes = probabilities(std::span(logits).subspan(i * width, width), data);
}

// What there is to predict in a file: one entry a sample, or one with the fault.
std::vector<Prediction> samples_in(const std::filesystem::path& path, const NetworkData& data,
                                   std::vector<float>& values) {
  const auto size = static_cast<std::size_t>(data.channels) *
                    static_cast<std::size_t>(data.height) * static_cast<std::size_t>(data.width);
  try {
    std::vector<float> own = raw_values(path, data);
    normalise(own, data);
    std::vector<Prediction> samples(own.size() / size);
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i].picture =
          path.string() + (samples.size() > 1 ? "[" + std::to_string(i) + "]" : "");
    values.insert(values.end(), own.begin(), own.end());
    return samples;
  } catch (const Error& e) {
    return {{path.string(), e.what(), {}}};
  }
}

}  // namespace

NetworkData network_data(const Dataset& data) {
  return {static_cast<int>(data.channels),
          static_cast<int>(data.height),
          static_cast<int>(data.width),
          data.mean,
          data.deviation,
          data.classes,
          data.scale(),
          data.layout};
}

std::string to_json(const NetworkData& data) {
  Json json{{"channels", data.channels}, {"height", data.height},       {"width", data.width},
            {"mean", data.mean},         {"deviation", data.deviation}, {"classes", data.classes}};
  if (data.scale == 1) json["scale"] = 1;
  if (!data.layout.empty()) json["layout"] = data.layout;
  return json_text(json);
}

NetworkData network_data_from_json(std::string_view text, std::string_view where) {
  const Json json = parse_json(text, where);
  NetworkData data{json_at<int>(json, "channels", where),
                   json_at<int>(json, "height", where),
                   json_at<int>(json, "width", where),
                   json_at<std::vector<double>>(json, "mean", where),
                   json_at<std::vector<double>>(json, "deviation", where),
                   json_at<std::vector<std::string>>(json, "classes", where)};
  if (json.contains("scale")) data.scale = json_at<double>(json, "scale", where);
  if (json.contains("layout")) data.layout = json_at<std::string>(json, "layout", where);
  const auto channels = static_cast<std::size_t>(std::max(data.channels, 0));
  const auto& layouts = layout_names();
  const bool known_layout = data.layout.empty() ||
                            std::find(layouts.begin(), layouts.end(), data.layout) != layouts.end();
  const double size =
      static_cast<double>(data.channels) * static_cast<double>(data.height) * data.width;
  if (data.channels < 1 || data.height < 1 || data.width < 1 || size > kMostBytes ||
      data.mean.size() != channels || data.deviation.size() != channels || data.classes.empty() ||
      !known_layout)
    throw Error(ErrorKind::kInvalidData, where, "its numbers contradict each other",
                "use the data.json that the run wrote");
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
  std::vector<Prediction> all;
  // Samples that wait for a batch, with their values.
  std::vector<Prediction> waiting;
  std::vector<float> values;
  const auto size = static_cast<std::size_t>(data.channels) *
                    static_cast<std::size_t>(data.height) * static_cast<std::size_t>(data.width);
  const auto run = [&] {
    for (std::size_t at = 0; at < waiting.size(); at += kBatch) {
      const std::size_t count = std::min(kBatch, waiting.size() - at);
      run_batch(*step, input, network.parameters, data,
                std::span<const float>(values).subspan(at * size, count * size),
                std::span(waiting).subspan(at, count));
    }
    std::move(waiting.begin(), waiting.end(), std::back_inserter(all));
    waiting.clear();
    values.clear();
  };
  for (const auto& path : pictures) {
    std::vector<Prediction> samples = samples_in(path, data, values);
    const bool fault = !samples.front().fault.empty();
    if (fault) run();
    std::move(samples.begin(), samples.end(), std::back_inserter(fault ? all : waiting));
    if (waiting.size() >= kBatch) run();
  }
  run();
  return all;
}

}  // namespace nasmyth
