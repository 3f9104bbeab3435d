// What every exporter of the registry keeps to, and what each writes.
#include "nasmyth/export/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/network_totals.h"
#include "tests/support/reference_interpreter.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

NetworkGraph open_network() { return *make_space("nasbench201", {{"cells", "1"}})->graph(Form{}); }

NetworkGraph closed_network() {
  const auto space = make_space("nasbench201", {{"cells", "1"}});
  RandomStream random(4);
  return space->network(random_architecture(space->choices(), random), Form{});
}

ParameterStore parameters_of(const NetworkGraph& graph) {
  return random_parameters(graph, builtin_operations(), RandomStream(5));
}

class ExporterTest : public testing::TestWithParam<std::string> {
 protected:
  const ExporterEntry& entry() const { return exporters().get(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(All, ExporterTest, testing::ValuesIn(exporters().names()),
                         [](const auto& info) { return info.param; });

TEST_P(ExporterTest, IsDescribed) {
  EXPECT_FALSE(entry().help.empty());
  EXPECT_TRUE(entry().extension.starts_with("."));
  EXPECT_EQ(format_of("some.dir/file" + entry().extension), GetParam());
  for (const auto& option : entry().options()) EXPECT_FALSE(option.help.empty()) << option.name;
}

TEST_P(ExporterTest, WritesTheSameBytesForTheSameRequest) {
  const NetworkGraph graph = closed_network();
  const ParameterStore parameters = parameters_of(graph);
  const ExportRequest request{graph, builtin_operations(), &parameters};
  const std::string bytes = export_network(GetParam(), request);
  EXPECT_FALSE(bytes.empty());
  EXPECT_EQ(export_network(GetParam(), request), bytes);
  EXPECT_EQ(bytes.find('\0') != std::string::npos, entry().binary);
}

TEST_P(ExporterTest, OptionsAreRead) {
  const NetworkGraph graph = closed_network();
  const ParameterStore parameters = parameters_of(graph);
  const ExportRequest request{graph, builtin_operations(), &parameters};
  for (const auto& option : entry().options()) {
    ASSERT_EQ(option.type, "boolean") << option.name;
    const std::string other = option.default_value == "true" ? "false" : "true";
    EXPECT_NE(export_network(GetParam(), request, {{option.name, other}}),
              export_network(GetParam(), request))
        << option.name;
  }
}

TEST_P(ExporterTest, RefusesUnknownOptions) {
  const NetworkGraph graph = closed_network();
  EXPECT_THAT(error_text([&] {
                export_network(GetParam(), {graph, builtin_operations()}, {{"folded", "1"}});
              }),
              HasSubstr("[exporter " + GetParam() + "] unknown option 'folded'"));
}

TEST_P(ExporterTest, SaysWhetherItNeedsWeights) {
  const NetworkGraph graph = closed_network();
  const std::string text = error_text([&] {
    export_network(GetParam(), {graph, builtin_operations()});
  });
  EXPECT_EQ(text.find("needs weights") != std::string::npos, entry().needs_weights) << text;
}

TEST(ExportersTest, UnknownFormatsAreErrorsWithASuggestion) {
  const NetworkGraph graph = closed_network();
  EXPECT_THAT(error_text([&] {
                export_network("onx", {graph, builtin_operations()});
              }),
              HasSubstr("unknown export format 'onx'; did you mean 'onnx'?"));
  EXPECT_EQ(format_of("network.ONNX"), "onnx");
  EXPECT_EQ(format_of("onnx"), "");
  EXPECT_EQ(format_of(""), "");
}

TEST(JsonExporterTest, OpenNetworksAreReadBack) {
  const NetworkGraph graph = open_network();
  const std::string text = export_network("json", {graph, builtin_operations()});
  EXPECT_EQ(text, graph.to_json());
  EXPECT_EQ(NetworkGraph::from_json(text, "text").structural_hash(), graph.structural_hash());
  const NetworkGraph primitives = NetworkGraph::from_json(
      export_network("json", {graph, builtin_operations()}, {{"expand", "true"}}), "text");
  for (const auto& node : primitives.nodes())
    EXPECT_NE(builtin_operations().primitive(node.operation), nullptr) << node.operation;
}

TEST(DotExporterTest, DrawsOpenNetworks) {
  const NetworkGraph graph = open_network();
  const std::string text = export_network("dot", {graph, builtin_operations()});
  EXPECT_TRUE(text.starts_with("digraph"));
}

TEST(OnnxExporterTest, WritesWhatIsDescribed) {
  const NetworkGraph graph = closed_network();
  const ParameterStore parameters = parameters_of(graph);
  const OnnxDescription description{{1, {1, 2, 3}, {1, 1, 1}}, {}, "some architecture"};
  const ExportRequest request{graph, builtin_operations(), &parameters, description};
  const OnnxOptions plain{false, false};
  EXPECT_EQ(
      export_network("onnx", request, {{"preprocessing", "false"}, {"fold_batch_norm", "false"}}),
      write_onnx(onnx_from_graph(graph, parameters, builtin_operations(), description, plain)));
}

TEST(OnnxExporterTest, RefusesOpenNetworks) {
  const NetworkGraph graph = open_network();
  const ParameterStore parameters = parameters_of(graph);
  EXPECT_THAT(error_text([&] {
                export_network("onnx", {graph, builtin_operations(), &parameters});
              }),
              HasSubstr("choices are open"));
}

}  // namespace
}  // namespace nasmyth::test
