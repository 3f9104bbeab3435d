#include "tests/report/sample_run.h"

#include "nasmyth/core/json.h"
#include "nasmyth/graph/network_graph.h"

namespace nasmyth::test {
namespace {

constexpr int kImages = 12;

std::vector<int> predictions(int mistakes) {
  std::vector<int> classes;
  for (int i = 0; i < kImages; ++i) classes.push_back(i < mistakes ? (i + 1) % 3 : i % 3);
  return classes;
}

Json arm(const std::string& name, int mistakes) {
  std::vector<std::int64_t> confusion(9, 0);
  const std::vector<int> classes = predictions(mistakes);
  for (int i = 0; i < kImages; ++i)
    ++confusion[static_cast<std::size_t>(3 * (i % 3) + classes[static_cast<std::size_t>(i)])];
  return {{"name", name},
          {"costs", {{"macs", 900.0}, {"params", 120.0}}},
          {"test_accuracy", 1 - mistakes / 12.0},
          {"test_loss", 0.5},
          {"test_macro_f1", 0.7},
          {"selection_accuracy", 0.8},
          {"epochs", 2},
          {"confusion", confusion},
          {"search_seconds", 10.0},
          {"retrain_seconds", 5.0}};
}

void write_metrics(const RunDirectory& run, const SampleRun& sample) {
  for (int e = 1; e <= 2; ++e) {
    Json line{{"phase", "search"},
              {"epoch", e},
              {"train_loss", 2.0 / e},
              {"train_accuracy", 0.3 * e},
              {"validation_loss", e - 1.0},
              {"validation_accuracy", 0.3 * e},
              {"entropy", 1.0 / e},
              {"temperature", 5.0},
              {"learning_rate", 0.1},
              {"expected_macs", 950.0},
              {"expected_params", 110.0},
              {"seconds", 4.0 * e},
              {"skip_share", 0.5},
              {"changed_leaders", 1},
              {"probabilities", {{0.25, 0.75}}}};
    if (e == 2) line["warnings"] = {"a warning about " + sample.word};
    run.append_metrics(line.dump());
  }
  for (int e = 1; e <= 2; ++e)
    run.append_metrics(Json{
        {"phase", "retrain"},
        {"arm", "search"},
        {"epoch", e},
        {"epochs", 2},
        {"step", e},
        {"learning_rate", 0.1},
        {"drop_path", 0.0},
        {"loss", 1.0 / e},
        {"accuracy", 0.4 * e},
        {"gradient_norm", 1.0},
        {"seconds", 2.0},
        {"elapsed_seconds",
         2.0 * e}}.dump());
}

void write_result(const RunDirectory& run, const SampleRun& sample) {
  const Json result{
      {"version", "0.1.0"},
      {"data", sample.word},
      {"space", "compact"},
      {"strategy", "sampled"},
      {"seed", sample.seed},
      {"objective", "accuracy"},
      {"derivation",
       {{"score", -1.5},
        {"upper_bound", -1.5},
        {"proven", true},
        {"gap", 0.0},
        {"candidates",
         {{{"score", -1.5}, {"validation", 0.8}, {"architecture", "op=" + sample.word}},
          {{"score", -2.0}, {"validation", 0.7}, {"architecture", "op=b"}}}}}},
      {"arms", {arm("search", sample.mistakes), arm("hand_made", 6)}},
      {"comparisons",
       {{{"control", "hand_made"},
         {"result", "not distinguishable"},
         {"p_value", 0.4},
         {"only_search_right", 4},
         {"only_control_right", 1}}}},
      {"decisions", {"warning: a warning about " + sample.word, "a decision about " + sample.word}},
      {"executor", {{"name", "reference"}, {"device", "cpu"}, {"threads", 0}}}};
  run.write(RunDirectory::kResult, result.dump());
  Json labels = Json::array();
  for (int i = 0; i < kImages; ++i) labels.push_back(i % 3);
  run.write(RunDirectory::kPredictions, Json{{"data", sample.word},
                                             {"labels", labels},
                                             {"arms", {{"search", predictions(sample.mistakes)}}}}
                                            .dump());
}

std::string network_text() {
  GraphBuilder b;
  int x = b.image("image", 1, 8, 8);
  x = b.add("conv_bn", "stem", {x},
            {{"kernel", 3}, {"stride", 1}, {"channels", 4}, {"activation", std::string("relu")}});
  x = b.add("global_pool", "head/pool", {x});
  b.output("logits", b.add("linear", "head/linear", {x}, {{"features", 3}}));
  return b.build().to_json();
}

}  // namespace

RunDirectory write_sample_run(const std::filesystem::path& path, const SampleRun& sample) {
  RunDirectory run = RunDirectory::create(path);
  run.write(RunDirectory::kConfiguration,
            "data: planted\ncontrols: [hand_made]\nobjective: accuracy\nseed: " +
                std::to_string(sample.seed) + "\nspace:\n  name: compact\nsearch:\n  strategy: " +
                "sampled\n  epochs: " + sample.epochs + "\nlimits:\n  macs: 1k\n  params: 100\n");
  write_metrics(run, sample);
  run.write(RunDirectory::kLogits, Json{{"op", {{sample.word, 0.0}, {"b", 1.0}}}}.dump());
  run.write(RunDirectory::kArchitecture, Json{{"op", sample.word}}.dump());
  if (!sample.tested) return run;
  write_result(run, sample);
  run.write(RunDirectory::kData, Json{{"channels", 1},
                                      {"height", 8},
                                      {"width", 8},
                                      {"mean", {0.5}},
                                      {"deviation", {0.5}},
                                      {"classes", {sample.word, "b", "c"}}}
                                     .dump());
  if (sample.network) run.write(RunDirectory::kGraph, network_text());
  run.write(RunDirectory::kFirstSteps,
            Json{{"environment", {{"processor", sample.word}}}, {"steps", Json::array()}}.dump());
  return run;
}

DatasetPair sample_data(const std::string& word) {
  DatasetPair data;
  Dataset& test = data.test;
  test.name = word;
  test.count = kImages;
  test.channels = 1;
  test.height = test.width = 8;
  test.pixels.assign(kImages * 64, 128);
  for (int i = 0; i < kImages; ++i) test.labels.push_back(i % 3);
  test.classes = {word, "b", "c"};
  test.mean = test.deviation = {0.5};
  data.train = test;
  return data;
}

}  // namespace nasmyth::test
