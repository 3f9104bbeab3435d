#include "tests/train/toy_network.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "nasmyth/graph/parameter_store.h"
#include "nasmyth/kernels/optimizer.h"

namespace nasmyth::test {
namespace {

constexpr int kClasses = 3, kChannels = 2, kSide = 4;
constexpr int kPixels = kSide * kSide, kFeatures = kChannels * kPixels;

class ToyInput : public Primitive {
 public:
  std::string help() const override { return "image"; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
  std::pair<int, int> arity() const override { return {0, 0}; }
  TensorShape shape(const Node& node, std::span<const TensorShape>) const override {
    return {{node.number("channels", 0), node.number("height", 0), node.number("width", 0)}};
  }
};

class ToyBatchNorm : public Primitive {
 public:
  std::string help() const override { return "batch normalisation"; }
  std::vector<AttributeInfo> attributes() const override {
    return {{"affine", "", "0"}, {"momentum", "", "0.1"}};
  }
  TensorShape shape(const Node&, std::span<const TensorShape> inputs) const override {
    return inputs[0];
  }
  std::vector<ParameterSpec> parameters(const Node&, std::span<const TensorShape> inputs,
                                        const TensorShape&) const override {
    ParameterSpec mean{"running_mean", {inputs[0].channels()}, {SliceKind::kPrefix}};
    mean.trainable = mean.decay = false;
    ParameterSpec variance = mean;
    variance.role = "running_variance";
    variance.initializer = Initializer::kOne;
    return {mean, variance};
  }
};

class ToyLinear : public Primitive {
 public:
  std::string help() const override { return "image to logits"; }
  std::vector<AttributeInfo> attributes() const override { return {}; }
  TensorShape shape(const Node&, std::span<const TensorShape>) const override {
    return {{kClasses}};
  }
  std::vector<ParameterSpec> parameters(const Node&, std::span<const TensorShape>,
                                        const TensorShape&) const override {
    return {{"weight",
             {kClasses, kFeatures},
             {SliceKind::kPrefix, SliceKind::kPrefix},
             Initializer::kNormal002},
            {"bias", {kClasses}, {SliceKind::kPrefix}, Initializer::kZero, true, false}};
  }
};

class ToyStep final : public Step {
 public:
  ToyStep(const NetworkGraph& graph, StepSpec spec, std::shared_ptr<ToyRecord> record)
      : spec_(std::move(spec)), record_(std::move(record)) {
    for (const Node& node : graph.nodes())
      if (node.operation == "batch_norm") momentum_ = node.constant("momentum", 0.1);
  }

  StepResult run(const Batch& batch, const ChoiceWeights&, State state, const Scalars& scalars,
                 RandomStream random) override {
    ParameterStore& store = *state.parameters;
    std::vector<float> x = normalized(batch, store);
    if (spec_.training)
      for (float& v : x)
        if (random.uniform() < scalars.drop_path) v = 0;
    const auto weight = store.entry<float>(store.find("head/weight"));
    const auto bias = store.entry<float>(store.find("head/bias"));
    StepResult result;
    auto& logits = result.outputs["logits"];
    for (std::int64_t b = 0; b < batch.size; ++b)
      for (std::size_t c = 0; c < kClasses; ++c) {
        const float* row = &x[static_cast<std::size_t>(b) * kFeatures];
        logits.push_back(std::inner_product(row, row + kFeatures, &weight[c * kFeatures], bias[c]));
      }
    if (spec_.loss) result.loss = differentiate(batch, logits);
    if (spec_.optimizer) {
      record_->learning_rates.push_back(scalars.learning_rate);
      record_->drop_paths.push_back(scalars.drop_path);
      record_->random_numbers.push_back(random.next());
      record_->batch_sizes.push_back(batch.size);
      result.gradient_norm = learn(x, logits, state, scalars.learning_rate);
      if (record_->loss_override != 0) result.loss = record_->loss_override;
    }
    return result;
  }

  const std::vector<Site>& sites() const override { return sites_; }
  void keep_gradients(bool) override {}

 private:
  std::vector<float> normalized(const Batch& batch, ParameterStore& store) const {
    const TensorView& image = batch.inputs.at("image");
    const auto n = static_cast<std::size_t>(batch.size);
    std::vector<float> x(image.data, image.data + n * kFeatures);
    auto means = store.entry<float>(store.find("norm/running_mean"));
    auto variances = store.entry<float>(store.find("norm/running_variance"));
    for (std::size_t c = 0; c < kChannels; ++c) {
      double mean = means[c], variance = variances[c];
      if (spec_.batch_norm != BatchNormMode::kRunning) {
        double sum = 0, squares = 0;
        for (std::size_t b = 0; b < n; ++b)
          for (std::size_t p = 0; p < kPixels; ++p) {
            const double v = x[b * kFeatures + c * kPixels + p];
            sum += v;
            squares += v * v;
          }
        mean = sum / static_cast<double>(n * kPixels);
        variance = squares / static_cast<double>(n * kPixels) - mean * mean;
      }
      if (spec_.batch_norm == BatchNormMode::kBatchAndUpdate) {
        means[c] = static_cast<float>((1 - momentum_) * means[c] + momentum_ * mean);
        variances[c] = static_cast<float>((1 - momentum_) * variances[c] + momentum_ * variance);
      }
      const double scale = 1 / std::sqrt(variance + 1e-5);
      for (std::size_t b = 0; b < n; ++b)
        for (std::size_t p = 0; p < kPixels; ++p) {
          float& v = x[b * kFeatures + c * kPixels + p];
          v = static_cast<float>((v - mean) * scale);
        }
    }
    return x;
  }

  // Mean cross-entropy; leaves its gradient by the logits in errors_.
  double differentiate(const Batch& batch, const std::vector<double>& logits) {
    errors_.assign(logits.size(), 0);
    double loss = 0;
    const double smoothing = spec_.objective.label_smoothing;
    for (std::size_t b = 0; b < static_cast<std::size_t>(batch.size); ++b) {
      double sum = 0;
      for (std::size_t c = 0; c < kClasses; ++c) sum += std::exp(logits[b * kClasses + c]);
      for (std::size_t c = 0; c < kClasses; ++c) {
        const double p = std::exp(logits[b * kClasses + c]) / sum;
        const bool hit = batch.targets[b] == static_cast<std::int64_t>(c);
        const double target = smoothing / kClasses + (hit ? 1 - smoothing : 0);
        loss -= target * std::log(p) / static_cast<double>(batch.size);
        errors_[b * kClasses + c] = (p - target) / static_cast<double>(batch.size);
      }
    }
    return loss;
  }

  double learn(const std::vector<float>& x, const std::vector<double>& logits, State state,
               double learning_rate) {
    ParameterStore& store = *state.parameters;
    std::vector<float> weight(kClasses * kFeatures), bias(kClasses);
    for (std::size_t b = 0; b < logits.size() / kClasses; ++b)
      for (std::size_t c = 0; c < kClasses; ++c) {
        const auto error = static_cast<float>(errors_[b * kClasses + c]);
        bias[c] += error;
        for (std::size_t f = 0; f < kFeatures; ++f)
          weight[c * kFeatures + f] += error * x[b * kFeatures + f];
      }
    std::vector<OptimizerSegment<float>> segments;
    for (auto& [key, gradient] :
         {std::pair<const char*, std::vector<float>&>{"head/weight", weight},
          {"head/bias", bias}}) {
      const int entry = store.find(key);
      const auto& e = store.entries()[static_cast<std::size_t>(entry)];
      const auto offset = static_cast<std::size_t>(e.offset),
                 size = static_cast<std::size_t>(e.size);
      OptimizerSegment<float> s{store.entry<float>(entry),
                                gradient,
                                std::span(state.optimizer->first).subspan(offset, size),
                                {},
                                &state.optimizer->steps[static_cast<std::size_t>(entry)],
                                e.decay};
      if (!state.optimizer->second.empty())
        s.second = std::span(state.optimizer->second).subspan(offset, size);
      segments.push_back(s);
    }
    return update<float>(*spec_.optimizer, learning_rate, segments);
  }

  StepSpec spec_;
  std::shared_ptr<ToyRecord> record_;
  double momentum_ = 0.1;
  std::vector<double> errors_;
  std::vector<Site> sites_;
};

}  // namespace

Dataset toy_data(std::int64_t count, std::uint64_t seed) {
  Dataset data;
  data.name = "toy";
  data.count = count;
  data.channels = kChannels;
  data.height = data.width = kSide;
  data.classes = {"left", "right", "bottom"};
  data.mean.assign(kChannels, 0.4);
  data.deviation.assign(kChannels, 0.25);
  RandomStream random(seed);
  for (std::int64_t i = 0; i < count; ++i) {
    const int label = static_cast<int>(random.below(kClasses));
    data.labels.push_back(label);
    for (int f = 0; f < kFeatures; ++f) {
      const int row = f % kPixels / kSide, column = f % kSide;
      const bool bright =
          label == 2 ? row >= 2 && column >= 2 : row < 2 && (column < 2) == (label == 0);
      const double value = 80 + (bright ? 60 : 0) + 40 * random.normal();
      data.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)));
    }
  }
  return data;
}

OperationSet toy_operations() {
  OperationSet set;
  set.add("input", std::make_unique<ToyInput>());
  set.add("batch_norm", std::make_unique<ToyBatchNorm>());
  set.add("toy_linear", std::make_unique<ToyLinear>());
  return set;
}

NetworkGraph toy_network(bool auxiliary) {
  GraphBuilder builder;
  const int image = builder.image("image", kChannels, kSide, kSide);
  const int norm = builder.add("batch_norm", "norm", {image});
  builder.output("logits", builder.add("toy_linear", "head", {norm}));
  if (auxiliary) builder.output("auxiliary", builder.add("toy_linear", "auxiliary", {norm}), true);
  return builder.build();
}

std::vector<std::int64_t> all_indices(const Dataset& dataset) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(dataset.count));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

std::unique_ptr<Step> ToyExecutor::prepare(const NetworkGraph& graph, const StepSpec& spec) {
  return std::make_unique<ToyStep>(graph, spec, record_);
}

}  // namespace nasmyth::test
