#include "nasmyth/core/configuration.h"

#include <gtest/gtest.h>

#include <string>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

constexpr std::string_view kSample = R"(# a run
seed: 3
space:
  name: compact
  stages: [8, 16]
  operations:
    - conv_3x3
    - "a, b"
limits: {params: 20k, macs: 1M}
note: "true: \"x\""
clip: ~
empty: ""
)";

std::string fault(const std::string& yaml) {
  try {
    Configuration::parse(yaml, "run.yaml");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInvalidData);
    return e.what();
  }
  return "none";
}

std::string set_fault(const std::string& assignment) {
  Configuration configuration = Configuration::parse(kSample, "run.yaml");
  try {
    configuration.set(assignment);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInvalidArgument);
    return e.what();
  }
  return "none";
}

TEST(Configuration, FlattensInOrder) {
  const Configuration c = Configuration::parse(kSample, "run.yaml");
  EXPECT_EQ(c.keys(),
            (std::vector<std::string>{"seed", "space.name", "space.stages", "space.operations",
                                      "limits.params", "limits.macs", "note", "clip", "empty"}));
  EXPECT_EQ(c.get("limits.params"), "20k");
  EXPECT_EQ(c.get("space.stages"), "[8, 16]");
  EXPECT_EQ(c.get("space.operations"), "[conv_3x3, \"a, b\"]");
  EXPECT_EQ(c.get("note"), "true: \"x\"");
  EXPECT_EQ(c.get("clip"), "none");
  EXPECT_EQ(c.get("empty"), "");
  EXPECT_EQ(c.get("space"), std::nullopt);
  EXPECT_EQ(c.children("limits"), (std::vector<std::string>{"params", "macs"}));
  EXPECT_EQ(c.children("").size(), 6u);
  EXPECT_TRUE(c.has("space") && c.has("seed") && !c.has("spac"));
  EXPECT_EQ(c.origin("limits.macs"), "run.yaml:9:23");
}

TEST(Configuration, RemembersWhatWasRead) {
  const Configuration c = Configuration::parse(kSample, "run.yaml");
  c.get("seed");
  EXPECT_EQ(c.section("limits"), (OptionMap{{"macs", "1M"}, {"params", "20k"}}));
  c.section("space");
  EXPECT_EQ(c.unread(), (std::vector<std::string>{"note", "clip", "empty"}));
}

TEST(Configuration, UnreadKeyIsAnErrorWithSuggestion) {
  const auto message = [](const char* yaml) {
    const Configuration c = Configuration::parse(yaml, "run.yaml");
    c.get("seed");
    c.section("limits");
    try {
      c.check_all_read();
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  EXPECT_EQ(message("seed: 1\nlimits: {params: 1}"), "none");
  EXPECT_EQ(message("limits:\nseed: 1"), "none");
  EXPECT_EQ(message("sede: 1"),
            "[run.yaml:1:1] unknown configuration key 'sede'; did you mean 'seed'?");
  EXPECT_EQ(message("seed: 1\nlimit:\n  params: 1"),
            "[run.yaml:3:3] unknown configuration key 'limit.params'; did you mean "
            "'limits.params'?");
  EXPECT_EQ(message("a.b.c: 1"), "[run.yaml:1:1] unknown configuration key 'a.b.c'; remove it");
}

TEST(Configuration, SetWins) {
  Configuration c = Configuration::parse(kSample, "run.yaml");
  c.set("limits.params=30k");
  c.set(" space.widths = [1, 2] ");
  c.set("note=a=b");
  c.set("clip.norm=5");
  EXPECT_EQ(c.get("limits.params"), "30k");
  EXPECT_EQ(c.get("space.widths"), "[1, 2]");
  EXPECT_EQ(c.get("note"), "a=b");
  EXPECT_EQ(c.get("clip"), std::nullopt);
  EXPECT_EQ(c.origin("limits.params"), "--set limits.params");
}

TEST(Configuration, SetRefusesWhatMakesNoTree) {
  for (const char* text : {"", "seed", "=3", "a..b=1", ".a=1", "a.=1", "a b=1", "a:b=1"})
    EXPECT_NE(set_fault(text), "none") << text;
  EXPECT_NE(set_fault("space=darts").find("set a key below it, such as 'space.name'"),
            std::string::npos);
  EXPECT_NE(set_fault("seed.x=1").find("'seed' has a value (run.yaml:2:1)"), std::string::npos);
  std::string deep = "a";
  for (int i = 0; i < 100000; ++i) deep += ".a";
  EXPECT_NE(set_fault(deep + "=1"), "none");
}

TEST(Configuration, MergePrefersTheOther) {
  Configuration base = Configuration::parse("a: 1\nb: {c: 2}", "base.yaml");
  base.merge(Configuration::parse("b: {c: 3, d: 4}", "over.yaml"));
  EXPECT_EQ(base.to_yaml(), "a: 1\nb:\n  c: 3\n  d: 4\n");
  EXPECT_EQ(base.origin("b.c"), "over.yaml:1:5");
}

TEST(Configuration, YamlTextIsStable) {
  Configuration c = Configuration::parse(kSample, "run.yaml");
  c.set("space.seed=null");
  c.set("list=[a,b]");
  const std::string yaml = c.to_yaml();
  EXPECT_EQ(yaml,
            "seed: 3\n"
            "space:\n"
            "  name: compact\n"
            "  stages: [8, 16]\n"
            "  operations: [conv_3x3, \"a, b\"]\n"
            "  seed: \"null\"\n"
            "limits:\n"
            "  params: 20k\n"
            "  macs: 1M\n"
            "note: \"true: \\\"x\\\"\"\n"
            "clip: ~\n"
            "empty: \"\"\n"
            "list: \"[a,b]\"\n");
  const Configuration again = Configuration::parse(yaml, "again");
  EXPECT_EQ(again.to_yaml(), yaml);
  for (const std::string& key : c.keys()) EXPECT_EQ(again.get(key), c.get(key)) << key;
}

TEST(Configuration, AnyTextSurvivesYaml) {
  for (const char* text : {"- a",  "-",    "---",  "...", "#x",   "a: b",          "*a",    "&a",
                           "!x",   "%a",   "@",    "`",   "a\nb", "\ttab",         "\x01",  "ü",
                           "null", "~",    "[",    "[a",  "{}",   " a ",           "'",     "\\",
                           "?",    "a #b", "true", "0x1", "1e5",  "[\"~\", null]", "[a, b]"}) {
    Configuration c;
    c.set_value("key", text, "test");
    EXPECT_EQ(Configuration::parse(c.to_yaml(), "x").get("key"), text) << c.to_yaml();
  }
}

TEST(Configuration, FaultsNameLineAndColumn) {
  EXPECT_EQ(fault("a: 1\nb: {c: [1, {d: 2}]}\n"),
            "[run.yaml:2:12] a list may hold plain values only; write it as [a, b, c]");
  EXPECT_EQ(fault("a: 1\nb: 2\na: 3\n"),
            "[run.yaml:3:1] the key 'a' is set twice; the first is at run.yaml:1:1; keep one of "
            "them");
  EXPECT_EQ(fault("a:\n  b: 1\na.c.d: 1\na.c: 2\n"),
            "[run.yaml:4:1] 'a.c' is a section and takes no value; set a key below it, such as "
            "'a.c.d'");
  EXPECT_EQ(fault("a: [1, 2\nb: 3\n").rfind("[run.yaml:", 0), 0u);
  EXPECT_EQ(fault("just text").rfind("[run.yaml:1:1] the file holds no keys", 0), 0u);
  for (const char* yaml : {"[1]", "a: 1\n---\nb: 2", "? [a]\n: 1", "\"\": 1", "a: *x", "a: \"x",
                           "a b: 1", "a: &x [*x]", "a: &x {b: *x}", "<<: {a: 1}", "a: 1\n b: 2"})
    EXPECT_NE(fault(yaml), "none") << yaml;
}

TEST(Configuration, EmptyFilesAreEmpty) {
  for (const char* yaml : {"", "# nothing", "~", "{}", "a: {}"})
    EXPECT_TRUE(Configuration::parse(yaml, "x").keys().empty()) << yaml;
}

TEST(Configuration, HostileFilesEndInErrors) {
  EXPECT_NE(fault("a: " + std::string(100000, '[')), "none");
  EXPECT_NE(fault("a: " + std::string(100000, '{')), "none");
  std::string bomb = "a0: &a0 {x: 1, y: 2}\n";
  for (int i = 1; i < 19; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " {x: " + before + ", y: " + before + ", z: " + before + "}\n";
  }
  EXPECT_NE(fault(bomb), "none");
}

TEST(Configuration, LoadsFiles) {
  const test::TemporaryDirectory folder;
  write_file_atomic(folder / "run.yaml", kSample);
  const Configuration c = Configuration::load(folder / "run.yaml");
  EXPECT_EQ(c.origin("seed"), (folder / "run.yaml").string() + ":2:1");
  EXPECT_THROW(Configuration::load(folder / "none.yaml"), Error);
}

}  // namespace
}  // namespace nasmyth
