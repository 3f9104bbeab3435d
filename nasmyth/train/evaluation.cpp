#include "nasmyth/train/evaluation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/data/loader.h"
#include "nasmyth/train/loaded_batch.h"

namespace nasmyth {
namespace {

// Adds the cross-entropy of one row of logits, and the probabilities of its first `classes`.
void add_row(Evaluation& result, std::span<const double> logits, std::size_t target,
             std::size_t classes) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (double v : logits) sum += std::exp(v - top);
  result.loss += std::log(sum) + top - logits[target];
  for (std::size_t c = 0; c < classes; ++c)
    result.scores.push_back(c < logits.size() ? static_cast<float>(std::exp(logits[c] - top) / sum)
                                              : 0.0f);
}

void add_batch(Evaluation& result, std::span<const double> logits,
               std::span<const std::int64_t> targets, std::size_t classes) {
  const std::size_t width = logits.size() / targets.size();
  const auto predictions = predicted_classes(logits, static_cast<std::int64_t>(targets.size()));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto target = static_cast<std::size_t>(targets[i]);
    const auto predicted = static_cast<std::size_t>(predictions[i]);
    if (target >= width || predicted >= classes)
      throw Error(ErrorKind::kShape, "evaluate",
                  "the network's classes do not fit the data; got " + std::to_string(width) +
                      " logits and " + std::to_string(classes) + " classes");
    add_row(result, logits.subspan(i * width, width), target, classes);
    ++result.confusion[target * classes + predicted];
  }
  result.predictions.insert(result.predictions.end(), predictions.begin(), predictions.end());
}

// Running statistics become exactly those of the last batch.
NetworkGraph with_full_momentum(const NetworkGraph& graph) {
  std::vector<Node> nodes = graph.nodes();
  for (Node& node : nodes)
    if (node.operation == "batch_norm") node.attributes["momentum"] = ChoiceFunction(1.0);
  return GraphBuilder::assemble(graph.choices(), std::move(nodes), graph.outputs(), {});
}

std::vector<int> running_statistics(const NetworkGraph& expanded, const ParameterStore& store) {
  std::vector<int> entries;
  for (const Node& node : expanded.nodes()) {
    if (node.operation != "batch_norm") continue;
    for (const char* role : {"running_mean", "running_variance"})
      if (const int entry = store.find(node.key(role)); entry >= 0) entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

// Sums of some entries over batches.
class Means {
 public:
  Means(ParameterStore& store, std::vector<int> entries)
      : store_(store), entries_(std::move(entries)), sums_(entries_.size()) {}

  void add() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto values = store_.entry<float>(entries_[i]);
      sums_[i].resize(values.size());
      for (std::size_t k = 0; k < values.size(); ++k) sums_[i][k] += static_cast<double>(values[k]);
    }
    ++count_;
  }

  void write() const {
    if (count_ == 0) return;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto values = store_.entry<float>(entries_[i]);
      for (std::size_t k = 0; k < values.size(); ++k)
        values[k] = static_cast<float>(sums_[i][k] / static_cast<double>(count_));
    }
  }

 private:
  ParameterStore& store_;
  std::vector<int> entries_;
  std::vector<std::vector<double>> sums_;
  std::int64_t count_ = 0;
};

StepSpec outputs_only(BatchNormMode mode, ElementType type) {
  StepSpec spec;
  spec.batch_norm = mode;
  spec.type = type;
  spec.loss = false;
  return spec;
}

const std::vector<double>& logits_of(const StepResult& result) {
  const auto it = result.outputs.find("logits");
  if (it == result.outputs.end())
    throw Error(ErrorKind::kInvalidArgument, "evaluate", "the network has no output 'logits'");
  return it->second;
}

}  // namespace

std::string image_input(const NetworkGraph& graph) {
  std::string name;
  for (int i : graph.inputs()) {
    const Node& node = graph.node(i);
    if (node.word("type", "image") != "image") continue;
    if (!name.empty())
      throw Error(ErrorKind::kInvalidArgument, node.scope,
                  "training takes networks with one image input; got a second one");
    name = node.scope;
  }
  if (name.empty())
    throw Error(ErrorKind::kInvalidArgument, "network", "the network has no image input");
  return name;
}

std::vector<int> predicted_classes(std::span<const double> logits, std::int64_t samples) {
  std::vector<int> classes;
  if (samples == 0) return classes;
  const std::size_t width = logits.size() / static_cast<std::size_t>(samples);
  classes.reserve(static_cast<std::size_t>(samples));
  for (std::size_t begin = 0; begin + width <= logits.size(); begin += width) {
    const auto row = logits.subspan(begin, width);
    classes.push_back(static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  return classes;
}

Evaluation evaluate(const NetworkGraph& closed, ParameterStore& parameters, Executor& executor,
                    const Dataset& dataset, std::span<const std::int64_t> indices,
                    std::int64_t batch_size) {
  if (indices.empty())
    throw Error(ErrorKind::kInvalidArgument, "evaluate", "there is no sample to evaluate on");
  const NetworkGraph graph = closed.deployed();
  const auto step =
      executor.prepare(graph, outputs_only(BatchNormMode::kRunning, parameters.type()));
  const std::string input = image_input(graph);
  const std::size_t classes = dataset.classes.size();
  Evaluation result;
  result.confusion.assign(classes * classes, 0);
  BatchLoader loader(dataset, indices, batch_size, {}, false, false, RandomStream());
  loader.start_epoch(0, 0);
  for (LoadedBatch loaded; loader.next(loaded);) {
    const Batch batch = as_batch(loaded, dataset, input);
    const StepResult out = step->run(batch, {}, {&parameters, nullptr}, {}, RandomStream());
    add_batch(result, logits_of(out), batch.targets, classes);
  }
  const double count = static_cast<double>(result.predictions.size());
  std::int64_t right = 0;
  for (std::size_t c = 0; c < classes; ++c) right += result.confusion[c * classes + c];
  result.loss /= count;
  result.accuracy = static_cast<double>(right) / count;
  return result;
}

void recalibrate_batch_norm(const NetworkGraph& closed, const OperationSet& operations,
                            ParameterStore& parameters, Executor& executor, const Dataset& dataset,
                            std::span<const std::int64_t> indices, std::int64_t batches,
                            std::int64_t batch_size, RandomStream random) {
  if (parameters.type() != ElementType::kFloat32)
    throw Error(ErrorKind::kUnsupported, "recalibrate_batch_norm",
                "the parameters must be float32");
  const NetworkGraph graph = expand(closed.deployed(), operations).graph;
  const auto step =
      executor.prepare(with_full_momentum(graph),
                       outputs_only(BatchNormMode::kBatchAndUpdate, ElementType::kFloat32));
  const std::string input = image_input(graph);
  Means means(parameters, running_statistics(graph, parameters));
  const bool drop_last = static_cast<std::int64_t>(indices.size()) >= batch_size;
  BatchLoader loader(dataset, indices, batch_size, {}, true, drop_last, random);
  loader.start_epoch(0, 0);
  LoadedBatch loaded;
  for (std::int64_t i = 0; i < batches && loader.next(loaded); ++i) {
    const Batch batch = as_batch(loaded, dataset, input);
    step->run(batch, {}, {&parameters, nullptr}, {}, random.fork(static_cast<std::uint64_t>(i)));
    means.add();
  }
  means.write();
}

}  // namespace nasmyth
