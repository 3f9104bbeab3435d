#include "nasmyth/report/page.h"

#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/report/assets.h"
#include "tests/report/well_formed.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

TEST(Page, HasItsPartsAndNothingFromElsewhere) {
  const std::string html =
      html_page("a <b> run", "<p>sub</p>", {{"First & last", "<canvas></canvas>"}});
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_NE(html.find("<section id=\"first---last\">"), std::string::npos);
  EXPECT_NE(html.find("a &lt;b&gt; run"), std::string::npos);
  for (const char* word : {"src=\"http", "href=\"http", "url(http", "@import", "sourceMappingURL"})
    EXPECT_EQ(html.find(word), std::string::npos) << word;
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(html.find("Chart.js v"), std::string::npos);
}

TEST(Page, WithoutChartsThereIsNoScript) {
  EXPECT_EQ(html_page("a", "", {{"b", "<p>c</p>"}}).find("<script"), std::string::npos);
}

TEST(Page, AssetsCannotEndTheirElement) {
  for (const auto text : {report_style(), report_script(), chart_library()}) {
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find("</script"), std::string_view::npos);
    EXPECT_EQ(text.find("</style"), std::string_view::npos);
    EXPECT_EQ(text.find("<!--"), std::string_view::npos);
  }
}

TEST(Page, OnlyPagesOfTheProgramAreReplaced) {
  const test::TemporaryDirectory temporary;
  const auto path = temporary / "report.html";
  const std::string page = html_page("a", "", {});
  write_page(path, page);
  write_page(path, page);
  EXPECT_EQ(read_file(path), page);
  write_file_atomic(path, "<html>something that a person wrote</html>");
  EXPECT_THROW(write_page(path, page), Error);
  EXPECT_EQ(read_file(path), "<html>something that a person wrote</html>");
  EXPECT_THROW(write_page(temporary.path(), page), Error);
  EXPECT_THROW(write_page(temporary / "absent/report.html", page), Error);
}

}  // namespace
}  // namespace nasmyth
