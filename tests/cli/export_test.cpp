// `nasmyth export` as a function of its arguments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "nasmyth/cli/program.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/json.h"
#include "nasmyth/onnx/from_graph.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/reference_interpreter.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {
namespace {

using testing::HasSubstr;

struct Result {
  int code = 0;
  std::string out, err;
};

Result run(std::vector<std::string> arguments) {
  std::ostringstream out, err;
  arguments.insert(arguments.begin(), "export");
  const int code = run_program(arguments, out, err);
  return {code, out.str(), err.str()};
}

class ExportCommandTest : public testing::Test {
 protected:
  std::string path(const char* name) const { return (directory_ / name).string(); }
  bool exists(const char* name) const { return std::filesystem::exists(directory_ / name); }

  // The arguments that name a small network, and more.
  std::vector<std::string> small(std::vector<std::string> more) const {
    std::vector<std::string> all{"--space", "darts",    "--set",          "channels=4",
                                 "--set",   "layers=3", "--architecture", "DARTS_V1",
                                 "--input", "1x16x16",  "--classes",      "4"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static NetworkGraph small_network() {
    const auto space = make_space("darts", {{"channels", "4"}, {"layers", "3"}});
    return space->network_from_text("DARTS_V1", {FormRole::kTarget, {1, 16, 16}, 4});
  }

  TemporaryDirectory directory_;
};

TEST_F(ExportCommandTest, WeightsComeFromAFile) {
  const NetworkGraph graph = small_network();
  const ParameterStore store = random_parameters(graph, builtin_operations(), RandomStream(6));
  write_file_atomic(path("weights.bin"), store.serialize());
  const Result r = run(small({"--weights", path("weights.bin"), "--output", path("network.onnx")}));
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.out + r.err, "");
  OnnxDescription description;
  description.architecture = "DARTS_V1";
  EXPECT_EQ(read_file(path("network.onnx")),
            write_onnx(onnx_from_graph(graph, store, builtin_operations(), description)));
}

TEST_F(ExportCommandTest, InitialWeightsAreStatedAndFollowTheSeed) {
  std::vector<std::string> files;
  for (const char* seed : {"7", "7", "8"}) {
    const Result r = run(small({"--seed", seed, "--output", path("network.onnx")}));
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr("untrained weights of seed " + std::string(seed)));
    files.push_back(read_file(path("network.onnx")));
  }
  EXPECT_EQ(files[0], files[1]);
  EXPECT_NE(files[0], files[2]);
}

TEST_F(ExportCommandTest, DataGivesInputLabelsAndNormalisation) {
  const Result r = run({"--space", "nasbench201", "--set", "cells=1", "--architecture",
                        "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|", "--data",
                        "planted:train=100,test=10", "--output", path("network.onnx")});
  ASSERT_EQ(r.code, 0) << r.err;
  const OnnxModel model = read_onnx(read_file(path("network.onnx")), "network.onnx");
  EXPECT_EQ((*model.inputs[0].shape)[1].size, 1);
  EXPECT_EQ((*model.inputs[0].shape)[2].size, 28);
  EXPECT_EQ(Json::parse(model.metadata.at("nasmyth.classes")).size(), 10u);
  const Json preprocessing = Json::parse(model.metadata.at("nasmyth.preprocessing"));
  EXPECT_EQ(preprocessing.at("mean").size(), 1u);
  EXPECT_GT(preprocessing.at("deviation").at(0).get<double>(), 0);
}

TEST_F(ExportCommandTest, OptionsOfTheFormatAreTaken) {
  const Result folded = run(small({"--output", path("folded.onnx")}));
  const Result apart = run(small({"--with", "fold_batch_norm=false", "--with",
                                  "preprocessing=false", "--output", path("apart.onnx")}));
  ASSERT_EQ(apart.code, 0) << apart.err;
  const auto norms = [&](const char* name) {
    int n = 0;
    for (const auto& node : read_onnx(read_file(path(name)), name).nodes)
      n += node.operation == "BatchNormalization";
    return n;
  };
  EXPECT_LT(norms("folded.onnx"), norms("apart.onnx"));
}

TEST_F(ExportCommandTest, TextGoesToStandardOutput) {
  const Result json = run(small({}));
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(NetworkGraph::from_json(json.out, "text").structural_hash(),
            small_network().structural_hash());
  EXPECT_THAT(run(small({"--format", "dot"})).out, testing::StartsWith("digraph"));
  EXPECT_GT(run(small({"--format", "dot", "--with", "expand=true"})).out.size(),
            run(small({"--format", "dot"})).out.size());
}

TEST_F(ExportCommandTest, RefusesWhatCannotBeWritten) {
  struct Case {
    std::vector<std::string> arguments;
    std::string text;
  };
  const std::string output = path("network.onnx");
  write_file_atomic(path("junk"), "NASMPAR1 and nothing else that a weights file has");
  const NetworkGraph other =
      make_space("darts", {{"channels", "2"}, {"layers", "3"}})
          ->network_from_text("DARTS_V1", {FormRole::kTarget, {1, 16, 16}, 4});
  write_file_atomic(path("other.bin"),
                    random_parameters(other, builtin_operations(), RandomStream(6)).serialize());
  const std::vector<Case> cases{
      {small({"--format", "onnx"}), "[--output] onnx files are no text"},
      {small({"--format", "onx"}), "did you mean 'onnx'?"},
      {small({"--with", "expnd=1"}), "did you mean 'expand'?"},
      {small({"--weights", path("absent"), "--output", output}), "absent"},
      {small({"--weights", path("junk"), "--output", output}), "junk"},
      {small({"--weights", path("other.bin"), "--output", output}), "needs the shape"},
      {small({"--seed", "-1", "--output", output}), "seed"},
      {small({"--output", path("no/such/folder/network.onnx")}), "no/such/folder"},
      {{"--space", "darts", "--output", output}, "[--architecture] as onnx a network must be"},
      {small({"--data", "planted:train=100,test=10", "--output", output}),
       "10 class labels do not fit [4]"},
  };
  for (const auto& c : cases) {
    const Result r = run(c.arguments);
    EXPECT_EQ(r.code, 2) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, testing::StartsWith("nasmyth: error: "));
    EXPECT_THAT(r.err, HasSubstr(c.text));
  }
  EXPECT_FALSE(exists("network.onnx"));
}

}  // namespace
}  // namespace nasmyth::test
