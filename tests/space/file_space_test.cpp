// Space files: what they describe, and what they refuse.
#include "nasmyth/space/file/file_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/random.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/space_source.h"
#include "tests/support/network_totals.h"
#include "tests/support/paths.h"

namespace nasmyth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr FormRole kRoles[] = {FormRole::kSearch, FormRole::kTarget};

std::string example(const char* name) {
  return (source_dir() / "examples" / "spaces" / name).string();
}

FileSpace read(const std::string& yaml, const OptionMap& parameters = {}) {
  return FileSpace(yaml, "f.yaml", parameters);
}
std::string failure(const std::string& yaml, const OptionMap& parameters = {}) {
  return error_text([&] { read(yaml, parameters); });
}
// A network of the given nodes and a head.
std::string network(const std::string& nodes) {
  return "network:\n  nodes:\n" + nodes +
         "    pool: global_pool\n    logits: {op: linear, features: classes}\n";
}
std::uint64_t expanded_hash(const NetworkGraph& graph) {
  return expand(graph, builtin_operations()).graph.structural_hash();
}
std::vector<std::string> choice_names(const SearchSpace& space) {
  std::vector<std::string> names;
  for (const auto& choice : *space.choices()) names.push_back(choice.name);
  return names;
}
std::vector<std::string> labels(const SearchSpace& space, const char* choice) {
  return (*space.choices())[space.choices()->index(choice)].labels();
}

TEST(FileSpace, NasBench201IsTheBuiltInSpace) {
  for (const OptionMap& options : {OptionMap{}, OptionMap{{"channels", "8"}, {"cells", "2"}}}) {
    const auto built_in = make_space("nasbench201", options);
    const auto file = make_space(example("nasbench201.yaml"), options);
    EXPECT_EQ(file->choices()->hash(), built_in->choices()->hash());
    RandomStream random(5);
    for (FormRole role : kRoles)
      for (const Form& form : {Form{role, {3, 32, 32}, 10}, Form{role, {1, 28, 28}, 7}}) {
        EXPECT_EQ(expanded_hash(*file->graph(form)), expanded_hash(*built_in->graph(form)));
        const Architecture a = random_architecture(built_in->choices(), random);
        const Architecture same = file->architecture(a.to_text());
        EXPECT_EQ(totals(file->network(same, form)), totals(built_in->network(a, form)));
      }
  }
}

TEST(FileSpace, MobileKeepsToWhatEverySpaceKeepsTo) {
  const auto space = make_space(example("mobile.yaml"));
  EXPECT_THAT(dynamic_cast<const FileSpace&>(*space).warnings(), IsEmpty());
  RandomStream random(6);
  for (FormRole role : kRoles) {
    const Form form{role, {3, 32, 32}, 10};
    const NetworkGraph graph = *space->graph(form);
    EXPECT_EQ(graph.choices()->hash(), space->choices()->hash());
    EXPECT_EQ(NetworkGraph::from_json(graph.to_json(), "test").structural_hash(),
              graph.structural_hash());
    const OpenTotals open(graph);
    for (int i = 0; i < 6; ++i) {
      const Architecture a = random_architecture(space->choices(), random);
      EXPECT_TRUE(allowed(a));
      EXPECT_EQ(open.at(a), totals(graph.bind(a))) << a.to_text();
    }
  }
  EXPECT_THAT(labels(*space, "stage1/width"), ElementsAre("12", "20", "32"));
  EXPECT_THAT(labels(*space, "stage0/layers/depth"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(labels(*space, "stage2/layers1/body"), ElementsAre("mbconv", "separable", "skip"));
}

TEST(FileSpace, ConstraintsHold) {
  const FileSpace strict =
      read("choices: {a: [8, 16], b: [8, 16]}\n" +
           network("    one: {op: conv_bn, channels: a}\n    two: {op: conv_bn, channels: b}\n") +
           "constraints: [b > a]\n");
  EXPECT_FALSE(allowed(Architecture::from_labels(strict.choices(), {{"a", "16"}, {"b", "8"}})));
  EXPECT_TRUE(allowed(Architecture::from_labels(strict.choices(), {{"a", "8"}, {"b", "16"}})));
}

TEST(FileSpace, ChoicesAreNamedByWhereTheyStand) {
  const FileSpace space = read(
      "choices: {shared: [8, 16]}\n"
      "templates:\n"
      "  block:\n"
      "    choices: {k: [3, 5]}\n"
      "    nodes:\n"
      "      conv: {op: conv_bn, kernel: k, channels: shared, dilation: {choose: [1, 2]}}\n"
      "      way: {choose: [relu, identity]}\n" +
      network("    a: {use: block, repeat: 2}\n"
              "    b: {op: conv_bn, channels: shared, repeat: [1, 2]}\n"
              "    c: {select: [a, b], pick: [1, 2]}\n"
              "    d: {select: [c, b]}\n"));
  EXPECT_THAT(choice_names(space),
              ElementsAre("shared", "a0/k", "a0/conv/dilation", "a0/way", "a1/k",
                          "a1/conv/dilation", "a1/way", "b/depth", "c", "d"));
  EXPECT_THAT(labels(space, "c"), ElementsAre("0", "1", "0+1"));
  EXPECT_THAT(labels(space, "d"), ElementsAre("c", "b"));
  EXPECT_EQ((*space.choices())[0].options[1].value, 16);
}

TEST(FileSpace, FormsMayDiffer) {
  const FileSpace space = read(network(
      "    body: {op: conv_bn, channels: {search: 4, target: 8}, repeat: {search: 1, target: 3}}\n"
      "    edge: {choose: [none, relu], search_only: [none]}\n"));
  const auto params = [&](FormRole role) {
    return totals(space.graph(Form{role, {3, 8, 8}, 2})->bind(Architecture(space.choices(), {1})))
        .params;
  };
  EXPECT_EQ(params(FormRole::kSearch), 3 * 4 + 2 * 4 + 4 * 2 + 2);
  EXPECT_EQ(params(FormRole::kTarget), (3 + 8 + 8) * 8 + 3 * 2 * 8 + 8 * 2 + 2);
  EXPECT_TRUE((*space.choices())[0].options[0].search_only);
}

TEST(FileSpace, ParametersAreOptions) {
  const std::string yaml = "parameters: {width: 8, act: relu, widths: [4, 8]}\n" +
                           network(
                               "    a: {op: conv_bn, channels: width, activation: act}\n"
                               "    b: {op: conv_bn, channels: {choose: widths}}\n");
  EXPECT_THAT(labels(read(yaml), "b/channels"), ElementsAre("4", "8"));
  const FileSpace other =
      read(yaml, {{"widths", "[2, 3, 5]"}, {"width", "16"}, {"act", "h_swish"}});
  EXPECT_THAT(labels(other, "b/channels"), ElementsAre("2", "3", "5"));
  EXPECT_EQ(count_nodes(expand(*other.graph(Form{}), builtin_operations()).graph, "h_swish"), 1);
  EXPECT_TRUE(read(yaml, {{"widths", "[4]"}}).choices()->size() == 0);
  EXPECT_THAT(failure(yaml, {{"widht", "4"}}), HasSubstr("did you mean 'width'?"));
  EXPECT_THAT(failure(yaml, {{"width", "wide"}}),
              HasSubstr("[space.width] expected a number; got 'wide'"));
}

TEST(FileSpace, SharedWeightsAreStoredOnce) {
  const FileSpace space =
      read(network("    a: {op: conv2d, channels: 3, kernel: 3, share: w}\n"
                   "    b: {op: conv2d, channels: 3, kernel: 3, share: w}\n"));
  EXPECT_EQ(totals(*space.graph(Form{})).params, 3 * 3 * 9 + 3 * 10 + 10);
  EXPECT_THAT(failure(network("    a: {op: conv2d, share: w}\n    b: {op: conv_bn, share: w}\n")),
              HasSubstr("shares the weights of conv2d with conv_bn"));
}

TEST(FileSpace, AuxiliaryHeadsAreForTrainingOnly) {
  const FileSpace space = read(
      "network:\n  nodes:\n    a: global_pool\n    logits: {op: linear, features: classes}\n"
      "    extra: {op: linear, features: classes, from: a}\n"
      "  outputs: {logits: logits, auxiliary: {from: extra, training_only: true}}\n");
  const NetworkGraph graph = *space.graph(Form{});
  EXPECT_EQ(graph.outputs().size(), 2u);
  EXPECT_EQ(totals(graph).params, 40);
}

TEST(FileSpace, WarnsOfWhatIsProbablyNotMeant) {
  const FileSpace space = read(
      "parameters: {width: 8, unused: 3}\n"
      "choices: {idle: [1, 2]}\n"
      "templates:\n  nobody: {nodes: {a: relu}}\n" +
      network("    a: {op: conv_bn, channels: width}\n    b: {op: relu, from: a}\n"
              "    c: {op: identity, from: a}\n"
              "    d: {choose: [relu, identity], from: c}\n") +
      "constraints: [1 == 1]\n");
  EXPECT_THAT(space.warnings(),
              testing::UnorderedElementsAre("f.yaml:1:24: the parameter 'unused' is never used",
                                            "f.yaml:2:11: the choice 'idle' is never used",
                                            "f.yaml:4:3: the template 'nobody' is never used",
                                            "f.yaml:8:5: the node 'b' is never used",
                                            "f.yaml:13:15: the constraint always holds"));
}

struct Refusal {
  const char* yaml;
  const char* message;
};

class RefusedFile : public testing::TestWithParam<Refusal> {};

const Refusal kRefusals[] = {
    // A circle, with its nodes.
    {"network:\n  nodes:\n    a: {op: relu, from: c}\n    b: {op: relu, from: a}\n"
     "    c: {op: relu, from: b}\n",
     "[f.yaml:3:5] the nodes read each other in a circle: a -> c -> b -> a; let one of them read "
     "an "
     "earlier node"},
    {"network:\n  nodes:\n    a: {op: relu, from: a}\n",
     "[f.yaml:3:5] the nodes read each other in a circle: a -> a; let one of them read an earlier "
     "node"},
    {"templates:\n  t: {nodes: {a: {use: u}}}\n  u: {nodes: {a: {use: t}}}\nnetwork:\n  nodes:\n"
     "    a: {use: t}\n",
     "[f.yaml:3:24] the templates use each other in a circle or too deeply: t -> u -> t; let none "
     "use itself"},
    // A wrong shape, with both.
    {"network:\n  nodes:\n    a: {op: conv_bn, channels: 8}\n    b: {op: conv_bn, channels: 12, "
     "from: image}\n    c: {op: sum, from: [a, b]}\n",
     "[f.yaml:5:13] c: sum: size 0 of an input differs; expected 8, got 12; it reads 'a' [8, 32, "
     "32] and 'b' [12, 32, 32]"},
    {"network:\n  nodes:\n    pool: global_pool\n    conv: {op: conv_bn, channels: 8}\n",
     "[f.yaml:4:16] conv: conv_bn takes an image [channels, height, width]; got [3]; it reads "
     "'pool' [3]"},
    {"network:\n  nodes:\n    pool: global_pool\n",
     "[f.yaml:3:5] the output 'logits' needs the shape [10] (classes); got 'pool' [3]; end with "
     "{op: linear, features: classes}"},
    // Unknown names.
    {"network:\n  nodes:\n    a: {op: conv_bm}\n",
     "[f.yaml:3:13] unknown operation 'conv_bm'; did you mean 'conv_bn'?"},
    {"network:\n  nodes:\n    a: {op: relu, from: imagee}\n",
     "[f.yaml:3:25] unknown node 'imagee'; did you mean 'image'?; known: image, a"},
    {"network:\n  nodes:\n    a: {op: linear, featurs: 3}\n",
     "[f.yaml:3:21] unknown attribute of linear 'featurs'; did you mean 'features'?; known: "
     "features, bias, from, repeat, share"},
    {"templates: {stage: {nodes: {a: relu}}}\nnetwork:\n  nodes:\n    a: {use: stge}\n",
     "[f.yaml:4:14] unknown template 'stge'; did you mean 'stage'?; known: stage"},
    {"netwrok: {}\n",
     "[f.yaml:1:1] unknown section 'netwrok'; did you mean 'network'?; known: description, "
     "parameters, choices, templates, network, constraints, input, classes"},
    {"templates: {t: {parameters: {width: }, nodes: {a: relu}}}\nnetwork:\n  nodes:\n    a: {use: "
     "t}\n",
     "[f.yaml:4:14] the template 't' needs the parameter 'width'; add width: ..."},
    {"templates: {t: {parameters: {width: 3}, nodes: {a: relu}}}\nnetwork:\n  nodes:\n    a: {use: "
     "t, widht: 3}\n",
     "[f.yaml:4:17] unknown parameter of template 't' 'widht'; did you mean 'width'?; known: "
     "width, from, repeat"},
    {"network:\n  nodes:\n    a: {op: relu, form: image}\n",
     "[f.yaml:3:19] unknown attribute of relu 'form'; did you mean 'from'?; known: from, repeat, "
     "share"},
    {"network:\n  nodes:\n    a: {choose: [relu, sigmod]}\n",
     "[f.yaml:3:24] unknown name 'sigmod'; did you mean 'sigmoid'?"},
    // Bad YAML.
    {"network:\n  nodes: {a: [1\n",
     "[f.yaml:3:1] bad YAML: end of sequence flow not found; mend it there or in the line before"},
    {"network:\n\tnodes: 3\n",
     "[f.yaml:2:7] bad YAML: illegal map value; mend it there or in the line before"},
    {"- a\n- b\n",
     "[f.yaml:1:1] a space file is a map of sections; got a list of 2; begin with 'network:'"},
    {"", "[f.yaml] a space file is a map of sections; got nothing; begin with 'network:'"},
    {"network: {nodes: {a: relu, a: relu}}\n",
     "[f.yaml:1:28] the key 'a' stands twice; the first at f.yaml:1:22; keep one of them"},
    {"network: {}\n",
     "[f.yaml:1:10] 'network' is a map; got an empty map; write its entries as 'name: ...' lines"},
    // Values.
    {"choices: {w: [8, relu]}\nnetwork: {nodes: {a: relu}}\n",
     "[f.yaml:1:14] the options of a choice are not all numbers or all words; write numbers, or "
     "words"},
    {"choices: {w: [8, 8]}\nnetwork: {nodes: {a: relu}}\n",
     "[f.yaml:1:14] the option '8' stands twice; keep one"},
    {"network: {nodes: {a: {op: conv_bn, channels: 1000000}}}\n",
     "[f.yaml:1:36] the attribute 'channels' of conv_bn is the number 1000000; give a number of at "
     "most 65536, or a word"},
    {"network: {nodes: {a: {op: conv_bn, channels: widht}}}\n",
     "[f.yaml:1:46] unknown name 'widht'; known: classes, input_channels, input_height, "
     "input_width, true, false, index, in_channels, in_height, in_width"},
    {"network: {nodes: {a: {op: relu, use: relu}}}\n",
     "[f.yaml:1:22] a node needs one of op, use, choose, select; got op and use; write for "
     "instance "
     "{op: conv_bn, channels: 16}"},
    {"network: {nodes: {a: {op: relu, repeat: 1000}}}\n",
     "[f.yaml:1:41] 'repeat' is a whole number from 0 to 200; got the number 1000"},
    {"network: {nodes: {a: {choose: [relu, identity], search_only: [relu, identity]}}}\n",
     "[f.yaml:1:31] all options of 'a' are search_only; leave one that can be derived"},
    {"network: {nodes: {a: {choose: [relu, identity], kernel: 3}}}\n",
     "[f.yaml:1:49] no candidate has the attribute 'kernel'; remove it"},
    {"network: {nodes: {a: global_pool, b: {op: linear, features: classes}}}\nconstraints: [1 > "
     "2]\n",
     "[f.yaml:2:15] the constraint is never met; remove it or change it"},
    {"network: {nodes: {a: global_pool, b: {choose: [{search: relu, target: sigmoid}, tanh]}, "
     "c: {op: linear, features: classes}}}\n",
     "[f.yaml:1:47] the options of the choice 'b' differ between forms or inputs of the network; "
     "let them depend on parameters only"},
};

INSTANTIATE_TEST_SUITE_P(All, RefusedFile, testing::ValuesIn(kRefusals));

TEST_P(RefusedFile, WithPlaceAndRemedy) { EXPECT_EQ(failure(GetParam().yaml), GetParam().message); }

TEST(FileSpace, ChoicesMayNotDependOnTheInput) {
  const FileSpace space = read(network("    a: {op: relu, repeat: [1, 1 + input_channels]}\n"));
  EXPECT_THAT(error_text([&] {
                space.graph(Form{FormRole::kTarget, {1, 32, 32}, 10});
              }),
              HasSubstr("differ between forms or inputs"));
}

// Small files that would unfold into a lot.
TEST(FileSpace, BombsAreRefusedEarly) {
  std::string aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    aliases += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 8; ++j) aliases += ", " + before;
    aliases += "]\n";
  }
  EXPECT_THAT(failure(aliases), HasSubstr("more than 50000 values, aliases expanded"));

  std::string uses = "templates:\n  t0: {nodes: {a: {op: relu, repeat: 200}}}\n";
  for (int i = 1; i < 10; ++i)
    uses += "  t" + std::to_string(i) + ": {nodes: {a: {use: t" + std::to_string(i - 1) +
            ", repeat: 200}}}\n";
  EXPECT_THAT(failure(uses + "network: {nodes: {a: {use: t9}}}\n"),
              HasSubstr("use fewer repetitions"));

  std::string wide = "choices:\n", sum = "0";
  for (int i = 0; i < 40; ++i) {
    wide += "  c" + std::to_string(i) + ": [1, 2, 3]\n";
    sum += " + c" + std::to_string(i);
  }
  EXPECT_THAT(failure(wide + "network: {nodes: {a: {op: conv_bn, channels: " + sum + "}}}\n"),
              HasSubstr("depends on too many choices at once"));

  std::string chain = "network:\n  nodes:\n";
  for (int i = 0; i < 8000; ++i)
    chain += "    n" + std::to_string(i) + ": {op: relu, from: n" + std::to_string(i + 1) + "}\n";
  EXPECT_THAT(failure(chain + "    n8000: {op: relu, from: n0}\n"),
              HasSubstr("circle: n0 -> n1 ->"));

  EXPECT_THAT(failure(std::string(3000, '[')), HasSubstr("bad YAML"));
  EXPECT_THAT(failure(std::string(1'100'000, ' ')), HasSubstr("too large"));
  EXPECT_THAT(failure(network("    a: {op: conv_bn, channels: 65536, kernel: 65535}\n")),
              HasSubstr("too large to store or to compute"));
}

// Whatever a file holds: a space, or an error of a user with a place.
TEST(FileSpace, DamagedFilesAreRefusedCleanly) {
  const char* const kPieces[] = {
      "{",           "}",           "[",        "]",    ":",         ",",  "&a ",
      "*a ",         "-",           "\n",       "  ",   "'",         "\"", "<<: *a\n",
      "choose: ",    "repeat: 9\n", "from: ",   "op: ", "999999999", "-1", "0",
      "in_channels", "use: cell",   "select: ", "~",    "!!str ",    "%",  "|",
      ">",           "search: ",    "x",        "\xff", "if"};
  RandomStream random(12);
  int good = 0, refused = 0;
  for (const char* name : {"mobile.yaml", "nasbench201.yaml"}) {
    const std::string whole = read_file(example(name));
    for (int i = 0; i < 150; ++i) {
      std::string text = whole;
      for (std::uint64_t k = 0; k <= random.below(3); ++k) {
        const std::size_t at = random.below(text.size());
        const std::size_t length = std::min<std::size_t>(random.below(12), text.size() - at);
        const std::string piece = kPieces[random.below(std::size(kPieces))];
        switch (random.below(4)) {
          case 0:
            text.erase(at, length);
            break;
          case 1:
            text.insert(at, piece);
            break;
          case 2:
            text.replace(at, length, text.substr(random.below(text.size()), 16));
            break;
          default:
            text[at] = static_cast<char>(random.below(256));
        }
      }
      try {
        read(text, name[0] == 'n' ? OptionMap{{"cells", "1"}} : OptionMap{});
        ++good;
      } catch (const Error& e) {
        ++refused;
        EXPECT_EQ(exit_code(e.kind()), 2) << e.what() << "\n" << text;
      }
    }
  }
  EXPECT_GT(good, 20);
  EXPECT_GT(refused, 50);
}

TEST(SpaceSource, TellsFilesFromNames) {
  EXPECT_TRUE(is_space_file("a/b.yaml"));
  EXPECT_TRUE(is_space_file("b.yml"));
  EXPECT_TRUE(is_space_file("file:anything"));
  EXPECT_FALSE(is_space_file("compact"));
  EXPECT_EQ(space_label("file:a/b.yaml"), "b");
  EXPECT_EQ(space_label("darts"), "darts");
  EXPECT_THAT(error_text([] { make_space("no/such.yaml"); }), HasSubstr("no/such.yaml"));
  const std::string hash = content_hash(read_file(example("mobile.yaml")));
  EXPECT_NO_THROW(make_space(example("mobile.yaml"), {{"hash", hash}}));
  EXPECT_THAT(error_text([] {
                make_space(example("mobile.yaml"), {{"hash", "0"}});
              }),
              HasSubstr("is not the one that was recorded"));
}

}  // namespace
}  // namespace nasmyth::test
