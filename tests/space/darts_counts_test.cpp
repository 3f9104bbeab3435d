// Published cells and search networks of the DARTS space against exact counts that an independent
// program made from the reference code of each paper.
#include <gtest/gtest.h>

#include <set>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/support/network_totals.h"

namespace nasmyth::test {
namespace {

std::unique_ptr<SearchSpace> space(int channels, int layers, OptionMap options = {}) {
  options["channels"] = options["search_channels"] = std::to_string(channels);
  options["layers"] = options["search_layers"] = std::to_string(layers);
  return make_space("darts", options);
}
NetworkGraph search_network(int channels, int layers, int classes = 10) {
  return *space(channels, layers)->graph(Form{FormRole::kSearch, {3, 32, 32}, classes});
}
NetworkGraph cifar_network(const std::string& cell, int classes = 10, OptionMap options = {}) {
  return space(36, 20, std::move(options))
      ->network_from_text(cell, Form{FormRole::kTarget, {3, 32, 32}, classes});
}

struct Count {
  const char* cell;
  double params;
  double macs;
};
void PrintTo(const Count& count, std::ostream* out) { *out << count.cell; }
std::string cell_name(const testing::TestParamInfo<Count>& info) { return info.param.cell; }

// CIFAR-10, 36 channels, 20 cells: parameters without auxiliary head, MACs of convolutions (0 where
// none is published).
constexpr Count kCifar[] = {{"DARTS_V1", 3169414, 500981760},
                            {"DARTS_V2", 3349342, 528353280},
                            {"PC_DARTS_cifar", 3634678, 556664832},
                            {"PC_DARTS_image", 3721510, 570461184},
                            {"PDARTS", 3433798, 532168704},
                            {"DrNAS_cifar10", 4099294, 635129856},
                            {"DrNAS_imagenet", 4048750, 617932800},
                            {"SDARTS_RS", 3606166, 562387968},
                            {"SDARTS_ADV", 3344806, 526749696},
                            {"GDAS_V1", 3368782, 519422976},
                            {"SNAS_mild", 2661382, 422212608},
                            {"MdeNAS", 3783286, 599104512},
                            {"NASNet", 3830950, 603445248},
                            {"AmoebaNet", 3145078, 488927232},
                            {"ENASNet", 4020166, 622135296},
                            {"DARTS_PT_0", 2851246, 0},
                            {"DARTS_PT_1", 3053206, 0},
                            {"DARTS_PT_2", 2658142, 0},
                            {"DARTS_PT_3", 3328174, 0}};

class CifarTest : public testing::TestWithParam<Count> {};
INSTANTIATE_TEST_SUITE_P(Darts, CifarTest, testing::ValuesIn(kCifar), cell_name);

TEST_P(CifarTest, Counts) {
  const NetworkTotals t = totals(cifar_network(GetParam().cell));
  EXPECT_EQ(t.params, GetParam().params);
  if (GetParam().macs > 0) {
    EXPECT_EQ(t.conv_macs, GetParam().macs);
  }
  const std::string cell = GetParam().cell;
  // The last cell joins three, four or five nodes of 144 channels.
  EXPECT_EQ(t.macs - t.conv_macs, cell == "AmoebaNet"                     ? 4320
                                  : cell == "NASNet" || cell == "ENASNet" ? 7200
                                                                          : 5760);
}

TEST(DartsCounts, EveryPublishedCellIsCounted) {
  std::set<std::string> counted;
  for (const auto& row : kCifar) counted.insert(row.cell);
  for (const auto& name : make_space("darts")->published()) EXPECT_TRUE(counted.contains(name));
}

TEST(DartsCounts, AuxiliaryHead) {
  const std::vector<std::pair<const char*, double>> kWithHead{
      {"DARTS_V1", 3645840}, {"DARTS_V2", 3825768}, {"PC_DARTS_cifar", 4111104},
      {"PDARTS", 3910224},   {"NASNet", 4288944},   {"AmoebaNet", 3603072}};
  for (const auto& [cell, params] : kWithHead) {
    const NetworkGraph graph = cifar_network(cell, 10, {{"auxiliary", "true"}});
    EXPECT_EQ(totals_in_training(graph).params, params) << cell;
    EXPECT_EQ(totals(graph), totals(cifar_network(cell))) << cell;
  }
}

TEST(DartsCounts, Cifar100) {
  const std::vector<std::pair<const char*, double>> kHundred{
      {"DARTS_V1", 3221344},       {"DARTS_V2", 3401272},       {"PDARTS", 3485728},
      {"PC_DARTS_cifar", 3686608}, {"PC_DARTS_image", 3773440}, {"NASNet", 3895840},
      {"AmoebaNet", 3184048}};
  for (const auto& [cell, params] : kHundred)
    EXPECT_EQ(totals(cifar_network(cell, 100)).params, params) << cell;
}

// ImageNet, 48 channels, 14 cells, 224 x 224, 1000 classes: MACs with those of the classifier.
constexpr Count kImageNet[] = {
    {"DARTS_V1", 4510432, 505864704},       {"DARTS_V2", 4718752, 529911552},
    {"PC_DARTS_cifar", 5270560, 571137408}, {"PC_DARTS_image", 5342464, 581627328},
    {"PDARTS", 4944352, 542819328},         {"DrNAS_cifar10", 5738464, 633832320},
    {"DrNAS_imagenet", 5726368, 624405504}, {"SDARTS_RS", 5120320, 566762688},
    {"NASNet", 5564320, 604031616},         {"AmoebaNet", 4627360, 526746624},
    {"ENASNet", 5908768, 630336384},        {"GDAS_V1", 4969216, 537597888},
    {"SNAS_mild", 3939328, 438042432},      {"MdeNAS", 5325760, 595513536},
    {"SDARTS_ADV", 4768864, 531567360}};

class ImageNetTest : public testing::TestWithParam<Count> {};
INSTANTIATE_TEST_SUITE_P(Darts, ImageNetTest, testing::ValuesIn(kImageNet), cell_name);

TEST_P(ImageNetTest, Counts) {
  const NetworkTotals t = totals(
      space(48, 14, {{"stem", "imagenet"}})
          ->network_from_text(GetParam().cell, Form{FormRole::kTarget, {3, 224, 224}, 1000}));
  EXPECT_EQ(t.params, GetParam().params);
  EXPECT_EQ(t.macs, GetParam().macs);
}

TEST(DartsCounts, SmallNetworks) {
  struct Small {
    const char* cell;
    double params4, macs4, params16, macs16;  // 4 channels and 3 cells, 16 channels and 8 cells
  };
  const Small kSmall[] = {{"DARTS_V1", 2798, 1388544, 232890, 41353216},
                          {"DARTS_V2", 2858, 1441792, 246106, 43442176},
                          {"PC_DARTS_cifar", 13406, 2660352, 335738, 53256192},
                          {"PDARTS", 9070, 2134016, 292026, 48136192},
                          {"NASNet", 14078, 2959360, 333946, 56221696},
                          {"AmoebaNet", 15462, 2994176, 326330, 52871168}};
  for (const auto& row : kSmall) {
    const NetworkTotals four = totals(space(4, 3)->network_from_text(row.cell, Form{}));
    const NetworkTotals sixteen = totals(space(16, 8)->network_from_text(row.cell, Form{}));
    EXPECT_EQ(four.params, row.params4) << row.cell;
    EXPECT_EQ(four.conv_macs, row.macs4) << row.cell;
    EXPECT_EQ(sixteen.params, row.params16) << row.cell;
    EXPECT_EQ(sixteen.conv_macs, row.macs16) << row.cell;
  }
}

TEST(DartsCounts, SearchNetworks) {
  struct Search {
    int channels, layers;
    double params, conv_macs;
  };
  const Search kSearch[] = {{4, 3, 72854, 15482880},  {4, 5, 136182, 22884352},
                            {8, 3, 209442, 40796160}, {8, 8, 597890, 100253696},
                            {16, 5, 1275834, 0},      {16, 8, 1930618, 300253184},
                            {16, 11, 2585146, 0},     {16, 17, 3894202, 0},
                            {36, 8, 8477398, 0},      {36, 20, 19932310, 0}};
  for (const auto& row : kSearch) {
    const NetworkTotals t = totals(search_network(row.channels, row.layers));
    EXPECT_EQ(t.params, row.params) << row.channels << " channels, " << row.layers << " cells";
    if (row.conv_macs > 0) {
      EXPECT_EQ(t.conv_macs, row.conv_macs);
    }
  }
  EXPECT_EQ(totals(search_network(16, 8, 100)).params, 1953748);
}

TEST(DartsCounts, SearchNetworkPartByPart) {
  const ExpandedGraph graph = expand(search_network(16, 8), builtin_operations());
  EXPECT_EQ(totals(graph).parameter_tensors, 1399);
  const std::vector<std::pair<const char*, int>> kNodes{
      {"conv2d", 1395}, {"batch_norm", 929}, {"relu", 704}, {"max_pool", 112}, {"avg_pool", 112}};
  for (const auto& [operation, count] : kNodes)
    EXPECT_EQ(count_nodes(graph.graph, operation), count) << operation;
  EXPECT_EQ(totals(graph, "stem/").params, 1392);
  EXPECT_EQ(totals(graph, "classifier/").params, 2570);
  const double kCells[] = {45888, 46144, 144000, 137856, 139904, 484608, 460032, 468224};
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(totals(graph, "cell" + std::to_string(i) + "/").params, kCells[i]) << "cell " << i;
}

TEST(DartsCounts, OneMixedOperation) {
  const ExpandedGraph graph = expand(search_network(16, 8), builtin_operations());
  const auto edge = [&](const char* scope) { return totals(graph, scope).params; };
  EXPECT_EQ(edge("cell0/edge0_2/"), 3168);
  EXPECT_EQ(edge("cell2/edge0_2/"), 10432);
  EXPECT_EQ(edge("cell2/edge2_3/"), 9408);
  EXPECT_EQ(edge("cell5/edge1_5/"), 35200);
  EXPECT_EQ(edge("cell5/edge4_5/"), 31104);
  // No cell of 16 channels is a reduction here, of two cells the first is.
  const ExpandedGraph two = expand(search_network(8, 2), builtin_operations());
  EXPECT_EQ(totals(two, "cell0/edge0_2/").params, 3424);
}

// Fewer operations an edge, as RobustDARTS (arXiv 1909.09656) restricts them.
double restricted_params(const Restriction& restriction, int classes = 10) {
  return totals(search_network(16, 8, classes).restrict(restriction)).params;
}

std::vector<std::string> edge_names() {
  std::vector<std::string> names;
  for (const char* kind : {"normal", "reduce"})
    for (int node = 2; node < 6; ++node)
      for (int source = 0; source < node; ++source)
        names.push_back(std::string(kind) + "/edge" + std::to_string(source) + "_" +
                        std::to_string(node));
  return names;
}

TEST(DartsCounts, RobustDartsS1) {
  // Pairs in edge order, the normal cell first: s skip, 3 and 5 dilated, S separable 3x3, m max,
  // a average.
  const std::vector<std::string> kPairs{"s3", "s5", "s5", "sS", "s3", "ms", "sS", "sS", "s3", "sS",
                                        "ms", "s3", "35", "35", "ma", "m3", "ma", "ma", "s5", "ma",
                                        "mS", "s3", "s5", "ma", "ma", "s5", "s5", "s5"};
  const std::map<char, std::string> kNames{{'s', "skip_connect"}, {'3', "dil_conv_3x3"},
                                           {'5', "dil_conv_5x5"}, {'S', "sep_conv_3x3"},
                                           {'m', "max_pool_3x3"}, {'a', "avg_pool_3x3"}};
  Restriction restriction;
  const auto edges = edge_names();
  for (std::size_t e = 0; e < edges.size(); ++e)
    restriction[edges[e]] = {kNames.at(kPairs[e][0]), kNames.at(kPairs[e][1])};
  EXPECT_EQ(restricted_params(restriction), 405146);
  EXPECT_EQ(restricted_params(restriction, 100), 428276);
}

TEST(DartsCounts, RobustDartsS2AndS3) {
  Restriction two, three;
  for (const auto& edge : edge_names()) {
    two[edge] = {"skip_connect", "sep_conv_3x3"};
    three[edge] = {"none", "skip_connect", "sep_conv_3x3"};
  }
  EXPECT_EQ(restricted_params(two), 665466);
  EXPECT_EQ(restricted_params(three), 665466);
  EXPECT_EQ(restricted_params(three, 100), 688596);
}

// The fourth space offers noise instead of the skip connection.
TEST(DartsCounts, RobustDartsS4) {
  const OptionMap options{{"operations", "[noise, sep_conv_3x3]"}};
  for (const auto& [classes, params] : {std::pair{10, 624506.0}, {100, 647636.0}}) {
    const Form form{FormRole::kSearch, {3, 32, 32}, classes};
    EXPECT_EQ(totals(*space(16, 8, options)->graph(form)).params, params) << classes;
  }
}

TEST(DartsCounts, OddInputsAreRefusedWithTheirPlace) {
  const std::string text = error_text([] {
    totals(make_space("darts")->network_from_text("DARTS_V2",
                                                  Form{FormRole::kTarget, {3, 30, 30}, 10}));
  });
  EXPECT_NE(text.find("even heights and widths only"), std::string::npos) << text;
}

}  // namespace
}  // namespace nasmyth::test
