#include <gtest/gtest.h>

#include "nasmyth/operation/builtin.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report.h"
#include "nasmyth/report/report_section.h"
#include "tests/report/sample_run.h"
#include "tests/report/well_formed.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

const std::string kHostile = "</script><img src=x onerror='alert(1)'>&\"\xff";

// Every section of the registry, on every kind of record.
class EverySection : public ::testing::TestWithParam<std::string> {
 protected:
  static std::vector<std::string> all() { return report_sections().names(); }

  std::string write(const test::SampleRun& sample, bool with_data = true) {
    const RunDirectory directory =
        test::write_sample_run(temporary_ / ("run" + std::to_string(count_++)), sample);
    record_ = read_run(directory);
    data_ = test::sample_data(sample.word);
    ReportInput input{record_};
    if (with_data) input.data = &data_;
    if (record_.graph) input.counted = count_network(*record_.graph, builtin_operations());
    return report_sections().get(GetParam()).write(input);
  }

  test::TemporaryDirectory temporary_;
  RunRecord record_;
  DatasetPair data_;
  int count_ = 0;
};

TEST_P(EverySection, IsWellFormedForAWholeRun) {
  const std::string html = write({});
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_NE(html, "");
}

TEST_P(EverySection, IsWellFormedForARunUnderWay) {
  test::SampleRun sample;
  sample.tested = false;
  EXPECT_EQ(test::html_fault(write(sample)), "");
}

TEST_P(EverySection, StandsAnEmptyRecord) {
  const RunRecord empty;
  EXPECT_EQ(test::html_fault(report_sections().get(GetParam()).write({empty})), "");
}

TEST_P(EverySection, EscapesTextsOfUsers) {
  test::SampleRun sample;
  // JSON files hold valid UTF-8 only; the rest may stand anywhere.
  sample.word = kHostile.substr(0, kHostile.size() - 1);
  const std::string html = write(sample);
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_EQ(html.find("<img src=x"), std::string::npos);
}

TEST_P(EverySection, HasAHeadingAndAHelp) {
  const auto& section = report_sections().get(GetParam());
  EXPECT_FALSE(section.title.empty());
  EXPECT_FALSE(section.help.empty());
}

INSTANTIATE_TEST_SUITE_P(Registry, EverySection, ::testing::ValuesIn(report_sections().names()),
                         [](const auto& info) { return info.param; });

class Sections : public ::testing::Test {
 protected:
  std::string write(std::string_view section, const ReportInput& input) {
    return report_sections().get(section).write(input);
  }
  RunRecord record(const test::SampleRun& sample = {}) {
    return read_run(test::write_sample_run(temporary_ / "run", sample));
  }
  static bool has(const std::string& html, std::string_view text) {
    return html.find(text) != std::string::npos;
  }
  test::TemporaryDirectory temporary_;
};

TEST_F(Sections, TheResultSaysWhatIsKeptAndWhatIsNot) {
  const RunRecord run = record();
  const std::string html = write("result", {run});
  EXPECT_TRUE(has(html, "within the limit of 1.00 k"));
  EXPECT_TRUE(has(html, "above the limit of 100"));
  EXPECT_TRUE(has(html, "not distinguishable"));
  EXPECT_TRUE(has(html, "75.00 %"));
  EXPECT_FALSE(has(html, "not finished"));
}

TEST_F(Sections, AnUnfinishedRunSaysHowToGoOn) {
  test::SampleRun sample;
  sample.tested = false;
  const RunRecord run = record(sample);
  EXPECT_TRUE(has(write("result", {run}), "nasmyth search --resume"));
}

TEST_F(Sections, MistakesShowTheirImages) {
  const RunRecord run = record();
  DatasetPair data = test::sample_data();
  ReportInput input{run, &data};
  EXPECT_TRUE(has(write("mistakes", input), "data:image/png;base64,"));
  input.images = false;
  EXPECT_TRUE(has(write("mistakes", input), "left out on request"));
  input.images = true;
  data.test.labels[0] = 1;
  EXPECT_TRUE(has(write("mistakes", input), "not what it was"));
  input.data = nullptr;
  input.data_fault = "the disk is gone";
  EXPECT_TRUE(has(write("mistakes", input), "the disk is gone"));
}

TEST_F(Sections, ImagesThatAreNoBytesAreShownToo) {
  const RunRecord run = record();
  DatasetPair data = test::sample_data();
  data.test.values.assign(data.test.pixels.size(), 0.5f);
  data.test.values[3] = -70.0f;
  data.test.pixels.clear();
  const ReportInput input{run, &data};
  EXPECT_TRUE(has(write("mistakes", input), "data:image/png;base64,"));
  data.test.height = 1;
  data.test.width = 64;
  const std::string html = write("mistakes", input);
  EXPECT_TRUE(has(html, "<svg class=\"signal\""));
  EXPECT_TRUE(has(html, "<polyline points=\"2.00,"));
  EXPECT_FALSE(has(html, "nan"));
}

TEST_F(Sections, ChoicesMarkTheOptionOfTheNetwork) {
  const RunRecord run = record();
  EXPECT_TRUE(has(write("choices", {run}), "<li class=\"own\"><i class=\"c0\"></i>small"));
}

TEST_F(Sections, WarningsAreSaidOnce) {
  const RunRecord run = record();
  const std::string html = write("decisions", {run});
  EXPECT_EQ(html.find("a warning about small"), html.rfind("a warning about small"));
  EXPECT_TRUE(has(html, "a decision about small"));
}

TEST_F(Sections, TheWholeReportIsWellFormed) {
  const RunDirectory run = test::write_sample_run(temporary_ / "whole");
  const DatasetPair data = test::sample_data();
  const std::string html = write_report(run, {}, &data);
  EXPECT_EQ(test::html_fault(html), "");
  for (const auto& [name, section] : report_sections())
    EXPECT_TRUE(has(html, "<h2>" + escape_html(section.title) + "</h2>")) << name;
}

}  // namespace
}  // namespace nasmyth
