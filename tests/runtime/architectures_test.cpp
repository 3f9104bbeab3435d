// Exported random networks of every space in OpenVINO against plain loops in double precision.
#include <gtest/gtest.h>

#include <cmath>

#include "nasmyth/onnx/from_graph.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/runtime/openvino_network.h"

namespace nasmyth::test {
namespace {

// Usual: 3e-6 in compact, 8e-7 elsewhere.
constexpr double kTolerance = 1e-4;
constexpr int kArchitectures = 20;

struct Case {
  std::string space;
  std::vector<OptionMap> options;  // one after the other
  ImageSpec input;
  int classes = 10;
};

// Signals differ from images in few kernels only.
int architectures(const Case& c) {
  return c.input.height == 1 ? kArchitectures / 5 : kArchitectures;
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.space; }

std::vector<Case> cases() {
  std::vector<OptionMap> darts;
  for (const char* layers : {"3", "4", "5", "6", "8"})
    for (const char* channels : {"4", "6", "8"})
      darts.push_back({{"channels", channels}, {"layers", layers}, {"auxiliary", "true"}});
  darts.push_back({{"channels", "4"}, {"layers", "3"}, {"stem", "imagenet"}});
  return {
      {"compact",
       {{},
        {{"activation", "h_swish"}},
        {{"activation", "swish"}, {"layers", "2"}, {"stem_stride", "1"}}},
       {1, 28, 28}},
      {"darts", darts, {3, 32, 32}},
      {"nasbench201", {{{"cells", "1"}}, {{"cells", "2"}, {"channels", "8"}}}, {3, 16, 16}, 7},
      // Signals.
      {"compact", {{}, {{"layers", "2"}, {"kernels", "[3, 9]"}}}, {6, 1, 64}, 4},
      {"darts", {darts[0], darts[4]}, {2, 1, 64}},
  };
}

class ArchitecturesTest : public testing::TestWithParam<Case> {
 protected:
  Values pixels(std::int64_t batch, const RandomStream& random) const {
    const ImageSpec& i = GetParam().input;
    Values values = random_values({batch, i.channels, i.height, i.width}, 0, 256, random);
    for (double& v : values.data) v = std::floor(v);
    return values;
  }

  OnnxDescription description() const {
    OnnxDescription d;
    for (int c = 0; c < GetParam().input.channels; ++c) {
      d.preprocessing.mean.push_back(0.5 - 0.02 * c);
      d.preprocessing.deviation.push_back(0.25 + 0.01 * c);
    }
    return d;
  }

  // What the network itself takes.
  Values normalised(Values pixels) const {
    const Preprocessing p = description().preprocessing;
    const auto channels = p.mean.size();
    const std::size_t positions =
        static_cast<std::size_t>(pixels.shape[2]) * static_cast<std::size_t>(pixels.shape[3]);
    for (std::size_t i = 0; i < pixels.data.size(); ++i) {
      const std::size_t c = i / positions % channels;
      pixels.data[i] = (pixels.data[i] * p.scale - p.mean[c]) / p.deviation[c];
    }
    return pixels;
  }

  // One batch in both forms, with the logits that the plain loops give.
  struct Sample {
    Values raw, own, logits;
  };

  std::vector<Sample> samples(const NetworkGraph& graph, const ParameterStore& parameters,
                              const RandomStream& random) const {
    std::vector<Sample> samples;
    for (std::int64_t batch : {1, 3}) {
      const Values raw = pixels(batch, random.fork(static_cast<std::uint64_t>(batch)));
      const Values own = normalised(raw);
      auto outputs =
          interpret(graph.deployed(), parameters, builtin_operations(), {{input(graph), own}});
      samples.push_back({raw, own, outputs.at("logits")});
    }
    return samples;
  }

  static std::string input(const NetworkGraph& graph) {
    return graph.node(graph.inputs().at(0)).scope;
  }

  // Greatest difference over the samples, relative to the greatest logit of the batch.
  double difference(const NetworkGraph& graph, const ParameterStore& parameters,
                    const OnnxOptions& options, const std::vector<Sample>& samples) const {
    OpenVinoNetwork network(write_onnx(
        onnx_from_graph(graph, parameters, builtin_operations(), description(), options)));
    double greatest = 0;
    for (const Sample& sample : samples) {
      const auto found =
          network.run({{input(graph), options.preprocessing ? sample.raw : sample.own}});
      EXPECT_EQ(found.size(), 1u);
      EXPECT_EQ(found.at("logits").shape, sample.logits.shape);
      greatest = std::max(greatest, relative_difference(found.at("logits"), sample.logits));
    }
    return greatest;
  }
};

INSTANTIATE_TEST_SUITE_P(Spaces, ArchitecturesTest, testing::ValuesIn(cases()),
                         [](const auto& info) {
                           return info.param.space +
                                  (info.param.input.height == 1 ? "_signals" : "");
                         });

TEST_P(ArchitecturesTest, RunAlikeInOpenVino) {
  const Case& c = GetParam();
  double greatest = 0;
  for (int a = 0; a < architectures(c); ++a) {
    RandomStream random = RandomStream(7).fork(c.space).fork(static_cast<std::uint64_t>(a));
    const auto space =
        make_space(c.space, c.options[static_cast<std::size_t>(a) % c.options.size()]);
    RandomStream draws = random.fork("architecture");
    const Architecture architecture = random_architecture(space->choices(), draws);
    SCOPED_TRACE(architecture.to_text());
    const NetworkGraph graph =
        space->network(architecture, {FormRole::kTarget, c.input, c.classes});
    const ParameterStore parameters = random_parameters(graph, builtin_operations(), random);
    const auto batches = samples(graph, parameters, random);
    ASSERT_EQ(batches[0].logits.shape, (std::vector<std::int64_t>{1, c.classes}));
    for (const OnnxOptions options :
         {OnnxOptions{true, true}, OnnxOptions{false, true}, OnnxOptions{a % 2 == 0, false}}) {
      const double d = difference(graph, parameters, options, batches);
      EXPECT_LT(d, kTolerance) << "preprocessing " << options.preprocessing << ", folding "
                               << options.fold_batch_norm;
      greatest = std::max(greatest, d);
    }
  }
  RecordProperty("greatest_difference", testing::PrintToString(greatest));
}

// A supernet's parameters hold those of every network in it.
TEST(SupernetTest, ExportedNetworkReadsPartsOfTheSupernet) {
  const auto space = make_space("compact");
  const Form form{FormRole::kSearch, {1, 28, 28}, 10};
  const NetworkGraph open = *space->graph(form);
  const RandomStream random(3);
  const ParameterStore store = random_parameters(open, builtin_operations(), random);
  RandomStream draws = random.fork("architecture");
  for (int a = 0; a < 5; ++a) {
    const NetworkGraph graph = open.bind(random_architecture(space->choices(), draws));
    OpenVinoNetwork network(
        write_onnx(onnx_from_graph(graph, store, builtin_operations(), {}, {false, true})));
    const std::string input = graph.node(graph.inputs().at(0)).scope;
    const std::map<std::string, Values> inputs{
        {input, random_values({2, 1, 28, 28}, -1, 1, random.fork("x"))}};
    const auto expected = interpret(graph.deployed(), store, builtin_operations(), inputs);
    EXPECT_LT(relative_difference(network.run(inputs).at("logits"), expected.at("logits")),
              kTolerance);
  }
}

}  // namespace
}  // namespace nasmyth::test
