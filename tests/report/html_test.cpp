#include "nasmyth/report/html.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/report/base64.h"
#include "tests/report/well_formed.h"

namespace nasmyth {
namespace {

TEST(Html, EscapesWhatHasAMeaning) {
  EXPECT_EQ(escape_html("<b a=\"1\" c='2'>&amp;</b>"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;");
  EXPECT_EQ(escape_html("caf\xc3\xa9 \xe2\x80\x93 \xf0\x9f\x98\x80"),
            "caf\xc3\xa9 \xe2\x80\x93 \xf0\x9f\x98\x80");
}

TEST(Html, BytesThatAreNoTextAreReplaced) {
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(escape_html("a\xff"
                        "b"),
            "a" + mark + "b");
  EXPECT_EQ(escape_html("\xc3"), mark);                        // cut off
  EXPECT_EQ(escape_html("\xc0\xaf"), mark + mark);             // overlong
  EXPECT_EQ(escape_html("\xed\xa0\x80"), mark + mark + mark);  // a surrogate
  EXPECT_EQ(escape_html(std::string_view("\0\x1b[1m", 5)), mark + mark + "[1m");
  EXPECT_EQ(escape_html("a\nb\tc"), "a\nb\tc");
}

TEST(Html, TablesFillMissingCellsAndRefuseTooMany) {
  HtmlTable table({"name", ">count"}, "compact");
  EXPECT_TRUE(table.empty());
  table.add_row({cell("<a>"), cell("1")}, "own");
  table.add_row({cell("b")});
  EXPECT_THROW(table.add_row({cell("1"), cell("2"), cell("3")}), Error);
  const std::string html = table.to_html();
  EXPECT_EQ(test::html_fault(html), "");
  EXPECT_NE(html.find("&lt;a&gt;"), std::string::npos);
  EXPECT_NE(html.find("<td class=\"number\"></td>"), std::string::npos);
}

TEST(Html, NumbersForPeople) {
  EXPECT_EQ(count_text(19366),
            "19\xe2\x80\xaf"
            "366");
  EXPECT_EQ(count_text(1234567),
            "1\xe2\x80\xaf"
            "234\xe2\x80\xaf"
            "567");
  EXPECT_EQ(count_text(-1000),
            "-1\xe2\x80\xaf"
            "000");
  EXPECT_EQ(count_text(7), "7");
  EXPECT_EQ(count_text(std::nan("")), "n/a");
  EXPECT_EQ(percent_text(0.915), "91.50 %");
  EXPECT_EQ(percent_text(std::nan("")), "n/a");
}

TEST(Html, BarsStayInTheirPlace) {
  EXPECT_NE(bar(3).find("width:100.0%"), std::string::npos);
  EXPECT_NE(bar(std::nan("")).find("width:0.0%"), std::string::npos);
  EXPECT_NE(bar(0.25, 0.5, "over").find("left:50.0%"), std::string::npos);
  EXPECT_EQ(test::html_fault(bar(0.25, 0.5, "over")), "");
}

TEST(Html, Base64) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Html, TheCheckOfTheseTestsFindsFaults) {
  EXPECT_EQ(test::html_fault("<p a=\">\">x<br>y</p><svg><path d=\"\"/></svg>"), "");
  EXPECT_NE(test::html_fault("<p><b>x</p></b>"), "");
  EXPECT_NE(test::html_fault("<p>"), "");
  EXPECT_NE(test::html_fault("a < b"), "");
  EXPECT_NE(test::html_fault("a > b"), "");
}

}  // namespace
}  // namespace nasmyth
